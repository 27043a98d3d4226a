"""The engine that the settings name compares the pairs: many of them, and only while a link is made."""

import importlib.util
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hub.errors import ConfigurationError, EngineMissing
from hub.settings import Settings
from linkage.config import LinkageConfig
from linkage.engines.chosen import engine
from linkage.paired.coded import Coded, Numbers, code
from linkage.paired.levels import Levels, compared_by, levels, levels_here


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


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is not None, reason="PySpark is installed here")
def test_spark_that_is_not_installed_is_asked_for_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match=r"uv sync --extra spark"), engine(Settings(home=tmp_path, engine="spark")):
        pass


def test_an_engine_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="engine"):
        Settings(home=tmp_path, engine="abacus")  # type: ignore[arg-type]
