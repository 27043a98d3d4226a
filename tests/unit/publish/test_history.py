"""An analyst follows a cohort from release to release, through a merge and a split, by the recipient's ids alone."""

from datetime import UTC, datetime, timedelta

import polars as pl

from hub.database import transaction
from linkage.registered.forgetting import exclude
from publish.history import successions
from publish.publication import publish
from tests.unit.publish.small_hub import Hub
from tests.unit.publish.test_candidate import tables_of

GRANT = {"columns": ["former_id", "person_id", "change", "changed_in"]}
T0 = datetime(2026, 10, 1, tzinfo=UTC)


def events(*them: tuple[str, str, str, str]) -> pl.DataFrame:
    """kind, person_id, other_id, period; an hour apart."""
    rows = [(number, *it, T0 + timedelta(hours=number + 1)) for number, it in enumerate(them)]
    schema = {
        "number": pl.Int64, "kind": pl.String, "person_id": pl.String, "other_id": pl.String, "period": pl.String,
        "at": pl.Datetime("us", "UTC"),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def followed(told: pl.DataFrame, known: str, ended: str, given: str, since: datetime = T0) -> list[tuple[str, ...]]:
    before = pl.DataFrame(
        {"former_id": list(known), "since": [since] * len(known)}, schema_overrides={"since": pl.Datetime("us", "UTC")}
    )
    return successions(
        told, before, pl.Series(list(ended), dtype=pl.String), pl.Series(list(given), dtype=pl.String)
    ).rows()


def test_a_merge_leads_to_who_is_left_and_a_split_to_both() -> None:
    told = events(("merged", "B", "A", "2026-Q3"), ("split", "C", "D", "2026-Q4"))
    assert followed(told, "ABC", "A", "BCD") == [("A", "B", "merged", "2026-Q3"), ("C", "D", "split", "2026-Q4")]


def test_it_takes_several_steps_and_names_only_who_is_given() -> None:
    told = events(("merged", "B", "A", "2026-Q2"), ("merged", "C", "B", "2026-Q3"), ("split", "C", "D", "2026-Q4"))
    assert followed(told, "A", "AB", "CD") == [("A", "C", "merged", "2026-Q3"), ("A", "D", "merged", "2026-Q4")]
    assert followed(told, "A", "AB", "D") == [("A", "D", "merged", "2026-Q4")]
    assert followed(told, "", "AB", "CD") == []


def test_what_befell_a_person_before_the_release_is_not_told() -> None:
    told = events(("split", "A", "B", "2026-Q2"), ("split", "A", "C", "2026-Q3"))
    assert followed(told, "A", "", "ABC", since=T0 + timedelta(hours=1)) == [("A", "C", "split", "2026-Q3")]


def persons_by_events(tables: dict[str, pl.DataFrame]) -> dict[str, set[str]]:
    return {
        person: set(events_)
        for person, events_ in tables["involvement"].group_by("person_id").agg("event_id").iter_rows()
    }


def test_an_analyst_follows_a_cohort_over_two_releases(hub: Hub) -> None:
    """The victim of crime 2 turns out to be the man of crimes 0 and 3; the girl and the patient to be two."""
    hub.agree(lambda terms: terms["recipients"]["partnership_analysts"]["tables"].update(person_history=GRANT))
    first = hub.build().release
    before = persons_by_events(tables_of(hub, first))
    assert tables_of(hub, first)["person_history"].is_empty()
    hub.decide(first)
    publish(hub.settings, hub.ring, first)

    hub.link({"girl": ["a0", "a2"], "patient": ["b0"], "man": ["a1", "a3", "a4"]})
    second = hub.build().release
    tables = tables_of(hub, second)
    after, history = persons_by_events(tables), tables["person_history"]
    (victim,) = (person for person in before if person not in after)
    (man,) = (person for person, had in after.items() if had > before[victim])
    (patient,) = (person for person in after if person not in before)
    (girl,) = (person for person in after if before.get(person, set()) > after[patient])
    assert history.rows() == sorted([(victim, man, "merged", "2026-Q3"), (girl, patient, "split", "2026-Q3")])
    cohort = pl.DataFrame({"person_id": list(before)})
    became = cohort.join(history.rename({"person_id": "now"}), left_on="person_id", right_on="former_id")["now"]
    assert {*before, *became} >= set(after)

    hub.decide(second)
    publish(hub.settings, hub.ring, second)
    own = {row[0] for row in hub.rows("SELECT person_id FROM hub.person")}
    assert not own & {*history["former_id"], *history["person_id"]}
    assert hub.rows("SELECT count(*) FROM current.person_history") == [(2,)]
    assert hub.build().unchanged  # by the same history


def test_nobody_who_is_left_out_is_in_it(hub: Hub) -> None:
    hub.agree(lambda terms: terms["recipients"]["partnership_analysts"]["tables"].update(person_history=GRANT))
    first = hub.build().release
    hub.decide(first)
    publish(hub.settings, hub.ring, first)
    hub.link({"girl": ["a0", "a2"], "patient": ["b0"], "man": ["a1", "a3", "a4"]})
    with transaction(hub.settings) as connection:
        for (person,) in hub.rows("SELECT person_id FROM hub.person WHERE ended_in IS NULL"):
            exclude(connection, person, "objected")
    assert tables_of(hub, hub.build().release)["person_history"].is_empty()
