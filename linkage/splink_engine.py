"""One Splink linker on one DuckDB database in memory, fed with features."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import polars as pl
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException

from linkage.cluster import components
from linkage.config import DIFFERENT, LinkageConfig
from linkage.features import NUMBER
from linkage.language import blocking_sql, comparison_sql

Shares = Mapping[str, Mapping[str, float]]
_FEWEST = 0.5  # a level never seen by chance counts as half a pair
logging.getLogger("splink").setLevel(logging.ERROR)


class Engine:
    """The records of one run, ready to be trained on or scored. A context manager: closing frees the memory."""

    def __init__(self, frame: pl.DataFrame, config: LinkageConfig, threads: int | None = None) -> None:
        self._config = config
        self._records = frame.height
        self._database = duckdb.connect(":memory:", config={"threads": threads} if threads else {})
        self._database.register("given", frame.to_arrow())
        self._database.execute("create table records as select * from given")
        self._database.unregister("given")
        self._persons = self._stand_in_persons()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def _stand_in_persons(self) -> pl.DataFrame:
        """Records grouped by the rules that are certain: record number, and the smallest of its group."""
        rule = " union ".join(
            f"select l.{NUMBER} as l, r.{NUMBER} as r from records l join records r "
            f"on {blocking_sql(rule)} and l.{NUMBER} < r.{NUMBER}"
            for rule in self._config.certain
        )
        pairs = self._database.sql(rule).pl()
        self._certain_pairs = pairs.height
        person = components(self._records, pairs["l"].to_numpy(), pairs["r"].to_numpy())
        return pl.DataFrame({NUMBER: np.arange(self._records), "person": person})

    def prior(self) -> float:
        """The share of all pairs that is expected to match; at least one pair."""
        pairs = max(self._records * (self._records - 1) / 2, 1)
        return min(max(self._certain_pairs / self._config.certain_share, 1) / pairs, 0.5)

    def estimate_u(self, seed: int) -> dict[str, dict[str, float]]:
        """Chance agreement by comparison and level, from random pairs of stand-in persons."""
        self._database.register("persons", self._persons.filter(pl.col(NUMBER) == pl.col("person")).to_arrow())
        self._database.execute(
            f"create or replace table representatives as select records.* from records semi join persons using ({NUMBER})"
        )
        linker = self._linker("representatives", 0.0001, None)
        sampled = self._config.training.sampled_pairs
        linker.training.estimate_u_using_random_sampling(sampled, seed=seed, min_count_per_level=None, num_chunks=1)
        count = self._persons["person"].n_unique()
        seen = min(sampled, count * (count - 1) / 2)
        fewest = _FEWEST / max(seen, 1)
        counted = self._learned(linker, "u")
        return {
            name: {level: max(counted[name].get(level, level == DIFFERENT), fewest) for level in comparison.names}
            for name, comparison in self._config.comparisons.items()
        }

    def estimate_m(self, prior: float, chance: Shares) -> dict[str, dict[str, float]]:
        """Agreement within persons by comparison and level: median over the training blocks."""
        linker = self._linker("records", prior, {name: {level: {"u": u} for level, u in shares.items()} for name, shares in chance.items()})
        for rule in self._config.training.blocks:
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    blocking_sql(rule), estimate_without_term_frequencies=True
                )
            except EMTrainingException:
                continue  # no pair agrees by this rule: nothing to learn from it
        return self._learned(linker, "m")

    def predict(self, prior: float, parameters: Mapping[str, Mapping[str, Mapping[str, float]]]) -> pl.DataFrame:
        """Score every pair that blocking finds."""
        linker = self._linker("records", prior, parameters)
        self._register_frequencies(linker)
        scored = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        gammas = ", ".join(f"gamma_{name}" for name in self._config.comparisons)
        columns = f"{NUMBER}_l, {NUMBER}_r, match_weight, match_probability, {gammas}"
        return scored.select(columns).order(f"{NUMBER}_l, {NUMBER}_r").pl()

    def _register_frequencies(self, linker: Linker) -> None:
        """Term frequencies over stand-in persons: a rare name is not common because its bearer is often recorded."""
        self._database.register("grouped", self._persons.to_arrow())
        api = linker._db_api
        for token in self._config.frequencies:
            table = f"frequency_{token}"
            self._database.execute(
                f"create or replace table {table} as select {token}, count(distinct person) / "
                f"(select count(distinct person) from grouped)::double as tf_{token} "
                f"from records join grouped using ({NUMBER}) where {token} is not null group by {token}"
            )
            linker.table_management.register_term_frequency_lookup(api.register(table), token)

    def _linker(self, table: str, prior: float, parameters: Mapping[str, Any] | None) -> Linker:
        api = DuckDBAPI(self._database)
        return Linker(api.register(table), settings(self._config, prior, parameters or {}), log_level=None)

    def _learned(self, linker: Linker, which: str) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for comparison in linker._settings_obj.comparisons:
            names = self._config.comparisons[comparison.output_column_name].names
            shares = {
                names[level.comparison_vector_value]: getattr(level, f"_trained_{which}_median")
                for level in comparison.comparison_levels
                if not level.is_null_level
            }
            found[comparison.output_column_name] = {name: share for name, share in shares.items() if share is not None}
        return found


def settings(config: LinkageConfig, prior: float, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Splink's settings for this configuration, with the m and u given for {comparison: {level: {m, u}}}."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": NUMBER,
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": [blocking_sql(rule) for rule in config.blocking],
        "comparisons": [_comparison(config, name, parameters.get(name, {})) for name in config.comparisons],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "max_iterations": 50,
        "em_convergence": 0.0005,
        "linker_uid": "hub",
    }


def _comparison(config: LinkageConfig, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    comparison = config.comparisons[name]
    unknown = {"sql_condition": comparison_sql(comparison.unknown), "label_for_charts": "unknown", "is_null_level": True}
    levels = [
        _level(label, comparison_sql(level.when), level.m, level.frequency, parameters.get(label, {}))
        for label, level in comparison.levels.items()
    ]
    rest = _level(DIFFERENT, "ELSE", comparison.different, None, parameters.get(DIFFERENT, {}))
    return {"output_column_name": name, "comparison_levels": [unknown, *levels, rest]}


def _level(label: str, sql: str, m: float, frequency: str | None, given: Mapping[str, float]) -> dict[str, Any]:
    level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label, "m_probability": given.get("m", m)}
    if "u" in given:
        level["u_probability"] = given["u"]
    if frequency:
        level |= {"tf_adjustment_column": frequency, "tf_adjustment_weight": 1.0}
    return level
