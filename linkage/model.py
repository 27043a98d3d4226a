"""The linkage model: Fellegi-Sunter by Splink on DuckDB, over tokens and encodings alone.

Training needs no labels:

1. Records that agree by a rule that is *certain* are taken as one person; the number of such pairs over the
   rules' expected share gives the prior that two random records match.
2. u, chance agreement, is counted on random pairs of one record for each such person, so that a person's own
   records do not pass for chance. Frequencies of names are counted over those persons too.
3. m, agreement within a person, is learned by expectation maximisation on the pairs of each training block;
   the median of the blocks counts, drawn towards the configured m where there is little to learn from.
4. One thread, a seed, and six significant digits: the same records and rules give the same model, to the byte.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl
import rfc8785

from linkage.config import LinkageConfig
from linkage.features import NUMBER, features
from linkage.splink_engine import Engine

_DIGITS = 6
_PRIOR_PAIRS = 50  # how many matching pairs the configured m of a level is worth


@dataclass(frozen=True)
class Model:
    """A trained model, frozen: what it is, is its canonical JSON."""

    document: str

    @cached_property
    def version(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785)."""
        return hashlib.sha256(self.document.encode()).hexdigest()

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """``config_hash``, ``records`` trained on, ``prior``, ``parameters`` {comparison: {level: {m, u}}}."""
        content: Mapping[str, Any] = json.loads(self.document)
        return content


def train(records: pl.DataFrame, config: LinkageConfig, seed: int = 1) -> Model:
    """Learn a model from records without labels. Raises LinkageRefused if the records are not well formed."""
    with Engine(features(records, config.columns), config, threads=1) as engine:  # (4)
        prior = engine.prior()  # (1)
        chance = engine.estimate_u(seed)  # (2)
        learned = engine.estimate_m(prior, chance) if records.height >= config.training.fewest_records else {}  # (3)
        expected = prior * records.height * (records.height - 1) / 2
    parameters = {
        name: {
            level: {"m": _digits(m), "u": _digits(chance[name][level])}
            for level, m in _towards(
                comparison_m(config, name), learned.get(name, {}) if comparison.learned else {}, expected
            ).items()
        }
        for name, comparison in config.comparisons.items()
    }
    content: dict[str, Any] = {
        "config_hash": config.hash,
        "records": records.height,
        "seed": seed,
        "prior": _digits(prior),
        "parameters": parameters,
    }
    return Model(rfc8785.dumps(content).decode())


def score(records: pl.DataFrame, model: Model, config: LinkageConfig) -> pl.DataFrame:
    """Compare the records that blocking brings together.

    Returns record_id_l, record_id_r, match_weight (bits), match_probability and gamma_<comparison>
    (-1 unknown, 0 different, higher is better); each pair once, in order of record ids.
    """
    with Engine(features(records, config.columns), config) as engine:
        pairs = engine.predict(float(model.content["prior"]), model.content["parameters"])
    ids = records["record_id"].sort()
    return pairs.with_columns(
        ids.gather(pairs[f"{NUMBER}_l"]).alias("record_id_l"), ids.gather(pairs[f"{NUMBER}_r"]).alias("record_id_r")
    ).drop(f"{NUMBER}_l", f"{NUMBER}_r")


def comparison_m(config: LinkageConfig, name: str) -> dict[str, float]:
    """The m that the configuration expects, by level, scaled to sum to one."""
    comparison = config.comparisons[name]
    m = {level: stated.m for level, stated in comparison.levels.items()} | {"different": comparison.different}
    return {level: share / sum(m.values()) for level, share in m.items()}


def _towards(expected: dict[str, float], learned: Mapping[str, float], pairs: float) -> dict[str, float]:
    """Draw what was learned from ``pairs`` towards what is expected, as if that were _PRIOR_PAIRS more."""
    if not learned:
        return expected
    mixed = {
        level: (learned.get(level, 0.0) * pairs + share * _PRIOR_PAIRS) / (pairs + _PRIOR_PAIRS)
        for level, share in expected.items()
    }
    return {level: share / sum(mixed.values()) for level, share in mixed.items()}


def _digits(number: float) -> float:
    return round(number, _DIGITS - 1 - math.floor(math.log10(abs(number)))) if number else 0.0
