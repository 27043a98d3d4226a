"""Which parts of persons in events meet a piece of evidence. Pure: frames in, frames out."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from factors.model import Evidence
from schemas.registry import CONTRACTS

_OF_EVENT = ("event_id", "feed", "occurred_on", "violence_kind")
_OF_PART = ("event_id", "person_id", "role")


@dataclass(frozen=True)
class Told:
    """What feeds tell of persons, a frame a feed: each part of a person in an event, with all that is kept of both.

    Of millions of parts only what a piece of evidence asks about is put side by side. ``ids``: types of event_id and
    person_id.
    """

    by_feed: Mapping[str, pl.LazyFrame]
    ids: dict[str, pl.DataType]

    @classmethod
    def of(cls, events: pl.DataFrame, involvements: pl.DataFrame) -> "Told":
        """``events`` have violence_kind besides what is kept of them; a column means what its own feed calls it."""
        feeds = involvements["feed"].unique().drop_nulls()
        ids = {name: involvements.schema[name] for name in ("event_id", "person_id")}
        return cls({feed: _joined(feed, events, involvements) for feed in feeds}, ids)

    def meeting(self, evidence: Evidence) -> pl.DataFrame | None:
        """The parts that meet it, one row an event and person; none where the feed or a column is not there.

        1. The part is one of its roles, if it states any.
        2. Each of its columns holds one of the values, as the agreement writes them. A blank is none.
        3. The event is of a kind of serious violence, if it asks for that.
        """
        told = self.by_feed.get(evidence.feed)
        if told is None:
            return None
        columns = told.collect_schema().names()
        if not evidence.where.keys() <= set(columns):
            return None
        holds = [pl.col(name).cast(pl.String).is_in(list(values)) for name, values in evidence.where.items()]  # (2)
        if evidence.roles:
            holds.append(pl.col("role").is_in(list(evidence.roles)))  # (1)
        if evidence.violent:
            holds.append(pl.col("violence_kind").is_not_null())  # (3)
        met = told.filter(pl.all_horizontal(pl.lit(value=True), *holds))
        named = dict.fromkeys(("event_id", "person_id", "feed", "occurred_on", *evidence.columns))
        return _once(met.select(name for name in named if name in columns).collect())


def _once(parts: pl.DataFrame) -> pl.DataFrame:
    """One row an event and person: of several the first in order of what they say, a blank last."""
    key = ["event_id", "person_id"]
    several = parts.select(key).is_duplicated()
    if not several.any():
        return parts
    first = parts.filter(several).sort(pl.all(), nulls_last=True).unique(key, keep="first", maintain_order=True)
    return pl.concat([parts.filter(~several), first])


def stated(told: pl.DataFrame, column: str | None, kind: pl.DataType) -> pl.Expr:
    """A column as a type; blank where none is named or it is not kept."""
    here = column is not None and column in told.columns
    return pl.col(str(column)).cast(kind) if here else pl.lit(None, kind)


def _joined(feed: str, events: pl.DataFrame, parts: pl.DataFrame) -> pl.LazyFrame:
    contract = CONTRACTS[feed]
    of_event = dict.fromkeys((*_OF_EVENT, *contract.event_columns))
    of_part = dict.fromkeys((*_OF_PART, *contract.person_columns))
    own = [name for name in of_event if name in events.columns]
    taken = [name for name in of_part if name in parts.columns and (name not in own or name == "event_id")]
    told, whole = (frame.lazy().filter(pl.col("feed") == feed) for frame in (parts, events))
    return told.select(taken).join(whole.select(own), on="event_id")
