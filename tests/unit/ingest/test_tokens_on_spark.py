"""With ``engine: spark`` an admission has its tokens made by Spark's workers, and keeps the same to the byte.

It needs PySpark, an extra, and Java: it runs in ``make test-all`` where both are there.
"""

import importlib.util
import re
import shutil
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from hub.errors import EngineMissing
from hub.settings import Settings
from ingest.journey import admit
from keys.home import create_ring, open_ring
from keys.services import Service
from pseudonymise.batches import StepKeys
from pseudonymise.errors import TokensNotMade
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.on_spark import TheSameKeys, proof, token_step
from pseudonymise.scheme_keys import hub_keys, source_keys
from schemas.contract import Identifier
from store.deliveries import State
from tests.cases import takes_long
from tests.unit.ingest.road import CANARY, POLICE, Road

INSTALLED = importlib.util.find_spec("pyspark") is not None
on_spark = pytest.mark.skipif(
    not INSTALLED or shutil.which("java") is None,
    reason="PySpark is an extra (uv sync --extra spark), and Spark needs Java on the path",
)
ROWS = pl.DataFrame({"surname": ["Garcia", None, "Ng"] * 200})
SURNAME = {"surname": Identifier.SURNAME}


def spark(settings: Settings) -> Settings:
    return settings.model_copy(update={"engine": "spark", "spark_master": "local[2]"})


@on_spark
@takes_long
def test_what_is_kept_is_the_same(road: Road, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture) -> None:
    pages = [re.sub(rb"(Smith|Jones|Khan)", CANARY.encode(), page) for page in road.pages(POLICE, 300)]
    one, other = road.delivered(POLICE, pages), road.delivered(POLICE, pages)
    here = admit(road.settings, one)
    monkeypatch.setattr("ingest.admission.token_step", partial(token_step, fewest=1))
    there = admit(spark(road.settings), other)
    assert (there.received, there.accepted, there.reasons) == (here.received, here.accepted, here.reasons)
    mine, theirs = road.kept(other), road.kept(one)
    for made, expected in zip(mine.pop("tables"), theirs.pop("tables"), strict=True):  # type: ignore[call-overload]
        assert made.equals(expected)
    assert mine == theirs
    assert CANARY not in "".join(capfd.readouterr())


@on_spark
@takes_long
def test_a_worker_with_other_keys_makes_none(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    settings, other = Settings(home=tmp_path / "ours"), Settings(home=tmp_path / "theirs")
    create_ring(settings), create_ring(other)
    ring = open_ring(other, Service.INGEST)
    with (
        token_step(spark(settings), fewest=1) as tokens,
        pytest.raises(TokensNotMade, match="it did not finish"),
    ):
        tokens(ROWS, SURNAME, source_keys(ring), hub_keys(ring))
    assert "Garcia" not in "".join(capfd.readouterr())


def test_keys_are_held_to_what_they_make_of_a_text_that_is_nobodys(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        create_ring(Settings(home=tmp_path / name))
    ours = TheSameKeys(tmp_path / "ours", ())
    with pytest.raises(TokensNotMade, match="its keys are not those"):
        ours()
    ring = open_ring(Settings(home=tmp_path / "ours"), Service.INGEST)
    keys = TheSameKeys(tmp_path / "ours", proof(StepKeys(source_keys(ring), hub_keys(ring))))()
    assert keys.source == source_keys(ring)


def test_few_rows_stay_here_and_no_session_is_begun(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, engine="spark", spark_master="nowhere")
    ring = create_ring(settings)
    given = (ROWS, SURNAME, source_keys(ring), hub_keys(ring))
    if not INSTALLED:
        with pytest.raises(EngineMissing, match="uv sync --extra spark"), token_step(settings):
            pass
        return
    with token_step(settings) as tokens:
        assert tokens(*given).equals(linkage_columns(*given))


def test_without_spark_a_delivery_stays_where_it_is(road: Road) -> None:
    if INSTALLED:
        pytest.skip("PySpark is installed here")
    delivery = road.delivered(POLICE, road.pages(POLICE, 300)[:1])
    with pytest.raises(EngineMissing):
        admit(spark(road.settings), delivery)
    assert road.undecided(delivery)
    assert admit(road.settings, delivery).state == State.ADMITTED
