"""Nobody is in an event after their own death."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from test_config import changed
from test_splitting import joined, without_number
from test_steps import FEEDS, NO_ROWS, arrived, pairs, persons, sourced

from hub.errors import ConfigurationError
from linkage.clustered.deaths import DAYS, NEVER, UNTOLD
from linkage.clustered.decided import NOTHING, Decided
from linkage.clustered.persons import scale_of
from linkage.clustered.splitting import split
from linkage.config import LinkageConfig
from linkage.kept.step import follow
from linkage.kept.tables import part_of, put_together
from linkage.kept.whole import link_whole
from linkage.learned.model import Brought, Model
from linkage.learned.weighing import Scale
from linkage.paired.compared import compare
from linkage.paired.grouping import Edges
from linkage.paired.levels import levels
from linkage.reviewed.review import DEATHS, Linked, described
from tests.cases import cases
from tests.unit.linkage.at_once import bring_together

KILLED = 20_000


@pytest.fixture(scope="module")
def scale(records: pl.DataFrame, model: Model, config: LinkageConfig) -> Scale:
    return scale_of(bring_together(records, config).coded, model, config)


@pytest.fixture(scope="module")
def grace(config: LinkageConfig) -> int:
    assert config.clustering.deaths is not None
    return config.clustering.deaths.grace


def told(scale: Scale, days: dict[int, tuple[int, int]]) -> Scale:
    """These records tell of a death and of a life; all others of nothing."""
    held = np.tile(np.array(UNTOLD, dtype=np.int32), (scale.coded.records, 1))
    for record, both in days.items():
        held[record] = both
    return replace(scale, days=held)


def test_a_life_after_a_death_is_another_persons(scale: Scale, grace: int) -> None:
    dead, other, *rest = without_number(scale, 16)
    for third in rest:
        group, weigh = sorted([dead, other, third]), scale.weigh
        late = told(scale, {dead: (KILLED, KILLED), other: (NEVER, KILLED + grace + 1)})
        found = split(late, joined(scale, group), NOTHING)
        assert found[dead] != found[other]
        near, far = weigh(np.array([dead]), np.array([third])), weigh(np.array([other]), np.array([third]))
        assert bool(found[third] == found[dead]) is bool(near > far or (near == far and dead < other))


@pytest.mark.parametrize("seen", [-NEVER, KILLED - 400, KILLED, "grace"])
def test_whoever_is_seen_before_or_soon_after_may_be_the_dead(scale: Scale, grace: int, seen: int | str) -> None:
    dead, other = without_number(scale, 2)
    last = KILLED + grace if isinstance(seen, str) else seen
    found = split(
        told(scale, {dead: (KILLED, KILLED), other: (NEVER, last)}), joined(scale, sorted([dead, other])), NOTHING
    )
    assert found[dead] == found[other]


def test_two_who_died_at_two_times_are_two(scale: Scale, grace: int) -> None:
    dead, other = without_number(scale, 2)
    later = KILLED + grace + 1
    found = split(told(scale, {dead: (KILLED, KILLED), other: (later, later)}), joined(scale, [dead, other]), NOTHING)
    assert found[dead] != found[other]


def test_people_outrank_the_rule_and_the_rest_of_their_person_stays(scale: Scale, grace: int) -> None:
    dead, other, third = without_number(scale, 3)
    said = Decided(Edges.between(np.array([dead]), np.array([other])), Edges.between(np.zeros(0), np.zeros(0)))
    late = told(scale, {dead: (KILLED, KILLED), other: (NEVER, KILLED + grace + 1)})
    assert len(set(split(late, joined(scale, [dead, other, third]), said)[[dead, other, third]])) == 1
    later = told(late, {dead: (KILLED, KILLED), third: (NEVER, KILLED + grace + 1)})
    found = split(later, joined(scale, [dead, other, third]), said)
    assert found[dead] == found[other] != found[third]


def test_a_reviewer_is_told_that_one_died_before(scale: Scale, grace: int) -> None:
    plain = np.array(without_number(scale, 2))
    under = told(scale, {int(plain[0]): (KILLED, KILLED), int(plain[1]): (NEVER, KILLED + grace + 1)})
    left, right = plain[:1].astype(np.int32), plain[1:].astype(np.int32)
    found = compare(under, Brought(scale.coded, left, left, right, levels(scale.coded, left, right, scale.config)))
    ids = pl.Series([f"{number:032x}" for number in range(scale.coded.records)])
    plainly = replace(found, constraint=np.array([-1], dtype=np.int8))
    for label, reason in ((np.arange(scale.coded.records), DEATHS), (joined(scale, plain.tolist()), None)):
        linked = Linked(under, plainly, label, np.bincount(label))
        assert described(linked, np.array([0]), ids)["held_by"].to_list() == [reason]


def lived(records: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    """Each record is of an event in some two years; one in twelve tells of a death."""
    days = [KILLED + chance.randrange(700) for _ in range(records.height)]
    died = [day if chance.random() < 1 / 12 else NEVER for day in days]
    return records.with_columns(pl.Series(name, it, pl.Int32) for name, it in zip(DAYS, (died, days), strict=True))


@pytest.mark.parametrize("seed", range(cases(6)))
def test_days_in_any_order_of_deliveries_give_the_persons_of_all_at_once(
    records: pl.DataFrame, model: Model, config: LinkageConfig, seed: int
) -> None:
    chance = random.Random(seed)
    some = records.sample(1200, seed=seed)
    days = lived(some, chance).select("record_id", *DAYS)

    def dated(part: pl.DataFrame, source: int, days: pl.DataFrame) -> pl.DataFrame:
        return sourced(part, source).drop(DAYS).join(days, on="record_id", how="left")

    whole = link_whole(dated(some, 0, days), NOTHING, model, config, feeds=FEEDS).kept
    without = link_whole(sourced(some, 0), NOTHING, model, config, whole.frequent, FEEDS).kept
    assert whole.persons > without.persons + 20  # many came apart
    other = lived(some, chance).select("record_id", *DAYS)  # some tell of other days first, and are corrected
    parts = [some.filter(pl.Series([chance.randrange(4) == 0 for _ in range(some.height)])) for _ in range(3)]
    parts.append(some)
    kept = link_whole(dated(parts[0], 0, other), NOTHING, model, config, whole.frequent, FEEDS).kept
    tables = [part_of(kept, None, NO_ROWS)]
    for number, part in enumerate(parts[1:], 1):
        told_now = days if number == len(parts) - 1 else other
        came = replace(arrived(part, number), records=dated(part, number, told_now))
        step = follow(put_together(tables, config.frequencies, FEEDS), came, model, config)
        tables.append(part_of(step.kept, kept, step.lost))
        kept = step.kept
    kept = put_together(tables, config.frequencies, FEEDS)
    assert (persons(kept), pairs(kept)) == (persons(whole), pairs(whole))


def test_days_that_are_told_anew_touch_their_person_alone(
    records: pl.DataFrame, model: Model, config: LinkageConfig
) -> None:
    some = records.head(1200)
    kept = link_whole(sourced(some, 0), NOTHING, model, config, feeds=FEEDS).kept
    again = arrived(some.head(300), 1)
    assert len(follow(kept, again, model, config).touched) == 0
    dead = again.records.with_columns(
        pl.when(pl.int_range(pl.len()) == 7).then(KILLED).otherwise(pl.col(name)).cast(pl.Int32).alias(name)
        for name in DAYS
    )
    step = follow(kept, replace(again, records=dead), model, config)
    assert 0 < len(step.touched) < 20
    assert len(step.withdrawn) == 0
    assert step.kept.days[:, 0].min() == KILLED


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("      police.recorded_crime:", "      police.recorded_crimes:", "no feed tells: police.recorded_crimes"),
        ("        role: [victim]", "        forename: [Ann]", "no feed tells: police.recorded_crime forename"),
        ("[001/00, ", "[001/0, ", "no feed tells: police.recorded_crime offence_code 001/0."),
        ("[victim]", "[victims]", "no feed tells: police.recorded_crime role victims"),
        ("role: [victim]", "role: []", "at least 1 item"),
        ("    grace: 90", "    grace: -1", "grace"),
    ],
)
def test_what_no_feed_can_tell_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        changed(tmp_path, old, new)
