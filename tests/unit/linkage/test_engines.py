"""The engine that the settings name compares the pairs: many of them, and only while a link is made."""

import importlib.util
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from hub.errors import ConfigurationError, EngineMissing
from hub.settings import Settings
from linkage.clustered.persons import scale_of
from linkage.config import LinkageConfig
from linkage.engines.chosen import engine
from linkage.engines.slabs import Sent, met_of, of_slabs
from linkage.learned.model import Model
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.coded import Coded, Numbers, code
from linkage.paired.grouping import Indices
from linkage.paired.levels import Levels, compared_by, levels, levels_here
from linkage.paired.meeting import Met, meet, met_by


class Elsewhere:
    """Compares here, and counts how often it was asked."""

    fewest = 100

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, coded: Coded, left: Numbers, right: Numbers, config: LinkageConfig) -> Levels:
        self.asked.append(len(left))
        return levels_here(coded, left, right, config)


def test_many_pairs_go_elsewhere_and_few_stay(records: pl.DataFrame, config: LinkageConfig) -> None:
    coded, elsewhere = code(records.head(200), config.columns), Elsewhere()
    left, right = np.random.default_rng(1).integers(0, 200, (2, 150)).astype(np.int32)
    expected = levels(coded, left, right, config)
    with compared_by(elsewhere):
        assert (levels(coded, left, right, config) == expected).all()
        levels(coded, left[:99], right[:99], config)
    levels(coded, left, right, config)
    assert elsewhere.asked == [150]


class Farther:
    """Meets here what was packed for a worker of Spark, slab by slab, the last first."""

    fewest = 100

    def meet(self, scale: Scale, blocks: Blocks, slabs: list[Indices]) -> list[Met]:
        sent: Any = SimpleNamespace(value=pickle.dumps(Sent.of(scale, blocks, slabs)))
        numbers = [pa.record_batch({"slab": [number]}) for number in reversed(range(len(slabs)))]
        made = pa.Table.from_batches(of_slabs(numbers, sent)).sort_by("slab")
        assert made.num_rows == len(slabs) > 5
        return [met_of(row, scale.config) for row in made.to_pylist()]


def test_many_pairs_are_met_elsewhere_with_the_same_result(
    records: pl.DataFrame, config: LinkageConfig, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linkage.paired.meeting._AT_ONCE", 5_000)
    coded = code(records.head(1000), config.columns)
    scale, blocks = scale_of(coded, model, config), Blocks.of(coded, config)
    here = meet(scale, blocks)
    with met_by(Farther()):
        there = meet(scale, blocks)
    assert (there.pairs, there.light) == (here.pairs, here.light)
    for name in ("left", "right", "levels", "weight", "constraint"):
        mine, theirs = getattr(there.compared, name), getattr(here.compared, name)
        assert mine.dtype == theirs.dtype
        assert np.array_equal(mine, theirs)


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is not None, reason="PySpark is installed here")
def test_spark_that_is_not_installed_is_asked_for_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"uv sync --extra spark"), engine(Settings(home=tmp_path, engine="spark")):
        pass


def test_an_engine_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="engine"):
        Settings(home=tmp_path, engine="abacus")  # type: ignore[arg-type]
