"""From events to incidents: each event is in exactly one. Pure: frames in, frames out."""

from collections.abc import Iterable

import polars as pl

from incidents.pairs import Events, candidates
from incidents.rules import IncidentRules, Teller
from incidents.weighing import weighed

MEMBERS = {"event_id": pl.String(), "incident": pl.String(), "probability": pl.Float64()}


def find_incidents(events: pl.DataFrame, involvements: pl.DataFrame, rules: IncidentRules) -> pl.DataFrame:
    """``event_id``, ``incident`` and ``probability``: one row an event, in order of event_id.

    ``events``: event_id, feed, occurred_on, and what is kept of ``incidents.pairs.BLANK``. ``involvements``: event_id,
    person_id, role. Ids are text, or numbers in the order of their texts. An incident is named by its event of the
    first feed, or by its only event; ``probability`` is null for that event.

    1. Only a crime (an event of the feed that is first) brings others together; every other event joins one at most.
    2. A pair joins if it is likelier than ``surely``; the likeliest first, ties by the ids of its events.
    3. No teller tells twice of one person in one crime: a second visit of a patient is an incident of its own.
    """
    every = Events.of(events, involvements)
    crimes = every.of_feed(rules.first)
    joined: dict[str, tuple[str, float]] = {}
    for feed, teller in rules.tellers.items():
        joined |= _joined(crimes, every.of_feed(feed), teller, rules)
    kinds = MEMBERS | dict.fromkeys(("event_id", "incident"), every.events.schema["event_id"])
    found = pl.DataFrame([(event, *crime) for event, crime in joined.items()], schema=kinds, orient="row")
    members = every.events.select(pl.col("event_id").unique().sort()).join(
        found, on="event_id", how="left", maintain_order="left"
    )
    return members.with_columns(pl.col("incident").fill_null(pl.col("event_id")))


def _joined(crimes: Events, told: Events, teller: Teller, rules: IncidentRules) -> dict[str, tuple[str, float]]:
    """Of each event of a teller that joins: its crime, and how likely that is."""
    if crimes.events.is_empty() or told.events.is_empty():
        return {}
    pairs = weighed(candidates(crimes, told, teller, rules.window_days), crimes, told, teller, rules)
    likely = pairs.filter(pl.col("probability") > rules.surely)
    inorder = likely.sort("probability", "crime", "told", descending=[True, False, False])
    asked = told.parts.join(inorder, left_on="event_id", right_on="told", how="semi")
    persons = dict(asked.group_by("event_id").agg("person_id").iter_rows())
    return _likeliest_first(inorder.select("crime", "told", "probability").iter_rows(), persons)


def _likeliest_first(
    pairs: Iterable[tuple[str, str, float]], persons: dict[str, list[str]]
) -> dict[str, tuple[str, float]]:
    """Rules 1 to 3 of ``find_incidents``."""
    joined: dict[str, tuple[str, float]] = {}
    told_of: set[tuple[str, str]] = set()
    for crime, told, probability in pairs:  # (2)
        seen = {(crime, person) for person in persons.get(told, [])}
        if told in joined or seen & told_of:  # (1) (3)
            continue
        joined[told] = (crime, probability)
        told_of |= seen
    return joined
