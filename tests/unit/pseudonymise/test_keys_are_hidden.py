"""No key of the token step is shown or serialised, whatever fails."""

import io
import pickle
import traceback

import polars as pl
import pytest
from rich.console import Console
from rich.traceback import Traceback

from pseudonymise.errors import DigestRefused
from pseudonymise.tokens import HmacKey, digest
from tests.unit.pseudonymise.both_schemes import HUB, SOURCE

KEYS = [
    SOURCE.token("sex"), SOURCE.encoding("surname"), SOURCE.reference("a.feed"), *HUB.token("sex"),
    HUB.reference("a.feed", "event"),
]  # fmt: skip
SECRET = bytes(range(200, 232))


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_a_key_is_neither_shown_nor_pickled(key):
    assert len(key) == 64
    assert str.__str__(key) not in f"{key!r} {[key]} {SOURCE!r} {HUB!r}"
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(key)


@pytest.mark.parametrize("values", [[1, 2], [1.5], [[b"x"]], [True]])
def test_a_digest_that_fails_shows_no_key_even_with_all_local_variables(values):
    with pytest.raises(DigestRefused) as error:
        digest(pl.Series("a_column", values), HmacKey.of(SECRET))
    told = io.StringIO()
    Console(file=told, width=1_000).print(
        Traceback.from_exception(error.type, error.value, error.tb, show_locals=True, locals_max_string=None)
    )
    told.write("".join(traceback.format_exception(error.value)) + repr(error.value))
    assert "column a_column" in told.getvalue()
    assert "HmacKey(hidden)" in told.getvalue()
    assert SECRET.hex() not in told.getvalue()
