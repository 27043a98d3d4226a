"""A group that holds two of what a person has one of comes apart at its weakest pairs."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from linkage.clustered.decided import NOTHING, Decided
from linkage.clustered.persons import find_persons, scale_of
from linkage.clustered.splitting import split
from linkage.config import LinkageConfig
from linkage.learned.model import Brought, Model
from linkage.learned.weighing import Scale
from linkage.paired.compared import compare
from linkage.paired.grouping import Edges
from linkage.paired.levels import levels
from linkage.reviewed.review import NUMBERS, ONCE, Linked, described
from tests.unit.linkage.at_once import bring_together


@pytest.fixture(scope="module")
def scale(records: pl.DataFrame, model: Model, config: LinkageConfig) -> Scale:
    return scale_of(bring_together(records, config).coded, model, config)


def numbers(scale: Scale, label: np.ndarray) -> int:
    """The most different NHS numbers that one group holds."""
    held = pl.DataFrame({"group": label, "number": scale.coded.tokens["token_nhs_number"]}).filter(
        pl.col("number") >= 0
    )
    return int(held.group_by("group").agg(pl.col("number").n_unique())["number"].max())


def joined(scale: Scale, *groups: list[int]) -> np.ndarray:
    """Every record alone, but for these groups."""
    label = np.arange(scale.coded.records)
    for group in groups:
        label[group] = min(group)
    return label


def with_number(scale: Scale, count: int) -> list[int]:
    """Records with an NHS number each, all different, and the next records that have none."""
    tokens = scale.coded.tokens["token_nhs_number"]
    _, first = np.unique(tokens, return_index=True)
    return sorted(first[tokens[first] >= 0][:count].tolist())


def test_no_person_has_two_numbers(records: pl.DataFrame, model: Model, config: LinkageConfig, scale: Scale) -> None:
    found = find_persons(records, model, config)
    label = found.clusters["cluster"].rank("dense").to_numpy()
    assert numbers(scale, label) == 1
    assert found.clusters["cluster"].n_unique() < records.height / 2


def test_a_group_comes_apart_between_its_numbers_and_others_stay(scale: Scale) -> None:
    three = with_number(scale, 3)
    tokens = scale.coded.tokens["token_nhs_number"]
    same = np.flatnonzero(tokens == tokens[three[0]]).tolist()
    found = split(scale, joined(scale, sorted({*three, *same})), NOTHING)
    assert len({found[record] for record in three}) == 3
    assert {found[record] for record in same} == {min(same)}
    rest = np.setdiff1d(np.arange(scale.coded.records), [*three, *same])
    assert (found[rest] == rest).all()


def test_a_record_without_a_number_goes_with_what_it_is_most_alike(scale: Scale) -> None:
    tokens = scale.coded.tokens
    none = np.flatnonzero((tokens["token_nhs_number"] < 0) & (tokens["token_pnc_id"] < 0))[:40]
    for record in none.tolist():
        one, other = [each for each in with_number(scale, 50) if each != record][:2]
        found = split(scale, joined(scale, sorted([record, one, other])), NOTHING)
        near, far = scale.weigh(np.array([one]), np.array([record])), scale.weigh(np.array([other]), np.array([record]))
        assert bool(found[record] == found[one]) is bool(near >= far)


def once(scale: Scale, *records: int) -> Scale:
    """These records are of a feed that holds one per person."""
    flags = np.zeros(scale.coded.records, dtype=bool)
    flags[list(records)] = True
    return replace(scale, once=(flags,))


def without_number(scale: Scale, count: int) -> list[int]:
    tokens = scale.coded.tokens
    return np.flatnonzero((tokens["token_nhs_number"] < 0) & (tokens["token_pnc_id"] < 0))[:count].tolist()


def test_two_records_of_a_feed_of_one_per_person_are_two_people(scale: Scale) -> None:
    one, other, *rest = without_number(scale, 16)
    for third in rest:
        group, weigh = sorted([one, other, third]), scale.weigh
        found = split(once(scale, one, other), joined(scale, group), NOTHING)
        assert found[one] != found[other]
        near, far = weigh(np.array([one]), np.array([third])), weigh(np.array([other]), np.array([third]))
        assert bool(found[third] == found[one]) is bool(near >= far)
        assert len(set(split(once(scale, one), joined(scale, group), NOTHING)[group])) == 1


def test_a_person_whom_such_a_feed_holds_twice_under_one_number_stays_one(scale: Scale) -> None:
    tokens = scale.coded.tokens["token_nhs_number"]
    number = np.bincount(tokens[tokens >= 0]).argmax()
    (one, same), (third,) = np.flatnonzero(tokens == number)[:2], without_number(scale, 1)
    found = split(once(scale, one, same, third), joined(scale, sorted([one, same, third])), NOTHING)
    assert found[one] == found[same] != found[third]


def test_two_records_of_such_a_feed_are_one_person_if_people_said_so(scale: Scale) -> None:
    one, other, third = without_number(scale, 3)
    same = Edges.between(np.array([one]), np.array([other]))
    said = Decided(same, Edges.between(np.zeros(0), np.zeros(0)))
    found = split(once(scale, one, other, third), joined(scale, [one, other, third]), said)
    assert found[one] == found[other] == one
    assert found[third] == third


def test_what_people_decided_stays_together(scale: Scale) -> None:
    one, other, third = with_number(scale, 3)
    same = Edges.between(np.array([one]), np.array([other]))
    found = split(scale, joined(scale, [one, other, third]), Decided(same, Edges.between(np.zeros(0), np.zeros(0))))
    assert found[one] == found[other] == min(one, other)
    assert found[third] == third


def test_the_order_of_records_changes_nothing(records: pl.DataFrame, model: Model, config: LinkageConfig) -> None:
    one = find_persons(records, model, config)
    other = find_persons(records.sample(fraction=1, shuffle=True, seed=4), model, config)
    assert one.clusters.equals(other.clusters)
    assert one.questions.equals(other.questions)


def test_two_who_look_like_one_are_asked_about(records: pl.DataFrame, model: Model, config: LinkageConfig) -> None:
    """A copy of a record under another person's NHS number: all but the number says that it is the same person."""
    number = records.filter(pl.col("token_nhs_number").is_not_null())
    (one, other) = (number.row(place, named=True) for place in (0, 500))
    stray = one | {"record_id": "f" * 32, "token_nhs_number": other["token_nhs_number"]}
    more = pl.concat([records, pl.DataFrame([stray], schema=records.schema)])
    found = find_persons(more, model, config)
    held = dict(found.clusters.iter_rows())
    assert held["f" * 32] != held[one["record_id"]]
    asked = found.questions.filter(pl.any_horizontal(pl.col("^record_id_.$") == "f" * 32))
    assert NUMBERS in asked["held_by"].to_list()  # and why


def test_a_reviewer_is_told_which_rule_keeps_two_records_apart(scale: Scale) -> None:
    numbers = [scale.coded.tokens[name] for name in scale.config.clustering.one_of]
    plain = np.flatnonzero(np.logical_and.reduce([values < 0 for values in numbers]))[:2]
    twice = np.zeros(scale.coded.records, dtype=bool)
    twice[plain] = True
    for once, label, told in (
        ((twice,), np.arange(scale.coded.records), ONCE),
        ((twice,), joined(scale, plain.tolist()), None),
        ((), np.arange(scale.coded.records), None),
    ):
        under = replace(scale, once=once)
        left, right = plain[:1].astype(np.int32), plain[1:].astype(np.int32)
        found = compare(under, Brought(scale.coded, left, left, right, levels(scale.coded, left, right, scale.config)))
        ids = pl.Series([f"{number:032x}" for number in range(scale.coded.records)])
        linked = Linked(under, replace(found, constraint=np.array([-1], dtype=np.int8)), label, np.bincount(label))
        assert described(linked, np.array([0]), ids)["held_by"].to_list() == [told]
