"""Acts under the ids that a person's records had before are found, and no others."""

import time

import polars as pl

from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from linkage.registered.former_ids import former_ids, is_known
from linkage.registered.register import update_register

Q3 = Quarter(2026, 3)


def link(settings, *groups: str) -> None:
    """Make these the persons; each group is the letters of its records, a new person is named after its smallest."""
    rows = [(record, number) for number, group in enumerate(groups) for record in group]
    clusters = pl.DataFrame(rows, schema={"record_id": pl.String, "cluster": pl.Int64}, orient="row")
    time.sleep(0.001)  # so that no two updates are at one instant
    with transaction(settings) as connection:
        update_register(connection, clusters, Q3, str.upper)


def former(settings, person: str) -> dict:
    with transaction(settings) as connection:
        return former_ids(connection, person)


def test_a_person_who_never_changed_has_no_other_id(settings):
    link(settings, "ab", "c")
    assert former(settings, "A") == {}


def test_a_merged_person_had_the_other_id_until_the_merge(settings):
    link(settings, "ab", "c")
    before = now()
    link(settings, "abc")
    after = now()
    (until,) = former(settings, "A").values()
    assert set(former(settings, "A")) == {"C"}
    assert before < until < after
    assert former(settings, "C") == {}


def test_a_person_split_off_had_the_id_of_the_one_it_was_part_of(settings):
    link(settings, "abc")
    link(settings, "ab", "c")
    assert set(former(settings, "C")) == {"A"}
    assert former(settings, "A") == {}


def test_ids_are_followed_through_several_changes(settings):
    link(settings, "ab", "cd", "efghi")
    link(settings, "abcd", "efghi")
    link(settings, "abcdefghi")
    found = former(settings, "E")
    assert set(found) == {"A", "C"}
    assert found["C"] < found["A"]


def test_what_came_to_a_person_after_a_record_had_left_it_is_not_followed(settings):
    link(settings, "abc", "d")
    link(settings, "ab", "c", "d")  # c leaves A
    link(settings, "abd", "c")  # then d comes to A
    assert set(former(settings, "C")) == {"A"}


def test_whom_the_register_knows(settings):
    link(settings, "ab", "c")
    link(settings, "abc")
    with transaction(settings) as connection:
        assert [is_known(connection, person) for person in "ACX"] == [True, True, False]
