"""Linking delivery by delivery gives what linking everything at once gives, in whatever order deliveries come."""

import random
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from linkage.assessed.traits import CODES
from linkage.clustered.deaths import DAYS, UNTOLD
from linkage.clustered.decided import NOTHING
from linkage.config import LinkageConfig
from linkage.kept.frequent import Frequent
from linkage.kept.state import Kept
from linkage.kept.step import Arrived, follow
from linkage.kept.tables import compact, part_of, put_together
from linkage.kept.touching import may_follow
from linkage.kept.whole import link_whole
from linkage.learned.model import Model
from tests.cases import cases

NO_ROWS = np.zeros(0, dtype=np.int64)
FEEDS = ("council.marac", "probation.supervision")  # the second holds one record per person


def sourced(records: pl.DataFrame, source: int) -> pl.DataFrame:
    traits = {name: pl.lit(0, pl.Int16) for name in CODES}
    days = {name: pl.lit(never, pl.Int32) for name, never in zip(DAYS, UNTOLD, strict=True)}
    of_probation = (pl.col("record_id").hash(1) % 10 == 0).cast(pl.Int64)
    return records.with_columns(source=pl.lit(source), feed=of_probation, earlier=pl.lit(False), **traits, **days)


def persons(kept: Kept) -> list[tuple[tuple[int, int], ...]]:
    """Every person as the record ids that are of it."""
    held: dict[int, list[tuple[int, int]]] = {}
    for row in np.flatnonzero(kept.alive).tolist():
        held.setdefault(int(kept.label[row]), []).append((int(kept.ids[row, 0]), int(kept.ids[row, 1])))
    return sorted(tuple(sorted(ids)) for ids in held.values())


def supervised(kept: Kept) -> tuple[int, int]:
    """Of persons of two records or more and of no number: how many, and the most records of probation that one has."""
    tokens = kept.coded.tokens
    no_number = (tokens["token_nhs_number"] < 0) & (tokens["token_pnc_id"] < 0)
    rows = pl.DataFrame({"person": kept.label, "none": no_number, "of": kept.feed == 1}).filter(pl.Series(kept.alive))
    held = rows.group_by("person").agg(pl.len(), pl.col("none").all(), pl.col("of").sum())
    found = held.filter(pl.col("none") & (pl.col("len") > 1))
    return found.height, int(found["of"].max() or 0)  # type: ignore[call-overload]


def pairs(kept: Kept) -> dict[tuple[int, int], float]:
    ends = zip(kept.ids[kept.pairs.left, 0].tolist(), kept.ids[kept.pairs.right, 0].tolist(), strict=True)
    return dict(zip(ends, kept.pairs.weight.round(6).tolist(), strict=True))


def arrived(records: pl.DataFrame, source: int, gone: np.ndarray = NO_ROWS, age: Sequence[int] = ()) -> Arrived:
    ages = np.array(age or range(source + 1), dtype=np.int64)
    return Arrived(sourced(records, source), ages, gone, feeds=FEEDS)


@pytest.fixture
def tight(config: LinkageConfig) -> LinkageConfig:
    """Blocks so small that many outgrow their limit while records come."""
    return config.model_copy(update={"largest_block": 12, "rare_block": 5})


def stepwise(parts: Sequence[pl.DataFrame], frequent: Frequent, model: Model, config: LinkageConfig) -> Kept:
    """What is kept goes through its tables after each step; once, dead rows are left out of it."""
    kept = link_whole(sourced(parts[0], 0), NOTHING, model, config, frequent, FEEDS).kept
    tables = [part_of(kept, None, NO_ROWS)]
    for number, part in enumerate(parts[1:], 1):
        step = follow(put_together(tables, config.frequencies, FEEDS), arrived(part, number), model, config)
        tables.append(part_of(step.kept, kept, step.lost))
        kept = step.kept
        if number == 4:
            kept = compact(kept)
            tables = [part_of(kept, None, NO_ROWS)]
    return put_together(tables, config.frequencies)


@pytest.mark.parametrize("seed", range(cases(10)))
def test_deliveries_in_any_order_give_the_persons_of_all_at_once(
    records: pl.DataFrame, model: Model, tight: LinkageConfig, seed: int
) -> None:
    assert may_follow(tight)
    whole = link_whole(sourced(records, 0), NOTHING, model, tight, feeds=FEEDS).kept
    chance = random.Random(seed)
    parts = [part for _, part in records.with_columns(
        part=pl.Series([chance.randrange(8) for _ in range(records.height)])
    ).group_by("part")]  # fmt: skip
    chance.shuffle(parts)
    told = parts[0].head(60).with_columns(token_surname=pl.col("token_surname").shift(1))  # corrected once more below
    parts = [parts[0], parts[1], told, *parts[2:], parts[0].head(60)]
    kept = stepwise([part.drop("part") for part in parts], whole.frequent, model, tight)
    assert pairs(kept) == pairs(whole)
    assert persons(kept) == persons(whole)
    count, most = supervised(whole)
    assert count > 20
    assert most == 1


def test_records_that_go_leave_the_persons_of_those_that_stay(
    records: pl.DataFrame, model: Model, tight: LinkageConfig
) -> None:
    whole = link_whole(sourced(records, 0), NOTHING, model, tight, feeds=FEEDS).kept
    gone = np.arange(0, records.height, 7)
    left = follow(whole, arrived(records.head(0), 0, gone), model, tight)
    staying = records.sort("record_id").with_row_index("at").filter(~pl.col("at").is_in(gone)).drop("at")
    asked = link_whole(sourced(staying, 0), NOTHING, model, tight, whole.frequent, FEEDS).kept
    assert len(left.withdrawn) == len(gone)
    assert pairs(left.kept) == pairs(asked)
    assert persons(left.kept) == persons(asked)
