"""All records at once: what a link starts from when nothing that is kept serves it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from linkage.assessed.traits import CODES
from linkage.compared import compare
from linkage.config import LinkageConfig
from linkage.decided import Decided
from linkage.kept.coding import Fresh
from linkage.kept.frequent import Frequent
from linkage.kept.state import Ids, Kept, Pairs, halves_of, worth_keeping
from linkage.kept.touching import near_columns
from linkage.model import Model, bring_together
from linkage.persons import grouped, scale_of

Frequencies = Frequent | Callable[[Ids, Fresh], Frequent]


@dataclass(frozen=True)
class Whole:
    """``kept``: all of it. ``compared``: how many pairs were; ``light``: matches expected among those not kept."""

    kept: Kept
    compared: int
    light: float


def link_whole(
    records: pl.DataFrame, decided: Decided, model: Model, config: LinkageConfig, frequent: Frequencies | None = None
) -> Whole:
    """Link records, each once, with ``source``, ``feed`` (numbers) and ``earlier``; ``decided`` is by sorted record id.

    ``frequent``: the frequencies that the model served by before, or what finds them. Raises LinkageRefused.
    """
    records = records.sort("record_id")
    brought = bring_together(records, config)
    scale = scale_of(brought.coded, model, config)
    fresh = Fresh.first(brought.coded, records, near_columns(config))
    ids = halves_of(records["record_id"])
    if not isinstance(frequent, Frequent):
        frequent = frequent(ids, fresh) if frequent else Frequent.counted(fresh.values, scale.rarity)
    scale = replace(scale, rarity=frequent.of(fresh.values))
    found = compare(scale, brought)
    persons = grouped(scale, found, decided)
    worth = worth_keeping(found.weight, found.constraint, config)
    held = np.flatnonzero(worth)
    pairs = Pairs(
        np.arange(len(held), dtype=np.int64),
        found.left[held].astype(np.int32),
        found.right[held].astype(np.int32),
        found.weight[held],
        found.levels[held],
        found.constraint[held],
    )
    kept = Kept(
        ids=ids,
        alive=np.ones(records.height, dtype=bool),
        earlier=records["earlier"].to_numpy().copy(),
        source=records["source"].to_numpy().astype(np.int32),
        feed=records["feed"].to_numpy().astype(np.int32),
        traits=records.select(CODES).to_numpy(),
        coded=brought.coded,
        values=fresh.values,
        pieces=fresh.pieces,
        bands=fresh.bands,
        frequent=frequent,
        rarity=scale.rarity,
        region=persons.region,
        label=persons.label,
        pairs=pairs,
        pairs_made=len(held),
    )
    light = float((1 / (1 + np.exp2(-found.weight[~worth]))).sum())
    return Whole(kept, len(found.left), light)
