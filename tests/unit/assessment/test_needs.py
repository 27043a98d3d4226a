"""The needs assessment of a borough whose truth is known: what it says is so, and nobody is in it."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from assessment.needs import report as made
from assessment.needs.causes import causes
from assessment.needs.limits import gaps, priorities
from assessment.needs.place import place
from assessment.needs.report import PAGE, Report, assess, files
from assessment.needs.risk import cohorts
from assessment.needs.scale import kinds, scale
from assessment.needs.sheet import Section, Sheet
from assessment.needs.source import Source
from assessment.safe import Gate
from benchmarks.published import published
from definition.model import load_definition
from disclosure.questions import Terms
from factors.model import load_factors
from hub.periods import Quarter
from hub.settings import PROJECT
from publish.tables import age_band

UNTIL = Quarter(2025, 4)
TERMS = Terms(8, 5)
CANARY = "Zebedee Canary"
SECTIONS = ["scope", "population", "scale", "kinds", "place", "time", "people", "repeats", "cohorts", "drivers",
            "services", "priorities", "gaps", "methods"]  # fmt: skip
STATED = {"manifest": "a" * 64}


def release_of(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables as the analysts' release has them: no years of birth, and what the borough's truth leaves out."""
    person = tables["person"].with_columns(age_band=age_band(pl.col("birth_year"), UNTIL.year)).drop("birth_year")
    given = tables["intervention"].with_columns(prevention=pl.lit("secondary"))
    area = tables["area"].with_columns(
        population_10_24=pl.lit(8), population_source=pl.lit("made up"), deprivation_source=pl.lit("made up"),
        synthetic=pl.lit(value=True),
    )  # fmt: skip
    feeds = tables["event"]["feed"].unique().sort()
    told = pl.DataFrame({"feed": feeds, "state": "admitted", "rows_received": 100, "accepted_share": 0.987654})
    quality = {f"linkage_{of}{end}": 0.9912345 for of in ("precision", "recall") for end in ("", "_low", "_high")}
    told = told.with_columns(
        *(pl.lit(value).alias(name) for name, value in quality.items()), harm_unit=pl.lit(None, pl.String)
    )
    return tables | {"person": person, "intervention": given, "area": area, "release": told}


def source_of(tables: dict[str, pl.DataFrame]) -> Source:
    places = pl.read_csv(PROJECT / "config" / "reference" / "areas.csv")
    places = places.select("easting_m", "northing_m", area_code="lsoa_code")
    config = PROJECT / "config"
    return Source("2025-Q4-v1", UNTIL, tables, load_definition(config), load_factors(config), places, TERMS)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return release_of(published(1500, 1, UNTIL))


@pytest.fixture(scope="module")
def report(tables: dict[str, pl.DataFrame]) -> Report:
    return assess(source_of(tables))


def sheets(report: Report) -> dict[str, Sheet]:
    return {sheet.slug: sheet for section in report.sections for sheet in section.sheets}


def says(report: Report, slug: str) -> str:
    return " ".join(next(section for section in report.sections if section.slug == slug).says)


def test_every_section_that_the_duty_asks_for_is_there_and_says_something(report: Report) -> None:
    assert [section.slug for section in report.sections] == SECTIONS
    assert all(section.says for section in report.sections)


def test_every_count_is_hidden_or_a_multiple_of_the_base_and_every_other_figure_has_few_digits(report: Report) -> None:
    shown = 0
    for sheet in sheets(report).values():
        table = list(csv.reader(io.StringIO(sheet.csv().decode())))
        for row in table[1:]:
            for column, cell in zip(sheet.columns, row, strict=True):
                if column.kind == "count":
                    assert cell == "c" or int(cell) % TERMS.round_to == 0, (sheet.slug, cell)
                    shown += cell not in {"c", "0"}
                elif column.kind in {"share", "figure"} and "." in cell:
                    assert len(re.sub(r"^0\.0*|\D", "", cell).rstrip("0")) <= 3, (sheet.slug, cell)
    assert shown > 100


def test_no_id_is_on_the_page_or_in_a_file_and_no_chart_has_an_unrounded_count(
    report: Report, tables: dict[str, pl.DataFrame]
) -> None:
    made = {name: content.decode() for name, content in files(report, STATED).items()}
    ids = {*tables["person"]["person_id"], *tables["event"]["event_id"]}
    long = {word for text in made.values() for word in re.findall(r"[\w/-]{6,}", text)}
    assert not long & ids
    assert "<script" not in made[PAGE]
    assert "http" not in made[PAGE].replace("http://www.w3.org", "")
    titles = re.findall(r"<title>E01\d{6}: (\w+)</title>", made[PAGE])
    assert len(titles) == 99
    assert all(title == "c" or int(title) % 5 == 0 for title in titles)


def test_a_word_that_only_a_row_holds_comes_nowhere(tables: dict[str, pl.DataFrame]) -> None:
    """Texts of rows that no list of the hub knows: they are told of as not known, or not at all."""
    event = tables["event"].with_columns(
        place_type=pl.when(pl.col("place_type") == "street").then(pl.lit(CANARY)).otherwise("place_type")
    )
    given = tables["intervention"].with_columns(intervention=pl.lit(CANARY))
    factor = tables["factor"].with_columns(
        factor=pl.when(pl.col("factor") == "gang").then(pl.lit(CANARY)).otherwise("factor")
    )
    changed = {"event": event, "intervention": given, "factor": factor}
    made = files(assess(source_of(tables | changed)), STATED)
    assert all(CANARY.encode() not in content for content in made.values())


def test_a_small_group_that_is_planted_is_not_shown_and_the_rest_is_as_before(
    tables: dict[str, pl.DataFrame], report: Report
) -> None:
    """Four more homicides in a small area that has none: the count of no kind and of no area tells of them."""
    event = tables["event"]
    one = event.filter(pl.col("violence_kind").is_not_null(), pl.col("lsoa_code").is_not_null()).tail(1)
    four = pl.concat([one.with_columns(pl.lit(f"planted {n}").alias("event_id")) for n in range(4)])
    four = four.with_columns(violence_kind=pl.lit("homicide"), lsoa_code=pl.lit("E01002997"))
    none = event.filter((pl.col("violence_kind") != "homicide") | pl.col("violence_kind").is_null())
    planted = assess(source_of(tables | {"event": pl.concat([none, four])}))
    kind = {row[0]: row[1] for row in sheets(planted)["kinds"].rows}
    assert kind[source_of(tables).definition.kinds["homicide"].title] is None
    assert all(row[1] is None or row[1] % 5 == 0 for row in sheets(planted)["small-areas"].rows)  # type: ignore[operator]


def test_the_same_release_gives_the_same_bytes_and_what_is_hidden_is_learnt_from_no_other_table(
    tables: dict[str, pl.DataFrame], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attacker has every table of the report at once."""
    gates: list[Gate] = []
    monkeypatch.setattr(made, "Gate", lambda terms: gates.append(Gate(terms)) or gates[-1])
    found = made.assess(source_of({name: table.clone() for name, table in tables.items()}))
    assert files(found, STATED) == files(report, STATED)
    assert [gate.learnt() for gate in gates] == [0]
    assert sum(one.small for one in found.decisions) > 20


def of(section: Callable[[Source, Gate], Section], tables: dict[str, pl.DataFrame], **changed: pl.DataFrame) -> str:
    """What one section says of changed tables."""
    return " ".join(section(source_of(tables | changed), Gate(TERMS)).says)


def test_a_rise_is_told_where_there_is_one_and_none_where_there_is_none(tables: dict[str, pl.DataFrame]) -> None:
    event = tables["event"]
    days = pl.date_range(date(2023, 1, 1), UNTIL.ends_on, "1d", eager=True)
    one = event.filter(pl.col("violence_kind").is_not_null()).head(1).drop("event_id", "occurred_on")

    def events(often: list[int]) -> pl.DataFrame:
        rows = pl.DataFrame({"occurred_on": days, "each": [list(range(n)) for n in often]}).explode("each")
        rows = rows.drop_nulls("each").with_row_index("event_id").with_columns(pl.col("event_id").cast(pl.String))
        return rows.join(one, how="cross").select(event.columns)

    steady = [n % 3 for n in range(len(days))]
    growing = [n % 3 + n // 365 for n in range(len(days))]
    assert "No rise or fall of serious violence" in of(scale, tables, event=events(steady))
    assert "Serious violence rose from year to year" in of(scale, tables, event=events(growing))


def test_a_kind_that_doubled_is_named_and_no_other(tables: dict[str, pl.DataFrame]) -> None:
    assert "No kind rose" in of(kinds, tables)
    event = tables["event"]
    robberies = event.filter(pl.col("violence_kind") == "personal robbery", pl.col("occurred_on") >= date(2025, 1, 1))
    again = robberies.with_columns(pl.col("event_id") + " again")
    said = of(kinds, tables, event=pl.concat([event, again]))
    assert "More than in the year before, beyond what chance would give: Robbery." in said


def test_what_restates_violence_is_no_driver_and_is_named(tables: dict[str, pl.DataFrame]) -> None:
    source = source_of(tables)
    assert "suspected of violence" in source.factors.restating
    factor = tables["factor"].with_columns(
        pl.when(pl.col("factor") == "gang").then(pl.lit("suspected of violence")).otherwise("factor").alias("factor")
    )
    found = causes(source_of(tables | {"factor": factor}), Gate(TERMS))
    title = source.factors.factors["suspected of violence"].title
    assert title not in {row[0] for row in found.sheets[0].rows}
    assert title in " ".join(found.says)


def test_one_quarter_alone_tells_of_no_trend_and_says_so(tables: dict[str, pl.DataFrame]) -> None:
    event = tables["event"].filter(pl.col("occurred_on") >= UNTIL.starts_on)
    assert "cannot be told" in of(scale, tables, event=event)
    assert "no whole year before" in of(kinds, tables, event=event)


def test_one_assault_that_police_and_hospital_tell_of_is_one_incident(tables: dict[str, pl.DataFrame]) -> None:
    """Joined to an incident of the police or not is all that differs."""
    attended = pl.col("feed") == "health.emergency_care"
    alone = tables["event"].with_columns(incident_id=pl.col("event_id"), assault_method=pl.lit("fist"))
    alone = alone.with_columns(violence_kind=pl.when(attended).then(pl.lit("rape")).otherwise("violence_kind"))
    victims = tables["involvement"].filter(pl.col("role") == "victim").join(
        alone.filter(pl.col("violence_kind").is_not_null()).select("event_id"), on="event_id"
    ).group_by("person_id").agg(pl.col("event_id").first().alias("at"))  # fmt: skip
    patients = tables["involvement"].filter(attended).join(victims, on="person_id").unique("event_id")
    joined = alone.join(patients.select("event_id", "at"), on="event_id", how="left").with_columns(
        incident_id=pl.coalesce("at", "incident_id")
    )
    apart, together = (source_of(tables | {"event": event}).parts for event in (alone, joined))
    assert together.select("person_id", "incident").n_unique() < apart.select("person_id", "incident").n_unique()
    assert together.select("person_id", "event_id").n_unique() == apart.select("person_id", "event_id").n_unique()


def test_a_release_without_any_violence_is_assessed_and_tells_of_none(tables: dict[str, pl.DataFrame]) -> None:
    event = tables["event"].with_columns(violence_kind=pl.lit(None, pl.String))
    found = assess(source_of(tables | {"event": event}))
    assert "about 0 events" in says(found, "scale")
    assert "No small area" in says(found, "place")


def test_harm_is_weighed_where_weights_are_loaded(tables: dict[str, pl.DataFrame]) -> None:
    harm = pl.when(pl.col("violence_kind") == "personal robbery").then(365.0).otherwise(10.0)
    event, told = tables["event"].with_columns(harm=harm), tables["release"].with_columns(harm_unit=pl.lit("days"))
    found = priorities(source_of(tables | {"event": event, "release": told}), Gate(TERMS))
    assert found.sheets[0].rows[0][0] == "Robbery"
    assert "No weights" in of(priorities, tables)


def test_the_map_is_by_the_official_boundaries_where_all_are_loaded(tables: dict[str, pl.DataFrame]) -> None:
    square = (((0.0, 0.0), (100.0, 0.0), (100.0, 100.0)),)
    codes = tables["area"].filter(pl.col("kind") == "lsoa")["area_code"].to_list()
    whole = replace(source_of(tables), boundaries=dict.fromkeys(codes, square))
    part = replace(source_of(tables), boundaries=dict.fromkeys(codes[1:], square))
    charts = [place(source, Gate(TERMS)).charts[0] for source in (whole, part)]
    assert "Office for National Statistics" in charts[0].title
    assert 'd="M0.0 520.0L520.0 520.0L520.0 0.0Z"' in charts[0].svg
    assert "not the official boundaries" in charts[1].title
    assert [chart.svg.count("<path") for chart in charts] == [99, 99]


def test_who_is_a_victim_is_not_at_risk_for_that(tables: dict[str, pl.DataFrame]) -> None:
    """The police state of every victim that they are one: that is no factor which goes with being one."""
    victims = tables["involvement"].filter(pl.col("role") == "victim").select("person_id").unique()
    stated = (
        tables["factor"].drop_nulls("person_id").head(1).drop("person_id", "factor", "feed").join(victims, how="cross")
    )
    stated = stated.with_columns(factor=pl.lit("victim of violence"), feed=pl.lit("police.recorded_crime"))
    factor = pl.concat([tables["factor"], stated.select(tables["factor"].columns)])
    before, after = (cohorts(source_of(tables | {"factor": one}), Gate(TERMS)) for one in (tables["factor"], factor))
    assert after.sheets == before.sheets


@pytest.mark.parametrize(("suspects", "told"), [(30, "those aged 10-17 with 2 (5 times)"), (10, "No group")])
def test_a_cohort_is_told_of_where_it_is_more_often_in_violence_than_its_age(
    tables: dict[str, pl.DataFrame], suspects: int, told: str
) -> None:
    """100 children without a factor, of whom 10 are suspects, and 60 with two, of whom so many are."""
    known = pl.DataFrame({"person_id": [f"p{n:03}" for n in range(160)], "sex": "male", "age_band": "10-17"})
    events = tables["event"].filter(pl.col("violence_kind").is_not_null(), pl.col("occurred_on") >= date(2025, 1, 1))
    took = pl.DataFrame({"person_id": [f"p{n:03}" for n in range(90, 100 + suspects)], "role": "suspect"})
    took = took.with_columns(event_id=pl.lit(events["event_id"][0]), feed=pl.lit("police.recorded_crime"))
    factor = pl.DataFrame(
        [(f"p{n:03}", name, "risk", "yot.cases") for n in range(100, 160) for name in ("in care", "mental health")],
        schema=("person_id", "factor", "direction", "feed"), orient="row",
    )  # fmt: skip
    assert told in of(cohorts, tables, person=known, involvement=took, factor=factor)


def test_no_share_of_few_rows_tells_how_many_they_are(tables: dict[str, pl.DataFrame]) -> None:
    """6 of 7 rows taken are 0.857, which no other number below 8 gives."""
    told = tables["release"].with_row_index("n").with_columns(
        pl.when(pl.col("n") == 0).then(7).otherwise("rows_received").alias("rows_received"),
        pl.when(pl.col("n") == 0).then(6 / 7).otherwise("accepted_share").alias("accepted_share"),
    ).drop("n")  # fmt: skip
    feeds = gaps(source_of(tables | {"release": told}), Gate(TERMS)).sheets[0]
    assert feeds.rows[0][2:] == (None, None)
    assert {row[3] for row in feeds.rows[1:]} == {0.99}
