"""The linkage model: Fellegi-Sunter over tokens and encodings alone, learned without labels.

Its parameters mean what Splink's mean, and Splink given them weighs every pair alike (a test holds it to that).

1. Records that agree by a rule that is *certain* are taken as one person; their pairs over the rules' expected share
   give the share of matching pairs to start from. Frequencies of names are counted over those persons.
2. m, u and the share of matches are learned together (learned.learning) from what blocking brings together and from
   random pairs; where there are too few records, the configured m stands.
3. A seed, and six significant digits: the same records and rules give the same model, to the byte.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
import rfc8785

from linkage.config import LinkageConfig
from linkage.learned.learning import Block, Learned, Sample, Shares, learn
from linkage.paired.blocking import Keys, groups
from linkage.paired.blocks import Blocks
from linkage.paired.coded import Coded, Numbers, code
from linkage.paired.language import columns_of
from linkage.paired.levels import Levels, levels
from linkage.paired.rules import Pairs

_DIGITS = 6
_WHOLE = 3  # pairs as keys make them, several times over, for one that is looked at


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
        """What it says, by name.

        ``config_hash``, ``records`` trained on, ``prior``, ``parameters`` {comparison: {level: {m, u}}},
        ``together`` [[comparison, comparison, bits]].
        """
        content: Mapping[str, Any] = json.loads(self.document)
        return content


@dataclass(frozen=True)
class Brought:
    """Records as numbers, and the pairs that blocking brings together, with their levels."""

    coded: Coded
    keys: Keys
    left: Numbers
    right: Numbers
    levels: Levels


def train(records: pl.DataFrame, config: LinkageConfig, seed: int = 1) -> Model:
    """Learn a model from records without labels. Raises LinkageRefused if the records are not well formed."""
    coded = code(records, config.columns)
    return train_on(coded, Blocks.of(coded, config), config, seed)


def train_on(coded: Coded, blocks: Blocks, config: LinkageConfig, seed: int = 1) -> Model:
    """Learn a model from records that are blocked already."""
    chance = np.random.default_rng(seed)
    pairs = max(coded.records * (coded.records - 1) / 2, 1.0)
    stated = tuple(comparison_m(config, name) for name in config.comparisons)
    used, blocked = _some(blocks, config.training.candidate_pairs, chance)
    left, right = halves(used, coded.records)
    others = _others(blocks, min(config.training.sampled_pairs, int(pairs)), chance)
    sample = Sample(
        levels(coded, left, right, config),
        levels(coded, *others, config),
        (blocked, pairs - blocked),
        tuple(_block(coded, left, right, rule, config) for rule in config.training.blocks),
        config.told_together,
    )
    start = Learned(stated, stated, start_prior(coded, config))  # (1)
    learned = learn(sample, start, config, again=coded.records >= config.training.fewest_records)  # (2)
    return Model(rfc8785.dumps(_content(learned, coded, config, seed)).decode())


def _block(coded: Coded, left: Numbers, right: Numbers, rule: str, config: LinkageConfig) -> Block:
    """The pairs that agree by a rule, and the comparisons that look at any of its columns."""
    told = set(columns_of(rule))
    silent = {number for number, it in enumerate(config.comparisons.values()) if told & it.columns}
    return Block(Pairs(coded, left, right).holds(rule), frozenset(silent))


def start_prior(coded: Coded, config: LinkageConfig) -> float:
    """Rule 1: the share of all pairs that is expected to match; at least one pair."""
    sizes = np.bincount(groups(coded, config.certain))
    certain = float((sizes * (sizes - 1) // 2).sum())
    pairs = max(coded.records * (coded.records - 1) / 2, 1)
    return min(max(certain / config.certain_share, 1) / pairs, 0.5)


def comparison_m(config: LinkageConfig, name: str) -> Shares:
    """The m that the configuration expects, by level from different upwards, scaled to sum to one."""
    comparison = config.comparisons[name]
    m = np.array([comparison.different, *(level.m for level in reversed(comparison.levels.values()))])
    return np.asarray(m / m.sum())


def halves(keys: Keys, records: int) -> tuple[Numbers, Numbers]:
    """The left and right records of pairs."""
    return (keys // records).astype(np.int32), (keys % records).astype(np.int32)


def _some(blocks: Blocks, most: int, chance: np.random.Generator) -> tuple[Keys, float]:
    """At most so many of the pairs that blocking brings together, and how many there are in all, about.

    All pairs of some left records, in random order; so no more than these are ever made.
    """
    counts, records = blocks.followers, np.arange(blocks.records)
    whole = int(counts.sum())
    if whole > _WHOLE * most:
        records = chance.permutation(records)
        records = np.sort(records[np.cumsum(counts[records]) <= _WHOLE * most])
    keys = blocks.pairs_of(records)
    blocked = len(keys) * whole / max(int(counts[records].sum()), 1)
    if len(keys) > most:
        keys = np.sort(chance.choice(keys, most, replace=False))
    return keys, blocked


def _others(blocks: Blocks, count: int, chance: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Random pairs that blocking does not bring together."""
    one, other = chance.integers(0, max(blocks.records, 1), (2, count)).astype(np.int32)
    apart = (one != other) & ~blocks.together(one, other)
    return np.minimum(one, other)[apart], np.maximum(one, other)[apart]


def _content(learned: Learned, coded: Coded, config: LinkageConfig, seed: int) -> dict[str, Any]:
    parameters = {
        name: {
            level: {"m": _digits(m), "u": _digits(u)}
            for level, m, u in zip(
                comparison.names, learned.m[number].tolist(), learned.u[number].tolist(), strict=True
            )
        }
        for number, (name, comparison) in enumerate(config.comparisons.items())
    }
    names = list(config.comparisons)
    return {
        "config_hash": config.hash,
        "records": coded.records,
        "seed": seed,
        "prior": _digits(learned.prior),
        "together": [[names[one], names[other], _digits(bits)] for one, other, bits in learned.together],
        "parameters": parameters,
    }


def _digits(number: float) -> float:
    return round(number, _DIGITS - 1 - math.floor(math.log10(abs(number)))) if number else 0.0
