"""Every event is in one incident, whatever the order; and none tells of an event that a recipient does not see."""

from pathlib import Path
from random import Random

import polars as pl
import pytest
import yaml

from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.settings import PROJECT
from incidents.finding import find_incidents
from incidents.rules import load_incident_rules
from incidents.table import incident_table
from publish.granted import Filters, seen
from publish.recipient_ids import RecipientIds
from publish.tables import Linked, Stated, each_table
from schemas.published import check_published
from tests.cases import cases, takes_long
from tests.spec.test_incidents import frames

RULES = load_incident_rules(PROJECT / "config")
STATED = Stated.of(PROJECT / "config")
QUARTER = Quarter(2026, 3)
IDS = RecipientIds(person="p" * 64, event="e" * 64, incident="i" * 64)
THREE = "c1 | 4 22:10 | P | 008/06 | Va Sb\nh1 | 4 22:00 | P | | a\ny1 | 4 | | 008/06 | b"


def crowd(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Some fifty events of few people in few places within a week: most could be of several incidents."""
    random = Random(seed)
    lines = []
    for number in range(25):
        when = f"{random.randint(3, 9)} {random.randint(0, 23):02}:{random.choice((0, 15, 30, 45)):02}"
        place, people = random.choice(("P", "P", "N", "")), random.sample("abcdef", 2)
        lines.append(
            f"c{number} | {when} | {place} | {random.choice(('008/06', '034/01'))} | V{people[0]} S{people[1]}"
        )
        lines.append(f"h{number} | {random.choice((when, when[:1]))} | {place} | | {random.choice('abcdef')}")
    return frames("\n".join(lines))


@pytest.mark.parametrize("seed", range(cases(100)))
def test_every_event_is_in_one_incident_whatever_the_order(seed: int) -> None:
    events, parts = crowd(seed)
    found = find_incidents(events, parts, RULES)
    assert found["event_id"].to_list() == events["event_id"].sort().to_list()
    shuffled = events.sample(fraction=1, shuffle=True, seed=seed), parts.sample(fraction=1, shuffle=True, seed=seed)
    assert find_incidents(*shuffled, RULES).equals(found)
    assert find_incidents(events, pl.concat([parts, parts]), RULES).equals(found)  # a part that is told twice
    feeds = dict(events.select("event_id", "feed").iter_rows())
    joined = found.filter(pl.col("event_id") != pl.col("incident"))
    assert {feeds[name] for name in joined["incident"]} <= {"police.recorded_crime"}
    assert "police.recorded_crime" not in {feeds[name] for name in joined["event_id"]}
    assert (joined["probability"] > RULES.surely).all()
    patients = joined.join(parts, on="event_id")
    assert patients.height == patients.unique(["incident", "person_id"]).height  # nobody visits one incident twice


def linked(drawn: str = THREE) -> Linked:
    events, parts = frames(drawn)
    authority = pl.col("feed").str.extract(r"^([a-z]+)\.")
    of = parts.join(events.select("event_id", "feed"), on="event_id")
    parts = of.with_columns(authority=authority, record_id=pl.concat_str("event_id", "person_id"))
    return Linked(events.with_columns(event_type=pl.lit("crime")), parts)


def tables(filters: Filters) -> dict[str, pl.DataFrame]:
    return made_of(seen(linked(), QUARTER, filters))


def made_of(events: Linked) -> dict[str, pl.DataFrame]:
    return {name: table.text for name, table in each_table(events, QUARTER, IDS, STATED)}


def test_one_assault_is_counted_once() -> None:
    made = tables({})
    several = made["incident"].filter(pl.col("events") > 1)
    assert several["feeds"].to_list() == ["health.emergency_care, police.recorded_crime, yot.cases"]
    assert several.select("events", "authorities", "persons", "offence_code").rows() == [(3, 3, 2, "008/06")]
    assert made["event"].join(several, on="incident_id", how="semi").height == 3
    assert made["incident"]["events"].sum() == made["event"].height
    check_published("incident", made["incident"])


@pytest.mark.parametrize(
    "filters",
    [
        {"event": {"feed": ("police.recorded_crime", "yot.cases")}},
        {"event": {"feed": ("health.emergency_care", "yot.cases")}},
        {"event": {"feed": ("police.recorded_crime",)}},
        {"involvement": {"role": ("suspect", "child")}},
    ],
    ids=["no attendances", "no crimes", "crimes alone", "nobody's victim"],
)
def test_an_incident_tells_of_no_event_that_is_not_seen(filters: Filters) -> None:
    """The very same tables come out as if what is not seen had never been delivered."""
    all_events = linked()
    visible = seen(all_events, QUARTER, filters)
    alone = Linked(visible.events, visible.involvements)
    made = tables(filters)
    assert made["incident"].equals(made_of(alone)["incident"])
    told = {feed for feeds in made["incident"]["feeds"] for feed in feeds.split(", ")}
    assert told == set(visible.events["feed"].unique())
    assert made["incident"]["events"].sum() == visible.events.height
    gone = set(all_events.events["feed"]) - set(visible.events["feed"])
    assert not any(feed in str(made["incident"].rows()) for feed in gone)


def test_what_another_feed_tells_of_too_says_so() -> None:
    events, parts = frames(THREE + "\nr1 | 4 22:00 | | | ")
    again = {"events": events, "involvements": parts}
    found = find_incidents(**again, rules=RULES)
    table = incident_table(events, parts, found, RULES)
    assert table.filter("told_again")["feeds"].to_list() == ["health.assault_attendances"]
    events = events.filter(pl.col("feed") != "health.emergency_care")
    found = find_incidents(events, parts, RULES)
    assert not incident_table(events, parts, found, RULES)["told_again"].any()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda said: said["tellers"]["yot.cases"]["comparisons"].pop("person"), "person is always compared"),
        (
            lambda said: said["tellers"]["yot.cases"]["comparisons"].update(shoes={"same": {"m": 0.5, "u": 0.5}}),
            "shoes",
        ),
        (lambda said: said["told_again"].update({"yot.cases": "police.recorded_crime"}), "only one of these"),
        (lambda said: said.update(surely=1.5), "less than 1"),
        (lambda said: said["tellers"]["yot.cases"]["comparisons"]["person"]["another"].update(u=0), "between 0 and 1"),
        (lambda said: said["tellers"]["yot.cases"]["comparisons"]["offence"]["same"].update(u="counted"), "be counted"),
    ],
    ids=["nobody is compared", "no such comparison", "two parts", "no probability", "no share", "not to be counted"],
)
def test_rules_that_cannot_be_followed_are_refused(change, told: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    said = yaml.safe_load((PROJECT / "config" / "incidents.yaml").read_text(encoding="utf-8"))
    change(said)
    (tmp_path / "incidents.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        load_incident_rules(tmp_path)


@takes_long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_how_right_incidents_are_on_the_synthetic_borough(seed: int) -> None:
    from benchmarks.incidents import measure

    quality, _ = measure(5000, seed)
    assert quality.precision > 0.95
    assert quality.recall > 0.93
