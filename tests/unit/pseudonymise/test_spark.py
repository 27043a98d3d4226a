"""Spark runs the very same token step on its workers: one input, the same bytes."""

import os
import shutil
import sys
from functools import partial

import pyarrow as pa
import pytest

from hub.settings import Settings
from keys.home import create_ring
from pseudonymise.batches import HomeKeys, TokenPlan, tokenise
from tests.cases import takes_long
from tests.unit.pseudonymise.both_schemes import IDENTIFIERS, frame_of
from tests.unit.pseudonymise.crowd import people

sql = pytest.importorskip("pyspark.sql", reason="PySpark is an extra: uv sync --extra spark")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is none on the path", allow_module_level=True)
pytestmark = takes_long


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "150",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
    }
    session = sql.SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield session
    session.stop()


def test_spark_makes_the_same_bytes(spark, tmp_path):
    create_ring(Settings(home=tmp_path))
    plan = TokenPlan(IDENTIFIERS, ("row",), HomeKeys(tmp_path))
    crowd = pa.table(frame_of(people(0, 1_000)).with_row_index("row").cast({"row": int}).to_arrow())
    here = pa.Table.from_batches(tokenise(crowd.to_batches(), plan))
    given = spark.createDataFrame(crowd).repartition(3)
    made = given.mapInArrow(partial(tokenise, plan=plan), to_spark(plan.schema(crowd.schema)))
    assert made.orderBy("row").toArrow().cast(here.schema).combine_chunks().equals(here.combine_chunks())


def to_spark(schema: pa.Schema):
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)
