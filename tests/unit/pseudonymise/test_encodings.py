"""What encodings are for: like values are alike, unlike ones are not, before and after the hub's stage."""

import numpy as np
import polars as pl
import pytest

from keys.key import Key
from pseudonymise.encodings import encode
from pseudonymise.permutation import permutation
from pseudonymise.scheme_keys import SourceKeys

KEYS = SourceKeys(Key("source/1", bytes(32)))
HUB_ORDER = permutation("11" * 32)


def dice(field, one, two, places=None):
    encoded = encode(pl.Series([one, two]), field, KEYS.encoding(field), places)
    bits = [np.unpackbits(np.frombuffer(value, dtype=np.uint8)).astype(bool) for value in encoded]
    return 2 * (bits[0] & bits[1]).sum() / (bits[0].sum() + bits[1].sum())


LIKENESS = [
    # field          one           two           at least  at most
    ("surname", "smith", "smith", 1.0, 1.0),
    ("surname", "smith", "smyth", 0.6, 0.9),
    ("surname", "obriensmith", "obrien", 0.6, 0.9),
    ("forename", "mohammed", "muhammad", 0.5, 0.9),
    ("surname", "smith", "okafor", 0.0, 0.35),
    ("postcode", "KT1 1EU", "KT1 1EX", 0.75, 0.95),
    ("postcode", "KT1 1EU", "KT11 1EU", 0.4, 0.9),
    ("postcode", "KT1 1EU", "SW9 8PQ", 0.0, 0.35),
    ("date_of_birth", "1987-03-12", "1987-12-03", 0.6, 0.9),
    ("date_of_birth", "1987-03-12", "1987-03-13", 0.7, 0.95),
    ("date_of_birth", "1987-03-12", "2004-11-30", 0.0, 0.4),
]


@pytest.mark.parametrize(("field", "one", "two", "least", "most"), LIKENESS)
def test_likeness(field, one, two, least, most):
    assert least <= dice(field, one, two) <= most


@pytest.mark.parametrize(("field", "one", "two", "least", "most"), LIKENESS)
def test_the_hub_stage_keeps_likeness_exactly(field, one, two, least, most):
    assert dice(field, one, two, HUB_ORDER) == dice(field, one, two)


def test_the_hub_stage_moves_every_bit_once():
    assert sorted(HUB_ORDER.tolist()) == list(range(512))
    assert np.count_nonzero(HUB_ORDER - np.arange(512)) > 500


def test_another_key_gives_another_encoding():
    other = SourceKeys(Key("source/1", b"\x01" * 32))
    value = pl.Series(["smith"])
    assert (
        encode(value, "surname", KEYS.encoding("surname"))[0] != encode(value, "surname", other.encoding("surname"))[0]
    )


def test_more_values_than_one_batch_holds_are_encoded_alike():
    names = pl.Series([f"name{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}" for i in range(17_000)])
    together = encode(names, "surname", KEYS.encoding("surname"))
    for place in (0, 8191, 8192, 16_999):
        assert together[place] == encode(names[place : place + 1], "surname", KEYS.encoding("surname"))[0]
