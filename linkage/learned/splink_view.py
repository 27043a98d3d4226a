"""A model as Splink sees it: its charts, and Splink's own weight for every pair, which a test compares with ours."""

import logging
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.database_api import DatabaseAPI

from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.learned.splink_settings import splink_settings
from linkage.learned.weighing import rarity
from linkage.paired.blocking import groups
from linkage.paired.coded import code
from linkage.paired.features import NUMBER, features

CHARTS = ("match_weights.html", "m_and_u.html")


def save_charts(model: Model, config: LinkageConfig, folder: Path) -> tuple[Path, ...]:
    """Splink's charts of a model, each a page that needs no network: match weights, and m beside u."""
    folder.mkdir(parents=True, exist_ok=True)
    nothing = pl.DataFrame({"record_id": ["0", "1"]}).with_columns(
        pl.lit(None, pl.Binary if column.startswith("encoding_") else pl.String).alias(column)
        for column in config.columns
    )
    with duckdb.connect(":memory:") as database:
        charts = _linker(DuckDBAPI(database), nothing, model, config).visualisations
        drawn = (charts.match_weights_chart(), charts.m_u_parameters_chart())
    chart: Any
    for chart, name in zip(drawn, CHARTS, strict=True):
        (folder / name).write_text(chart.to_html(inline=True), encoding="utf-8")
    return tuple(folder / name for name in CHARTS)


def splink_weights(
    records: pl.DataFrame, model: Model, config: LinkageConfig, spark: DatabaseAPI[Any] | None = None
) -> pl.DataFrame:
    """Splink's match_weight of every pair that it blocks by the rules of which it knows the words, by record number.

    By DuckDB, or by the Splink backend that is given, such as its ``SparkAPI``.
    Without what the model takes off for things that go together by chance, and without constraints: Splink has neither.
    """
    with duckdb.connect(":memory:") as database:
        api = spark or DuckDBAPI(database)
        linker = _linker(api, records, model, config)
        for token, frequency in _frequencies(records, config).items():
            linker.table_management.register_term_frequency_lookup(api.register(frequency), token)
        made = linker.inference.predict(warning_mode="never").as_pyarrow_table()  # type: ignore[no-untyped-call]
    wanted = [f"{NUMBER}_l", f"{NUMBER}_r", "match_weight"]
    return pl.DataFrame(pl.from_arrow(made.select(wanted))).sort(wanted)


def _frequencies(records: pl.DataFrame, config: LinkageConfig) -> dict[str, pa.Table]:
    """How frequent each value is, as linkage.learned.weighing counts it, by the numbers that ``features`` gives."""
    coded = code(records, config.columns)
    found = rarity(coded, groups(coded, config.certain), config.frequencies)
    tables = {}
    for token, bits in found.items():
        frame = pl.DataFrame({token: np.arange(1, len(bits) + 1, dtype=np.int32), f"tf_{token}": np.exp2(bits)})
        tables[token] = frame.to_arrow()
    return tables


def _linker(api: DatabaseAPI[Any], records: pl.DataFrame, model: Model, config: LinkageConfig) -> Linker:
    logging.getLogger("splink").setLevel(logging.ERROR)
    table = api.register(features(records, config.columns).to_arrow())
    settings = splink_settings(config, float(model.content["prior"]), model.content["parameters"])
    return Linker(table, settings, log_level=None)
