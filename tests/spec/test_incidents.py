"""When events of several authorities are one incident, as tables in and tables out.

A crime is c1, c2 ...; an attendance h1 ...; a youth offending case y1 ...; a row of the hospital's return r1 ....
Persons are letters, behind the part they take (V victim, S suspect); patients and children of cases stand alone.
Days are of July 2026; places are small areas. Around what is drawn the borough has on each day crimes with other people
in other places, and an attendance.
"""

import textwrap
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from hub.settings import PROJECT
from incidents.finding import find_incidents
from incidents.rules import load_incident_rules

RULES = load_incident_rules(PROJECT / "config")
FEEDS = {
    "c": "police.recorded_crime",
    "h": "health.emergency_care",
    "y": "yot.cases",
    "r": "health.assault_attendances",
}
ROLES = {"V": "victim", "S": "suspect"}
CONSTANT = {"h": "patient", "y": "child"}
EXAMPLES = {
    "one person, one evening, one place: one incident": (
        """
        event | when    | place | offence | persons
        c1    | 4 22:10 | P     | 008/06  | Va Sb
        h1    | 4 22:00 | P     |         | a
        """,
        "c1 h1",
    ),
    "the patient states neither time nor place, and comes the day after": (
        """
        c1    | 4 22:10 | P     | 008/06  | Va
        h1    | 5       |       |         | a
        """,
        "c1 h1",
    ),
    "the same patient a week later is another incident": (
        """
        c1    | 4 22:10 | P     | 008/06  | Va
        h1    | 11 22:00 | P    |         | a
        """,
        "c1 | h1",
    ),
    "the attacker was hurt, and went to hospital too": (
        """
        c1    | 4 22:10 | P     | 008/06  | Va Sb
        h1    | 4 22:00 | P     |         | a
        h2    | 4 22:00 | P     |         | b
        """,
        "c1 h1 h2",
    ),
    "linkage missed the patient, but place, time and knife say it": (
        """
        c1    | 4 22:10 | P     | 005/01 knife | Va
        h1    | 4 22:00 | P     | knife   | z
        """,
        "c1 h1",
    ),
    "one street in one evening is not enough for two strangers hours apart": (
        """
        c1    | 4 14:10 | P     | 008/06  | Va
        h1    | 4 22:00 | P     |         | z
        """,
        "c1 | h1",
    ),
    "of two crimes against one person, the nearer in time": (
        """
        c1    | 4 14:10 | P     | 008/06  | Va
        c2    | 4 22:10 | P     | 008/06  | Va
        h1    | 4 22:00 | P     |         | a
        """,
        "c1 | c2 h1",
    ),
    "a second visit of one patient is an incident of its own": (
        """
        c1    | 4 22:10 | P     | 008/06  | Va
        h1    | 4 22:00 | P     |         | a
        h2    | 5 09:00 | P     |         | a
        """,
        "c1 h1 | h2",
    ),
    "the case of a suspect is of the crime of its day and code": (
        """
        c1    | 4 22:10 | P     | 034/01  | Va Sb
        c2    | 5 22:10 | P     | 092/30  | Sb
        y1    | 4       |       | 034/01  | b
        """,
        "c1 y1 | c2",
    ),
    "the victim of a crime is not its suspect": (
        """
        c1    | 4 22:10 | P     | 034/01  | Va Sb
        y1    | 4       |       | 034/01  | a
        """,
        "c1 | y1",
    ),
    "one assault that police, hospital and youth offending team tell of": (
        """
        c1    | 4 22:10 | P     | 008/06  | Va Sb
        h1    | 4 22:00 |       |         | a
        y1    | 4       |       | 008/06  | b
        """,
        "c1 h1 y1",
    ),
    "without a crime that the police recorded, nothing brings two together": (
        """
        h1    | 4 22:00 | P     |         | a
        y1    | 4       |       | 008/06  | a
        """,
        "h1 | y1",
    ),
    "a return without persons is never joined to an event of persons": (
        """
        c1    | 4 22:10 | P     | 008/06  | Va
        r1    | 4 22:00 | P     |         |
        """,
        "c1 | r1",
    ),
}  # fmt: skip


def events_of(drawn: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    lines = [line for line in textwrap.dedent(drawn).strip().splitlines() if not line.startswith("event")]
    events, parts = [], []
    for line in lines:
        name, when, place, offence, persons = (cell.strip() for cell in line.split("|"))
        events.append(event(name, when, place, offence))
        parts += [part(name, person) for person in persons.split()]
    return events, parts


def event(name: str, when: str, place: str, told: str) -> dict[str, Any]:
    day, _, time = when.partition(" ")
    on = date(2026, 7, int(day))
    crime = name[0] in "cy"
    return {
        "event_id": name,
        "feed": FEEDS[name[0]],
        "occurred_on": on,
        "occurred_at": datetime.fromisoformat(f"{on} {time}").replace(tzinfo=UTC) if time else None,
        "lsoa_code": place or None,
        "ward_code": f"ward of {place}" if place else None,
        "offence_code": told.split(maxsplit=1)[0] if crime and told else None,
        "knife": "knife" in told if name[0] == "c" else None,
        "assault_method": (told or "fist") if name[0] == "h" else None,
    }


def part(event_id: str, person: str) -> dict[str, Any]:
    role = ROLES[person[0]] if len(person) == 2 else CONSTANT[event_id[0]]
    return {"event_id": event_id, "person_id": person[-1], "role": role}


def borough() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What happens besides: on each day a crime in each of five other places, and an attendance of somebody else's."""
    events, parts = [], []
    for day in range(1, 15):
        for place in range(5):
            events.append(event(f"c-other-{day}-{place}", f"{day} 21:30", f"Q{place}", "008/06"))
            parts.append({"event_id": events[-1]["event_id"], "person_id": f"o{day}{place}", "role": "victim"})
        events.append(event(f"h-other-{day}", f"{day} 03:00", "R", ""))
        parts.append({"event_id": events[-1]["event_id"], "person_id": f"q{day}", "role": "patient"})
    return events, parts


def frames(drawn: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The drawn events among those of the borough, and who takes part."""
    (events, parts), (others, their) = events_of(drawn), borough()
    kinds = {"occurred_at": pl.Datetime("us", "UTC"), "knife": pl.Boolean}
    made = pl.DataFrame(events + others, schema_overrides=kinds, infer_schema_length=None)
    named = dict.fromkeys(("event_id", "person_id", "role"), pl.String)
    return made, pl.DataFrame(parts + their, schema=named)


def drawn_incidents(found: pl.DataFrame) -> str:
    told = found.filter(~pl.col("event_id").str.contains("other"))
    grouped = told.sort("event_id").group_by("incident", maintain_order=True).agg("event_id")
    return " | ".join(" ".join(events) for events in grouped["event_id"])


@pytest.mark.parametrize(("drawn", "incidents"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_incidents(drawn: str, incidents: str) -> None:
    assert drawn_incidents(find_incidents(*frames(drawn), RULES)) == incidents


def test_how_sure_it_is_is_stated_of_each_event_but_the_first() -> None:
    drawn = "c1 | 4 22:10 | P | 008/06 | Va\nh1 | 4 22:00 | P | | a\nh2 | 4 22:00 | P | | z"
    found = find_incidents(*frames(drawn), RULES).filter(pl.col("event_id").is_in(["c1", "h1", "h2"]))
    sure = dict(found.select("event_id", "probability").iter_rows())
    assert sure["c1"] is None
    assert sure["h1"] > 0.999
    assert 0.5 < (sure["h2"] or 0.6) < sure["h1"]


def test_a_person_in_many_crimes_proves_less() -> None:
    one = "c1 | 4 22:10 | P | 008/06 | Va\nh1 | 4 | | | a"
    many = one + "".join(f"\nc{number} | {number} 12:00 | S{number} | 195/94 | Va" for number in range(8, 10))
    sure = [
        find_incidents(*frames(drawn), RULES).filter(pl.col("event_id") == "h1")["probability"][0]
        for drawn in (one, many)
    ]
    assert sure[1] < sure[0]


def test_nothing_happened() -> None:
    events, parts = frames("c1 | 4 | | | ")
    found = find_incidents(events.clear(), parts.clear(), RULES)
    assert found.is_empty()
    assert timedelta(days=RULES.window_days) < timedelta(days=7)
