"""With ``engine: spark`` an admission has its tokens made by Spark's workers, and keeps the same to the byte.

It needs PySpark, an extra, and Java: it runs in ``make test-all`` where both are there.
"""

import importlib.util
import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from hub.errors import EngineMissing
from hub.settings import Settings
from ingest.journey import admit
from keys.home import create_ring, open_ring, open_source_ring, source_ring_path
from keys.services import Service
from partners.layout import extract_path
from pseudonymise import on_spark as on_spark_module
from pseudonymise.batches import HomeKeys, HubHomeKeys, StepKeys
from pseudonymise.errors import EncodedFormRefused, TokensNotMade
from pseudonymise.linkage_columns import hub_stage_columns, linkage_columns
from pseudonymise.on_spark import TheSameKeys, proof, token_step
from pseudonymise.scheme_keys import hub_keys, source_keys
from pseudonymise.source import encode_at_source
from schemas.contract import Identifier
from store.deliveries import State
from tests.cases import takes_long
from tests.unit.ingest.road import CANARY, POLICE, QUARTER, Road

INSTALLED = importlib.util.find_spec("pyspark") is not None
on_spark = pytest.mark.skipif(
    not INSTALLED or shutil.which("java") is None,
    reason="PySpark is an extra (uv sync --extra spark), and Spark needs Java on the path",
)
HEALTH, NAMES = "health.emergency_care", rb"(?i)\b(Smith|Jones|Khan)\b"
ROWS = pl.DataFrame({"surname": ["Garcia", None, "Ng"] * 200})
SURNAME = {"surname": Identifier.SURNAME}


def spark(settings: Settings) -> Settings:
    return settings.model_copy(update={"engine": "spark", "spark_master": "local[2]"})


def of_police(road: Road) -> list[bytes]:
    """Rows with names."""
    return [re.sub(NAMES, CANARY.encode(), page) for page in road.pages(POLICE, 300)]


def of_health(road: Road) -> list[bytes]:
    """Rows that were encoded at source, of which some lack a form or all."""
    clear = extract_path(road.borough, HEALTH, str(QUARTER)).read_bytes()
    ring = open_source_ring(road.settings)
    return [encode_at_source(re.sub(NAMES, CANARY.encode(), clear), HEALTH, ring, QUARTER)]


@on_spark
@takes_long
@pytest.mark.parametrize(("feed", "pages"), [(POLICE, of_police), (HEALTH, of_health)])
def test_what_is_kept_is_the_same(
    road: Road,
    feed: str,
    pages: Callable[[Road], list[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
) -> None:
    given, worked_here, called_from = pages(road), [], tmp_path / "called_from"
    called_from.mkdir()
    monkeypatch.chdir(called_from)
    one, other = road.delivered(feed, given), road.delivered(feed, given)
    here = admit(road.settings, one)
    monkeypatch.setattr("ingest.admission.token_step", partial(token_step, fewest=1))
    for name in ("linkage_columns", "hub_stage_columns"):
        monkeypatch.setattr(f"pseudonymise.on_spark.{name}", counted(getattr(on_spark_module, name), worked_here))
    there = admit(spark(road.settings), other)
    assert (there.received, there.accepted, there.reasons) == (here.received, here.accepted, here.reasons)
    mine, theirs = road.kept(other), road.kept(one)
    for made, expected in zip(mine.pop("tables"), theirs.pop("tables"), strict=True):  # type: ignore[call-overload]
        assert made.equals(expected)
    assert mine == theirs
    assert set(worked_here) == {1}, "what is nobody's alone is worked on here: the rest by the workers"
    assert CANARY not in "".join(capfd.readouterr())
    assert not list(called_from.iterdir()), "Spark leaves nothing where the command was called from"
    assert not list((road.settings.home / "scratch").iterdir()), "nor in the home"


def counted(step: Callable[..., pl.DataFrame], rows: list[int]) -> Callable[..., pl.DataFrame]:
    def work(frame: pl.DataFrame, *more: object) -> pl.DataFrame:
        rows.append(frame.height)
        return step(frame, *more)

    return work


@on_spark
@takes_long
def test_a_worker_with_other_keys_makes_none(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    settings, other = Settings(home=tmp_path / "ours"), Settings(home=tmp_path / "theirs")
    create_ring(settings), create_ring(other)
    ring = open_ring(other, Service.INGEST)
    encoded = linkage_columns(ROWS, SURNAME, source_keys(ring), None)
    with token_step(spark(settings), fewest=1) as steps:
        with pytest.raises(TokensNotMade, match="it did not finish"):
            steps.both(ROWS, SURNAME, source_keys(ring), hub_keys(ring))
        with pytest.raises(TokensNotMade, match="it did not finish") as told:
            steps.hub(encoded, hub_keys(ring))
    printed = "".join(capfd.readouterr()) + str(told.value)
    assert "Garcia" not in printed
    assert encoded["token_surname"][0] not in printed


@on_spark
def test_what_a_source_encoded_in_another_form_is_refused_before_it_goes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, engine="spark", spark_master="nowhere")
    keys = hub_keys(create_ring(settings))
    with token_step(settings, fewest=1) as steps:
        for wrong in ({"token_surname": ["Garcia"]}, {"encoding_surname": [b"Garcia"]}):
            with pytest.raises(EncodedFormRefused, match="Have the authority encode again") as told:
                steps.hub(pl.DataFrame(wrong), keys)
            assert "Garcia" not in str(told.value)


def test_keys_are_held_to_what_they_make_of_a_text_that_is_nobodys(tmp_path: Path) -> None:
    for name in ("ours", "theirs"):
        create_ring(Settings(home=tmp_path / name))
    ours = tmp_path / "ours"
    ring, other = (open_ring(Settings(home=tmp_path / name), Service.INGEST) for name in ("ours", "theirs"))
    both = TheSameKeys(HomeKeys(ours), proof(StepKeys(source_keys(ring), hub_keys(ring))))()
    assert both.source == source_keys(ring)
    source_ring_path(Settings(home=ours)).unlink()  # authorities may keep it among themselves
    assert TheSameKeys(HubHomeKeys(ours), proof(hub_keys(ring)))() == hub_keys(ring)
    for own, wrong in (
        (HomeKeys(tmp_path / "theirs"), proof(StepKeys(source_keys(ring), hub_keys(ring)))),
        (HubHomeKeys(ours), proof(hub_keys(other))),
    ):
        with pytest.raises(TokensNotMade, match="its keys are not those"):
            TheSameKeys(own, wrong)()


def test_few_rows_stay_here_and_no_session_is_begun(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, engine="spark", spark_master="nowhere")
    ring = create_ring(settings)
    given = (ROWS, SURNAME, source_keys(ring), hub_keys(ring))
    if not INSTALLED:
        with pytest.raises(EngineMissing, match="uv sync --extra spark"), token_step(settings):
            pass
        return
    encoded = linkage_columns(ROWS, SURNAME, source_keys(ring), None)
    with token_step(settings) as steps:
        assert steps.both(*given).equals(linkage_columns(*given))
        assert steps.hub(encoded, hub_keys(ring)).equals(hub_stage_columns(encoded, hub_keys(ring)))


def test_without_spark_a_delivery_stays_where_it_is(road: Road) -> None:
    if INSTALLED:
        pytest.skip("PySpark is installed here")
    delivery = road.delivered(POLICE, road.pages(POLICE, 300)[:1])
    with pytest.raises(EngineMissing):
        admit(spark(road.settings), delivery)
    assert road.undecided(delivery)
    assert admit(road.settings, delivery).state == State.ADMITTED
