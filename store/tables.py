"""Tables at rest: Parquet Modular Encryption (AES-GCM), the footer and all columns under a key of the file's own.

Neither a value nor a column's name nor a statistic can be read without the key.
"""

from collections.abc import Mapping

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties, create_encryption_properties

from hub.settings import Settings, Zone
from keys.key import Key
from store.files import reading, uri, writing
from store.sealing import broken


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
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    place = f"{zone}/{name}"
    properties = create_encryption_properties(
        key.derive(f"table/1/{place}"), aad_prefix=place.encode(), store_aad_prefix=False
    )
    with writing(uri(settings, zone, name)) as file:
        pq.write_table(
            table.replace_schema_metadata(dict(metadata or {})),
            file,
            encryption_properties=properties,
            compression="zstd",
        )


def read_table(settings: Settings, zone: Zone, name: str, key: Key) -> pl.DataFrame:
    """A table again; raises FileMissing or SealBroken."""
    frame = pl.from_arrow(_read(settings, zone, name, key))
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


def read_metadata(settings: Settings, zone: Zone, name: str, key: Key) -> dict[str, str]:
    """What was written beside a table's rows; raises FileMissing or SealBroken."""
    held = _read(settings, zone, name, key).schema.metadata or {}
    return {name.decode(): value.decode() for name, value in held.items() if not name.startswith(b"ARROW:")}


def _read(settings: Settings, zone: Zone, name: str, key: Key) -> pa.Table:
    place = f"{zone}/{name}"
    properties = create_decryption_properties(key.derive(f"table/1/{place}"), aad_prefix=place.encode())
    with reading(uri(settings, zone, name)) as file:
        try:
            return pq.read_table(file, decryption_properties=properties)
        except (OSError, pa.ArrowException):  # pyarrow's own words may quote what it read
            raise broken(place, f"it was not written under {key.id} in this place, or was altered") from None
