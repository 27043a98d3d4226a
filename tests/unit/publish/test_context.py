"""Factors, interventions, areas and the release's own table, from a hub's admitted deliveries to what analysts read."""

from datetime import date
from typing import Any

import polars as pl
import pytest
import yaml

from agreement.errors import AgreementRefusal
from agreement.grants import portions
from agreement.policy import load_agreement
from hub.clock import now
from hub.database import transaction
from hub.settings import PROJECT
from publish.database import ANALYSTS
from publish.granted import permit_tables
from publish.parquet import to_parquet
from publish.publication import publish
from publish.releases import find
from publish.writing import table_entry
from tests.unit.publish.small_hub import Hub
from tests.unit.publish.test_candidate import tables_of

SHIPPED = yaml.load((PROJECT / "config" / "agreement.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
CONTEXT = ("factor", "intervention", "area", "release")
WEIGHTS = "offence_code,weight,unit,source\n005,1095.5,days,an index\n008/06,10,days,an index\n"


def grant(terms: dict[str, Any]) -> None:
    """Grant the analysts the four tables as the shipped agreement does, and harm."""
    tables = terms["recipients"][ANALYSTS]["tables"]
    tables |= {name: SHIPPED["recipients"][ANALYSTS]["tables"][name] for name in CONTEXT}
    tables["event"]["columns"].append("harm")


@pytest.fixture
def granted(hub: Hub) -> Hub:
    hub.agree(grant)
    return hub


def test_analysts_get_factors_of_their_own_persons_by_their_own_events(granted: Hub) -> None:
    release = granted.build().release
    tables = tables_of(granted, release)
    factor = tables["factor"]
    of_persons = factor.drop_nulls("person_id")
    girl = of_persons.filter(pl.col("feed") == "health.emergency_care")["person_id"].unique().item()
    said = of_persons.filter(person_id=girl).select("factor", "feed", "known_from", "last_stated_on", "statements")
    assert said.rows() == [
        ("repeat victim of violence", "police.recorded_crime", date(2026, 7, 5), date(2026, 7, 5), 2),
        ("victim of violence", "health.emergency_care", date(2026, 7, 4), date(2026, 7, 4), 1),
        ("victim of violence", "police.recorded_crime", date(2026, 7, 4), date(2026, 7, 5), 2),
    ]
    others = of_persons.filter(pl.col("person_id") != girl).group_by("person_id").agg(pl.col("factor").unique().sort())
    assert sorted(others["factor"].to_list()) == [["suspected of violence", "weapon"], ["victim of violence"]]
    of_areas = factor.filter(pl.col("person_id").is_null())
    assert of_areas.join(tables["area"], on="area_code", how="anti").is_empty()
    assert set(of_areas["level"]) == {"community"}
    granted.decide(release)
    publish(granted.settings, granted.ring, release)
    assert granted.rows("SELECT count(*) FROM current.factor WHERE person_id IS NOT NULL") == [(of_persons.height,)]
    assert granted.rows("SELECT count(*), count(DISTINCT quarter) FROM current.release") == [(16, 1)]
    own = {row[0] for row in granted.rows("SELECT person_id FROM hub.person")}
    assert not own & {*of_persons["person_id"]}
    assert not own & {*tables["intervention"]["person_id"]}


def test_the_release_says_how_complete_each_feed_is(granted: Hub) -> None:
    told = tables_of(granted, granted.build().release)["release"].rows_by_key("feed", named=True, unique=True)
    police = told["police.recorded_crime"]
    assert (police["state"], police["rows_received"], police["rows_accepted"], police["quarter_rows"]) == (
        "admitted", 5, 4, 4,
    )  # fmt: skip
    assert (police["accepted_share"], police["linkage_precision"], police["persons"]) == (0.8, 0.999, 3)
    assert (told["council.marac"]["state"], told["council.marac"]["accepted_share"]) == ("missing", None)


def test_harm_is_there_only_where_weights_are_loaded_and_the_manifest_says_which(granted: Hub) -> None:
    without = granted.build()
    assert "harm" not in tables_of(granted, without.release)["event"].columns
    assert said_of(granted, without.release)["harm"] == (None, "no weights are loaded, so that no event has harm")
    (granted.settings.config / "reference" / "harm.csv").write_text(WEIGHTS, encoding="utf-8")
    built = granted.build()
    event = tables_of(granted, built.release)["event"]
    assert event.filter(pl.col("event_type") == "crime").select("offence_code", "harm").sort("harm").rows() == [
        ("034/10", None), ("008/06", 10.0), ("005/01", 1095.5), ("005/01", 1095.5),
    ]  # fmt: skip
    assert event.filter(pl.col("event_type") != "crime")["harm"].is_null().all()
    sha256, said = said_of(granted, built.release)["harm"]
    assert said == "an index, in days"
    assert sha256 is not None
    assert tables_of(granted, built.release)["release"]["harm_unit"].unique().to_list() == ["days"]
    assert said_of(granted, built.release)["areas"][1].startswith("made up for the demonstration: ")


def said_of(hub: Hub, release: str) -> dict[str, tuple[str | None, str]]:
    with transaction(hub.settings) as connection:
        return {entry.name: (entry.sha256, entry.said) for entry in find(connection, release).manifest.references or ()}


def test_a_factor_or_an_intervention_of_nobody_who_is_given_is_refused(granted: Hub) -> None:
    agreement, tables = load_agreement(granted.settings), tables_of(granted, granted.build().release)
    asked = portions(agreement, ANALYSTS)

    def permit(given: dict[str, pl.DataFrame]) -> None:
        files = {f"{name}.parquet": to_parquet(frame) for name, frame in given.items()}
        entries = [table_entry(name, frame.height, asked[name], files) for name, frame in given.items()]
        permit_tables(agreement, ANALYSTS, entries, files, now().date())

    permit(tables)
    factor = tables["factor"].drop_nulls("person_id")
    stray = {
        "factor": factor.head(1),
        "intervention": pl.DataFrame([{"person_id": "f" * 32}], tables["intervention"].schema),
    }
    for name, row in stray.items():
        wrong = row.with_columns(person_id=pl.lit("f" * 32))
        with pytest.raises(AgreementRefusal, match=f"tables.{name}.*1 rows are of no person that is given"):
            permit(tables | {name: pl.concat([tables[name], wrong])})


def test_rows_of_these_tables_are_narrowed_as_the_grant_says(granted: Hub) -> None:
    def narrow(terms: dict[str, Any]) -> None:
        tables = terms["recipients"][ANALYSTS]["tables"]
        tables["factor"]["rows"] = {"level": ["community"]}
        tables["area"]["rows"] = {"kind": ["ward"]}

    granted.agree(narrow)
    tables = tables_of(granted, granted.build().release)
    assert set(tables["factor"]["level"]) == {"community"}
    assert set(tables["area"]["kind"]) == {"ward"}
