"""Splink at work on one DuckDB database in memory, fed with features.

Statements are put together from the configuration's rules, which linkage.language has read, never from data.
"""

# ruff: noqa: S608

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
from linkage.language import blocking_sql
from linkage.splink_settings import gamma_sql, splink_settings

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
        pairs = self._query(rule)
        self._certain_pairs = pairs.height
        person = components(self._records, pairs["l"].to_numpy(), pairs["r"].to_numpy())
        return pl.DataFrame({NUMBER: np.arange(self._records), "person": person})

    def prior(self) -> float:
        """The share of all pairs that is expected to match; at least one pair."""
        pairs = max(self._records * (self._records - 1) / 2, 1)
        return float(min(max(self._certain_pairs / self._config.certain_share, 1) / pairs, 0.5))

    def estimate_u(self, seed: int) -> dict[str, dict[str, float]]:
        """Chance agreement by comparison and level, from random pairs of stand-in persons."""
        self._choose("representatives", of_each=1)
        linker = self._linker(DuckDBAPI(self._database), "representatives", self.prior(), {})
        sampled = self._config.training.sampled_pairs
        linker.training.estimate_u_using_random_sampling(sampled, seed=seed, min_count_per_level=None, num_chunks=1)
        count = self._persons["person"].n_unique()
        seen = min(sampled, count * (count - 1) / 2)
        fewest = _FEWEST / max(seen, 1)
        counted = self._learned(linker, "u_probability")
        return {
            name: {level: max(counted[name].get(level, level == DIFFERENT), fewest) for level in comparison.names}
            for name, comparison in self._config.comparisons.items()
        }

    def estimate_m(self, prior: float, chance: Shares) -> dict[str, dict[str, float]]:
        """Agreement within persons by comparison and level: median over the training blocks."""
        given = {name: {level: {"u": u} for level, u in shares.items()} for name, shares in chance.items()}
        self._choose("examples", of_each=self._config.training.records_each)
        linker = self._linker(DuckDBAPI(self._database), "examples", prior, given)
        for rule in self._config.training.blocks:
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    blocking_sql(rule), estimate_without_term_frequencies=True
                )
            except EMTrainingException:
                continue  # no pair agrees by this rule: nothing to learn from it
        return self._learned(linker, "m_probability")

    def _choose(self, table: str, of_each: int) -> None:
        """A table of the first few records of each stand-in person: record ids are digests, so this is by chance."""
        nth = pl.int_range(pl.len()).over("person")
        self._database.register("chosen", self._persons.filter(nth < of_each).to_arrow())
        self._database.execute(
            f"create table {table} as select records.* from records semi join chosen using ({NUMBER})"
        )

    def predict(self, prior: float, parameters: Mapping[str, Mapping[str, Mapping[str, float]]]) -> pl.DataFrame:
        """Score every pair that blocking finds."""
        api = DuckDBAPI(self._database)
        linker = self._linker(api, "records", prior, parameters)
        self._register_frequencies(api, linker)
        scored = linker.inference.predict(warning_mode="never").physical_name
        levels = ", ".join(
            f"{gamma_sql(comparison)} as gamma_{name}" for name, comparison in self._config.comparisons.items()
        )
        return self._query(
            f"select {NUMBER}_l, {NUMBER}_r, match_weight, match_probability, {levels} from {scored} "
            f"join records l on l.{NUMBER} = {NUMBER}_l join records r on r.{NUMBER} = {NUMBER}_r "
            f"order by {NUMBER}_l, {NUMBER}_r"
        )

    def _register_frequencies(self, api: DuckDBAPI, linker: Linker) -> None:
        """Term frequencies over stand-in persons: a rare name is not common because its bearer is often recorded."""
        self._database.register("grouped", self._persons.to_arrow())
        for token in self._config.frequencies:
            table = f"frequency_{token}"
            self._database.execute(
                f"create or replace table {table} as select {token}, count(distinct person) / "
                f"(select count(distinct person) from grouped)::double as tf_{token} "
                f"from records join grouped using ({NUMBER}) where {token} is not null group by {token}"
            )
            linker.table_management.register_term_frequency_lookup(api.register(table), token)

    def _query(self, sql: str) -> pl.DataFrame:
        frame: pl.DataFrame = self._database.sql(sql).pl()
        return frame

    def _linker(self, api: DuckDBAPI, table: str, prior: float, parameters: Mapping[str, Any]) -> Linker:
        return Linker(api.register(table), splink_settings(self._config, prior, parameters), log_level=None)

    def _learned(self, linker: Linker, which: str) -> dict[str, dict[str, float]]:
        """The ``m_probability`` or ``u_probability`` by comparison and level; levels never seen are left out."""
        return {
            comparison["output_column_name"]: {
                level["label_for_charts"]: level[which] for level in comparison["comparison_levels"] if which in level
            }
            for comparison in linker.misc.save_model_to_json()["comparisons"]
        }
