"""Spark compares pairs by the very function that compares them here: the same levels, weights and persons.

It needs PySpark, an extra, and Java: it runs in ``make test-all`` where both are there.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hub.settings import Settings
from hub.spark import session
from linkage.clustered.persons import find_persons
from linkage.config import LinkageConfig
from linkage.learned.model import Model, train
from linkage.learned.splink_view import splink_weights
from linkage.paired.coded import code
from linkage.paired.levels import compared_by, levels
from linkage.paired.meeting import met_by
from tests.cases import takes_long
from tests.unit.linkage.at_once import bring_together

pytest.importorskip("pyspark.sql", reason="PySpark is an extra: uv sync --extra spark")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is none on the path", allow_module_level=True)
pytestmark = takes_long


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with session(Settings(home=tmp_path_factory.mktemp("home"), spark_master="local[2]")) as made:
        yield made


def test_persons_weights_and_model_are_the_same(
    records: pl.DataFrame, config: LinkageConfig, model: Model, running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkage.engines.on_spark import Spark

    some, spark = records.head(1500), Spark(running, fewest=10_000)
    monkeypatch.setattr("linkage.paired.meeting._AT_ONCE", 2_000)
    here, trained = find_persons(some, model, config), train(some, config).document
    with compared_by(spark), met_by(spark):
        assert train(some, config).document == trained
        monkeypatch.setattr("linkage.paired.meeting.slab_of", None)  # so the driver meets none
        there = find_persons(some, model, config)
    assert there.pairs.equals(here.pairs)
    assert there.clusters.equals(here.clusters)
    assert len(bring_together(some, config).left) > 10_000  # so the workers were asked, for several slabs


def test_levels_come_back_in_the_order_of_the_pairs(records: pl.DataFrame, config: LinkageConfig, running: Any) -> None:
    from linkage.engines.on_spark import Spark

    coded, chance = code(records, config.columns), np.random.default_rng(1)
    left, right = chance.integers(0, coded.records, (2, 5_000)).astype(np.int32)
    assert (Spark(running)(coded, left, right, config) == levels(coded, left, right, config)).all()


def test_what_spark_writes_to_a_disk_is_encrypted(running: Any) -> None:
    conf = running.sparkContext.getConf()
    assert conf.get("spark.io.encryption.enabled") == "true"
    assert conf.get("spark.driver.bindAddress") == "127.0.0.1"


def test_splink_weighs_alike_on_spark_and_on_duckdb(
    records: pl.DataFrame, config: LinkageConfig, model: Model, running: Any, tmp_path: Path
) -> None:
    from splink import SparkAPI

    some, fewer = (
        records.head(300),
        config.model_copy(update={"blocking": config.blocking[:4]}),
    )  # its plan is slow to make
    here = splink_weights(some, model, fewer)
    there = splink_weights(some, model, fewer, SparkAPI(spark_session=running, break_lineage_method="persist"))
    keys = [name for name in here.columns if name != "match_weight"]
    assert there.select(keys).rows() == here.select(keys).rows()
    assert there["match_weight"].to_list() == pytest.approx(here["match_weight"].to_list(), abs=1e-9)
