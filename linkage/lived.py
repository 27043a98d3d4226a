"""When the persons of records died and when they were seen last, as far as the agreement lets linkage look."""

import logging
from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from sqlalchemy import Connection

from agreement.model import Agreement
from agreement.policy import looked_at
from hub.settings import Settings
from keys.key import Key
from keys.ring import KeyRing
from linkage.clustered.deaths import DAYS, UNTOLD
from linkage.config import LinkageConfig
from store.datakeys import open_data_key
from store.errors import FileMissing
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_groups

log = logging.getLogger(__name__)
DAY = "occurred_on"
_KEYS = ("event_id", "record_id")
Telling = Mapping[str, Sequence[str]]


def with_days(
    settings: Settings,
    connection: Connection,
    ring: KeyRing,
    by: tuple[Agreement, LinkageConfig],
    records: pl.DataFrame,
    deliveries: Sequence[DeliveryRow],
) -> pl.DataFrame:
    """Records with ``day_died`` and ``day_seen`` (linkage.clustered.deaths.DAYS), days since 1970-01-01.

    ``source`` is the place of a record's delivery among ``deliveries``.

    1. A feed's days are looked at only if the agreement lets linkage look at them; what tells of a death, only if it
       does so of each of its columns. Else the record tells of none.
    2. A record died on the first day of an event that tells of its death, and was seen on the last day of any.
    """
    agreement, config = by
    telling = {feed: _telling(agreement, config, feed) for feed in sorted({row.feed for row in deliveries})}
    read = [_NOTHING.with_columns(source=pl.lit(0, pl.Int64))]
    for at, row in enumerate(deliveries):
        if (values := telling[row.feed]) is not None:
            told = _told(settings, row, open_data_key(connection, ring, row.data_key_id), values)
            read.append(told.with_columns(source=pl.lit(at, pl.Int64)))
    found = records.join(pl.concat(read), on=["record_id", "source"], how="left", maintain_order="left")
    return found.with_columns(pl.col(name).fill_null(never) for name, never in zip(DAYS, UNTOLD, strict=True))


_NOTHING = pl.DataFrame(schema={"record_id": pl.String} | dict.fromkeys(DAYS, pl.Int32))
_NO_EVENT = pl.DataFrame(schema={"event_id": pl.String})


def _telling(agreement: Agreement, config: LinkageConfig, feed: str) -> Telling | None:
    """Rule 1: by column the values that tell of a death together, if any do; none if days are not to be looked at."""
    deaths, looked = config.clustering.deaths, looked_at(agreement, feed)
    if deaths is None or DAY not in looked:
        return None
    values = deaths.told_by.get(feed, {})
    if unseen := sorted(set(values) - looked):
        log.warning("no death is told by %s: the agreement does not let linkage look at %s", feed, ", ".join(unseen))
        return {}
    return values


def _told(settings: Settings, delivery: DeliveryRow, key: Key, telling: Telling) -> pl.DataFrame:
    """Rule 2, for one delivery: record_id and DAYS."""
    place, columns = tables_name(delivery), (*_KEYS, DAY, *telling)
    try:
        events = pl.concat([_NO_EVENT, *_groups(settings, f"{place}.parquet", key, columns)], how="diagonal")
        involved = _groups(settings, f"{place}.involvements.parquet", key, columns)
        parts = [_days(part.join(events, on="event_id"), telling) for part in involved]
    except FileMissing:  # a feed that tells of records and of no event
        return _NOTHING
    return pl.concat([_NOTHING, *parts]).group_by("record_id").agg(pl.col(DAYS[0]).min(), pl.col(DAYS[1]).max())


def _groups(settings: Settings, name: str, key: Key, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    for part in read_groups(settings, "events", name, key):
        yield part.select(column for column in columns if column in part.columns)


def _days(involved: pl.DataFrame, telling: Telling) -> pl.DataFrame:
    """Of each involvement the day, and whether it tells of a death; of one without a day, or a column, nothing."""
    if DAY not in involved.columns:
        return _NOTHING
    day = pl.col(DAY).cast(pl.Date).to_physical()
    told = [pl.col(name).is_in(list(values)) for name, values in telling.items() if name in involved.columns]
    died = pl.when(pl.all_horizontal(told)).then(day) if told and len(told) == len(telling) else pl.lit(None, pl.Int32)
    return involved.select("record_id", died.alias(DAYS[0]), day.alias(DAYS[1]))
