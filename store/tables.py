"""Tables at rest: Parquet Modular Encryption (AES-GCM), the footer and all columns under a key of the file's own.

Neither a value nor a column's name nor a statistic can be read without the key.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties, create_encryption_properties

from hub.settings import Settings, Zone
from keys.key import Key
from store.errors import SealBroken
from store.files import reading, uri, writing
from store.sealing import broken

_LOOKED_AT, _ALIKE = 2_000, 3  # rows, and how many of them have one value on the average


def write_table(
    settings: Settings,
    zone: Zone,
    name: str,
    key: Key,
    frame: pl.DataFrame,
    *,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write a table into a zone, encrypted: the whole file or none. ``name`` is its path inside the zone."""
    with writing_table(settings, zone, name, key, metadata=metadata) as add:
        add(frame)


@contextmanager
def writing_table(
    settings: Settings, zone: Zone, name: str, key: Key, *, metadata: Mapping[str, str] | None = None
) -> Iterator[Callable[[pl.DataFrame], None]]:
    """A block that writes a table frame by frame, each a row group; at its end the file is there whole, or not at all.

    All frames have the columns of the first; there is at least one, be it without rows.
    """
    place = f"{zone}/{name}"
    properties = create_encryption_properties(
        key.derive(f"table/1/{place}"), aad_prefix=place.encode(), store_aad_prefix=False
    )
    with writing(uri(settings, zone, name)) as file, ExitStack() as opened:
        writers: list[pq.ParquetWriter] = []

        def add(frame: pl.DataFrame) -> None:
            table = frame.to_arrow(compat_level=pl.CompatLevel.newest()).replace_schema_metadata(dict(metadata or {}))
            if not writers:
                alike = repetitive(frame)
                made = pq.ParquetWriter(
                    file,
                    table.schema,
                    encryption_properties=properties,
                    compression={name: "zstd" if name in alike else "none" for name in frame.columns},
                    use_dictionary=alike,
                    write_statistics=False,  # every reader reads a table whole
                )
                writers.append(opened.enter_context(made))
            writers[0].write_table(table)

        yield add


def repetitive(frame: pl.DataFrame) -> list[str]:
    """The columns whose values are worth a dictionary and packing: not ids, digests and tokens, of which few are alike.

    To pack those takes a third of the time of writing a table, and saves no more than that digits take a whole byte.
    """
    some = frame.head(_LOOKED_AT)
    return [name for name in frame.columns if some[name].n_unique() * _ALIKE <= max(some.height, _ALIKE)]


def read_groups(
    settings: Settings, zone: Zone, name: str, key: Key, columns: list[str] | None = None
) -> Iterator[pl.DataFrame]:
    """A table again, or some columns of it, a row group at a time; raises FileMissing or SealBroken."""
    place = f"{zone}/{name}"
    with reading(uri(settings, zone, name)) as file:
        try:
            parquet = pq.ParquetFile(file, decryption_properties=_decryption(key, place))
            for group in range(parquet.num_row_groups):
                yield pl.DataFrame(parquet.read_row_group(group, columns=columns))
        except (OSError, pa.ArrowException):  # pyarrow's own words may quote what it read
            raise _not_written_here(key, place) from None


def read_table(settings: Settings, zone: Zone, name: str, key: Key) -> pl.DataFrame:
    """A table again; raises FileMissing or SealBroken."""
    return read_stating(settings, zone, name, key)[0]


def read_stating(settings: Settings, zone: Zone, name: str, key: Key) -> tuple[pl.DataFrame, dict[str, str]]:
    """A table with what was written beside its rows, of one file at one moment; raises FileMissing or SealBroken."""
    table = _read(settings, zone, name, key)
    frame = pl.from_arrow(table)
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame(), _stated(table.schema)


def read_metadata(settings: Settings, zone: Zone, name: str, key: Key) -> dict[str, str]:
    """What was written beside a table's rows, which are not read; raises FileMissing or SealBroken."""
    place = f"{zone}/{name}"
    with reading(uri(settings, zone, name)) as file:
        try:
            return _stated(pq.ParquetFile(file, decryption_properties=_decryption(key, place)).schema_arrow)
        except (OSError, pa.ArrowException):  # pyarrow's own words may quote what it read
            raise _not_written_here(key, place) from None


def _stated(schema: pa.Schema) -> dict[str, str]:
    held = schema.metadata or {}
    return {name.decode(): value.decode() for name, value in held.items() if not name.startswith(b"ARROW:")}


def _read(settings: Settings, zone: Zone, name: str, key: Key) -> pa.Table:
    place = f"{zone}/{name}"
    with reading(uri(settings, zone, name)) as file:
        try:
            return pq.read_table(file, decryption_properties=_decryption(key, place))
        except (OSError, pa.ArrowException):  # pyarrow's own words may quote what it read
            raise _not_written_here(key, place) from None


def _decryption(key: Key, place: str) -> Any:
    return create_decryption_properties(key.derive(f"table/1/{place}"), aad_prefix=place.encode())


def _not_written_here(key: Key, place: str) -> SealBroken:
    return broken(place, f"it was not written under {key.id} in this place, or was altered")
