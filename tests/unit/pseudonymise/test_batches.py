"""The token step on Arrow batches: the same in any batching, and nothing that it is told holds a key."""

import os
import pickle
import subprocess
import sys
from functools import partial

import polars as pl
import pyarrow as pa
import pytest

from hub.settings import Settings
from keys.home import create_ring
from pseudonymise import batches
from pseudonymise.batches import HomeKeys, StepKeys, TokenPlan, tokenise
from pseudonymise.errors import ColumnNotCovered
from pseudonymise.linkage_columns import linkage_columns
from schemas.contract import Identifier
from tests.unit.pseudonymise.both_schemes import HUB, IDENTIFIERS, SOURCE, frame_of
from tests.unit.pseudonymise.crowd import people

PEOPLE = 300
CROWD = frame_of(people(0, PEOPLE)).with_row_index("row")
PLAN = TokenPlan(IDENTIFIERS, ("row",), partial(StepKeys, SOURCE, HUB))


def in_batches(size: int) -> list[pa.RecordBatch]:
    return CROWD.to_arrow().to_batches(max_chunksize=size)


@pytest.fixture(scope="module")
def at_once() -> pa.Table:
    return pa.Table.from_batches(tokenise(in_batches(PEOPLE), PLAN)).combine_chunks()


def test_it_makes_what_the_hub_makes_of_a_frame(at_once):
    made = linkage_columns(CROWD, IDENTIFIERS, SOURCE, HUB)
    assert pl.DataFrame(pl.from_arrow(at_once)).equals(made.insert_column(0, CROWD["row"]))


@pytest.mark.parametrize(("size", "rows"), [(1, 65_536), (7, 50), (100, 99), (300, 100)])
def test_it_makes_the_same_in_any_batching(at_once, monkeypatch, size, rows):
    monkeypatch.setattr(batches, "ROWS", rows)
    made = pa.Table.from_batches(tokenise(iter(in_batches(size)), PLAN))
    assert made.combine_chunks().equals(at_once)


def test_no_rows_are_no_special_case():
    assert list(tokenise([], PLAN)) == []
    assert list(tokenise([in_batches(PEOPLE)[0].slice(0, 0)], PLAN)) == []


def test_a_column_that_is_neither_kept_nor_an_identifier_ends_there():
    told = TokenPlan({"surname": Identifier.SURNAME}, ("row",), PLAN.open_keys)
    (made,) = tokenise(in_batches(PEOPLE), told)
    assert {"forename", "surname", "postcode"}.isdisjoint(made.schema.names)
    assert made["token_surname"].null_count < PEOPLE
    assert made["token_forename"].null_count == PEOPLE


def test_it_refuses_to_keep_an_identifier():
    with pytest.raises(ColumnNotCovered, match="column surname: it would be kept beside its tokens"):
        list(tokenise(in_batches(PEOPLE), TokenPlan(IDENTIFIERS, ("row", "surname"), PLAN.open_keys)))


@pytest.mark.parametrize("kind", [pa.float64(), pa.int64()])
def test_it_refuses_numbers_that_may_have_lost_digits(kind):
    sent = pa.record_batch({"uprn": pa.array([100_021_000_000], kind)})
    with pytest.raises(ColumnNotCovered, match="column uprn: it does not hold text"):
        list(tokenise([sent], TokenPlan({"uprn": Identifier.UPRN}, (), PLAN.open_keys)))


@pytest.fixture
def home(tmp_path):
    create_ring(Settings(home=tmp_path))
    return tmp_path


@pytest.mark.parametrize("both_stages", [True, False])
def test_a_plan_opens_its_keys_where_the_work_is_done(home, both_stages):
    plan = TokenPlan(IDENTIFIERS, ("row",), HomeKeys(home, both_stages))
    made = pa.Table.from_batches(tokenise(in_batches(100), pickle.loads(pickle.dumps(plan))))
    keys = HomeKeys(home, both_stages)()
    assert (keys.hub is not None) == both_stages
    expected = linkage_columns(CROWD, IDENTIFIERS, keys.source, keys.hub)
    assert pl.DataFrame(pl.from_arrow(made)).drop("row").equals(expected)


def test_neither_a_pickled_nor_a_printed_plan_holds_a_key(home):
    plan = TokenPlan(IDENTIFIERS, ("row",), HomeKeys(home))
    source = plan.open_keys().source
    shown = pickle.dumps(plan) + repr(plan).encode() + repr(plan.open_keys()).encode()
    assert source.source.material not in shown
    assert source.source.material.hex().encode() not in shown
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(PLAN)


SAYS_ALL = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
import pyarrow as pa
from pathlib import Path
from pseudonymise.batches import HomeKeys, TokenPlan, tokenise
from schemas.contract import Identifier
plan = TokenPlan({"surname": Identifier.SURNAME}, (), HomeKeys(Path(sys.argv[1])))
print(sum(batch.num_rows for batch in tokenise([pa.record_batch({"surname": ["Canaryname"]})], plan)))
print(repr(plan), plan.open_keys())
"""


def test_no_key_and_no_name_is_said_however_much_is_logged(home):
    loud = {**os.environ, "POLARS_VERBOSE": "1", "RUST_LOG": "trace", "PYTHONFAULTHANDLER": "1"}
    said = subprocess.run(
        [sys.executable, "-c", SAYS_ALL, home], capture_output=True, text=True, env=loud, check=True, timeout=120
    )
    keys = HomeKeys(home)()
    source, hub = keys.source, keys.hub
    secrets = [source.source.material.hex(), hub.hub.material.hex(), source.token("surname"), *hub.token("surname")]
    secrets += [source.encoding("surname"), "canaryname"]
    assert said.stdout.startswith("1\n")
    assert not [number for number, secret in enumerate(secrets) if secret in (said.stdout + said.stderr).lower()]
