"""Whether the next link can start from what is kept, and what came and went since.

It starts from all records instead

1. if what is kept was made by another model, other rules, under other keys or another agreement, or cannot be read;
2. if records were un-barred: what is kept does not hold them;
3. if a delivery is in force no more and an older one may hold a record of it;
4. if the blocking rules cannot be followed step by step (linkage.kept.touching).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from sqlalchemy import Connection, select

from hub.settings import Settings
from ingest.barred import barred_records
from ingest.models import BarredRecordRow
from keys.ring import KeyRing
from linkage.assessed.traits import BORN, STATED, coded
from linkage.clustered.deaths import DAYS
from linkage.config import LinkageConfig
from linkage.kept.sealed import About, read_kept
from linkage.kept.state import Kept, Rows, halves_of
from linkage.kept.step import Arrived
from linkage.kept.touching import may_follow
from linkage.models import LinkDecision
from linkage.reviewed.reviewing import words
from store.errors import DataKeyGone, FileMissing, SealBroken
from store.models import DeliveryRow

log = logging.getLogger(__name__)
ReadThese = Callable[[Sequence[DeliveryRow]], pl.DataFrame | None]


@dataclass(frozen=True)
class Start:
    """What is kept, by what it was made."""

    kept: Kept
    about: About


@dataclass(frozen=True)
class Next:
    """What came and went since, and by what the next state will be made."""

    arrived: Arrived
    about: About


def start(
    settings: Settings, connection: Connection, ring: KeyRing, about: About | None, config: LinkageConfig
) -> Start | None:
    """What is kept, if it can be read at all."""
    if about is None:
        return None
    try:
        return Start(read_kept(settings, connection, ring, config.frequencies, about.feeds), about)
    except (DataKeyGone, FileMissing, SealBroken) as error:
        log.warning("what the last link kept is not used: %s", type(error).__name__)
        return None


def follows(about: About | None, terms: About, config: LinkageConfig) -> bool:
    """Rules 1 and 4, before anything is read."""
    return about is not None and about.same_terms(terms) and may_follow(config)


def arrived(connection: Connection, begun: Start, deliveries: Sequence[DeliveryRow], read: ReadThese) -> Next | None:
    """What came and went since; none if all records must be looked at (2, 3)."""
    about, kept = begun.about, begun.kept
    present = {row.id for row in deliveries}
    ended = [name for name in about.present if name not in present]
    new = [row for row in deliveries if row.id not in set(about.present)]
    if _bars(connection, ended):  # (2)
        return None
    known = [*about.deliveries, *([row.id, row.period] for row in new)]
    records = read(new)
    if records is None:
        records = _none(kept)
    records, traits = coded(records, about.traits)
    feeds = [*about.feeds, *sorted(set(records["feed"].unique()) - set(about.feeds))]
    records = records.with_columns(
        pl.col("source") + len(about.deliveries),
        pl.col("feed").replace_strict({name: at for at, name in enumerate(feeds)}, return_dtype=pl.Int64),
    )
    left = _of_deliveries(kept, [at for at, (name, _) in enumerate(known) if name in set(ended)])
    if _may_return(kept, left, records, known):  # (3)
        return None
    barred = kept.find(halves_of(barred_records(connection)["record_id"]))
    gone = np.union1d(left, barred[barred >= 0])
    rows = connection.execute(select(LinkDecision.record_id_l, LinkDecision.record_id_r, LinkDecision.number)).all()
    changed = sorted({it for row in rows if row.number > about.decision for it in row[:2]})
    after = replace(
        about,
        deliveries=known,
        present=sorted(present),
        feeds=feeds,
        traits=traits,
        decision=max((row.number for row in rows), default=0),
    )
    return Next(Arrived(records, _age(known), gone, words(connection), changed, feeds), after)


def _none(kept: Kept) -> pl.DataFrame:
    schema: dict[str, type[pl.DataType]] = dict.fromkeys(("record_id", "feed", *kept.coded.tokens), pl.String)
    schema |= dict.fromkeys(kept.coded.encodings, pl.Binary)
    schema |= {"source": pl.Int64, "earlier": pl.Boolean} | dict.fromkeys(STATED, pl.String) | {BORN: pl.Int64}
    schema |= dict.fromkeys(DAYS, pl.Int32)
    return pl.DataFrame(schema=schema)


def _age(deliveries: Sequence[Sequence[str]]) -> Rows:
    """Of each delivery by number its place in their order: by period, then by id."""
    order = sorted(range(len(deliveries)), key=lambda at: (deliveries[at][1], deliveries[at][0]))
    age = np.empty(len(order), dtype=np.int64)
    age[order] = np.arange(len(order))
    return age


def _of_deliveries(kept: Kept, numbers: Sequence[int]) -> Rows:
    return np.flatnonzero(kept.alive & np.isin(kept.source, numbers))


def _may_return(kept: Kept, left: Rows, records: pl.DataFrame, known: Sequence[Sequence[str]]) -> bool:
    """Whether an older delivery may have a record that was left, and no new one of that quarter or later has it."""
    rows = left[kept.earlier[left]]
    if not len(rows):
        return False
    period = np.array([period for _, period in known])
    told = np.full(len(kept.alive), "", dtype=period.dtype)
    found = kept.find(halves_of(records["record_id"]))
    told[found[found >= 0]] = period[records["source"].to_numpy()[found >= 0]]
    return bool((told[rows] < period[kept.source[rows]]).any())


def _bars(connection: Connection, deliveries: Sequence[str]) -> bool:
    held = select(BarredRecordRow.record_id).where(BarredRecordRow.delivery_id.in_(deliveries)).limit(1)
    return bool(deliveries) and connection.execute(held).first() is not None
