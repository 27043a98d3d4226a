"""Every pair that blocking brings together, all at once: what the hub does some at a time (linkage.paired.blocks)."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from linkage.config import LinkageConfig
from linkage.learned.model import Brought, halves
from linkage.paired.blocking import Keys, distinct, keys_of
from linkage.paired.coded import Coded, code
from linkage.paired.grouping import spans
from linkage.paired.levels import levels


def candidates(coded: Coded, largest_blocks: Mapping[str, int], rare_block: int) -> Keys:
    """Every pair that a rule brings together, once and in order, as left * records + right, left < right."""
    found = [_within(key, largest_blocks[rule]) for rule, key in keys_of(coded, largest_blocks, rare_block)]
    return distinct(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def bring_together(records: pl.DataFrame, config: LinkageConfig) -> Brought:
    """Block and compare. Raises LinkageRefused if the records are not well formed."""
    coded = code(records, config.columns)
    keys = candidates(coded, config.largest_blocks, config.rare_block)
    left, right = halves(keys, coded.records)
    return Brought(coded, keys, left, right, levels(coded, left, right, config))


def _within(key: Keys, largest_block: int) -> Keys:
    """All pairs of records with one key."""
    known = np.flatnonzero(key >= 0)
    order = known[np.argsort(key[known], kind="stable")]
    ordered = key[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(ordered)))
    used = (sizes > 1) & (sizes <= largest_block)  # (3)
    starts, sizes = starts[used], sizes[used]
    places = spans(starts, sizes)  # where in the order each member of a used block stands
    followers = np.repeat(starts + sizes, sizes) - places - 1
    left, right = np.repeat(order[places], followers), order[spans(places + 1, followers)]
    return left * len(key) + right  # order is stable: left < right
