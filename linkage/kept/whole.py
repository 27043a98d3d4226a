"""All records at once: what a link starts from when nothing that is kept serves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from linkage.assessed.traits import CODES
from linkage.clustered.deaths import DAYS
from linkage.clustered.decided import Decided
from linkage.clustered.once import once_of
from linkage.clustered.persons import grouped, scale_of
from linkage.config import LinkageConfig
from linkage.kept.coding import Fresh
from linkage.kept.frequent import Frequent
from linkage.kept.state import Ids, Kept, Links, Pairs, halves_of
from linkage.kept.touching import near_columns
from linkage.learned.model import Model
from linkage.paired.blocks import Blocks
from linkage.paired.coded import code
from linkage.paired.meeting import meet

Frequencies = Frequent | Callable[[Ids, Fresh], Frequent]


@dataclass(frozen=True)
class Whole:
    """``kept``: all of it. ``compared``: how many pairs were; ``light``: matches expected among those not kept."""

    kept: Kept
    compared: int
    light: float


def link_whole(
    records: pl.DataFrame,
    decided: Decided,
    model: Model,
    config: LinkageConfig,
    frequent: Frequencies | None = None,
    feeds: Sequence[str] = (),
) -> Whole:
    """Link records, each once, with ``source``, ``feed`` (numbers) and ``earlier``; ``decided`` is by sorted record id.

    ``frequent``: the frequencies that the model served by before, or what finds them. ``feeds``: their names by number.
    Raises LinkageRefused.
    """
    records = records.sort("record_id")
    coded = code(records, config.columns)
    scale = scale_of(coded, model, config)
    fresh = Fresh.first(coded, records, near_columns(config))
    ids = halves_of(records["record_id"])
    records = records.select("source", "feed", "earlier", *CODES, *DAYS)  # its texts would lie beside all pairs
    if not isinstance(frequent, Frequent):
        frequent = frequent(ids, fresh) if frequent else Frequent.counted(fresh.values, scale.rarity)
    feed = records["feed"].to_numpy().astype(np.int32)
    once = once_of(feed, feeds, config.clustering.one_record_per_person)
    days = records.select(DAYS).to_numpy()
    scale = replace(scale, rarity=frequent.of(fresh.values), once=once, days=days)
    met = meet(scale, Blocks.of(coded, config))
    found = met.compared
    persons = grouped(scale, found, decided)
    left, right = found.left.astype(np.int32), found.right.astype(np.int32)
    number = np.arange(len(left), dtype=np.int64)
    kept = Kept(
        ids=ids,
        alive=np.ones(len(ids), dtype=bool),
        earlier=records["earlier"].to_numpy().copy(),
        source=records["source"].to_numpy().astype(np.int32),
        feed=feed,
        feeds=tuple(feeds),
        traits=records.select(CODES).to_numpy(),
        days=days,
        coded=coded,
        values=fresh.values,
        pieces=fresh.pieces,
        bands=fresh.bands,
        frequent=frequent,
        rarity=scale.rarity,
        region=persons.region,
        label=persons.label,
        links=Links.of(Pairs(number, left, right, found.weight, found.levels, found.constraint)),
        pairs_made=len(number),
    )
    return Whole(kept, met.pairs, met.light)
