"""What feeds stated of the persons of records, as far as it is kept: for quality by group, and nothing else."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl
from sqlalchemy import Connection

from hub.settings import Settings
from keys.key import Key
from keys.ring import KeyRing
from store.datakeys import open_data_key
from store.errors import FileMissing
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_groups

STATED = ("sex", "ethnic_group")
BORN = "birth_year"
CODES = ("trait_sex", "trait_ethnic_group", "trait_birth_year")


def with_traits(
    settings: Settings,
    connection: Connection,
    ring: KeyRing,
    records: pl.DataFrame,
    deliveries: Sequence[DeliveryRow],
) -> pl.DataFrame:
    """Records with sex, ethnic_group and birth_year, null where the feed did not state it or it is not kept.

    ``source`` is the place of a record's delivery among ``deliveries``.
    """
    read = [
        _stated(settings, connection, ring, row).with_columns(source=pl.lit(at, pl.Int64))
        for at, row in enumerate(deliveries)
    ]
    told = pl.concat([_NOTHING.with_columns(source=pl.lit(0, pl.Int64)), *read])
    return records.join(told, on=["record_id", "source"], how="left", maintain_order="left")


def coded(records: pl.DataFrame, known: Mapping[str, Sequence[str]]) -> tuple[pl.DataFrame, dict[str, list[str]]]:
    """The same as numbers (CODES), -1 or 0 where nothing is known; and the values by number, those known first."""
    values = {
        name: [*known.get(name, ()), *sorted(set(records[name].drop_nulls()) - set(known.get(name, ())))]
        for name in STATED
    }
    numbers = [
        pl.col(name).replace_strict(
            {value: at for at, value in enumerate(values[name])}, default=-1, return_dtype=pl.Int16
        )
        for name in STATED
    ]
    plain = records.with_columns(
        *(number.alias(f"trait_{name}") for name, number in zip(STATED, numbers, strict=True)),
        pl.col(BORN).fill_null(0).cast(pl.Int16).alias(f"trait_{BORN}"),
    )
    return plain.drop(*STATED, BORN), values


_NOTHING = pl.DataFrame(schema={"record_id": pl.String, "sex": pl.String, "ethnic_group": pl.String, BORN: pl.Int64})


def _stated(settings: Settings, connection: Connection, ring: KeyRing, delivery: DeliveryRow) -> pl.DataFrame:
    key = open_data_key(connection, ring, delivery.data_key_id)
    try:
        parts = list(_groups(settings, f"{tables_name(delivery)}.involvements.parquet", key))
    except FileMissing:  # a feed that tells of records and of no event
        return _NOTHING
    return pl.concat([_NOTHING, *parts]).unique("record_id", keep="first", maintain_order=True)


def _groups(settings: Settings, name: str, key: Key) -> Iterator[pl.DataFrame]:
    for part in read_groups(settings, "events", name, key):
        missing = [column for column in _NOTHING.columns if column not in part.columns]
        whole = part.with_columns(pl.lit(None).alias(column) for column in missing)
        yield whole.select(pl.col(column).cast(kind) for column, kind in _NOTHING.schema.items())
