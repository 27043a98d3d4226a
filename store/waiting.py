"""Frames that wait for the next step of the hub: written once, read once, and removed.

1. While they fit into some memory they wait there, so that an ordinary delivery takes no second way over the disk.
2. Else, or where the next step is another task's, all are written in Arrow's own form (IPC) and sealed as a page is
   (``store.sealing``): each as its length in 8 bytes, big-endian, and as many bytes of an Arrow stream. lz4 takes less
   time than it saves in sealing; the encodings of a Parquet file would take more than they save in a file that is read
   once.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

import polars as pl
import pyarrow as pa
from pyarrow import ipc

from hub.settings import Settings, Zone
from keys.key import Key
from store.files import remove, uri
from store.sealing import broken, read_sealed, write_sealed

IN_MEMORY_BYTES = 64 << 20
_LENGTH_BYTES = 8


class Waiting:
    """Frames that wait under a name inside a zone, which is taken only if they do not fit into memory.

    Used as a context, at whose end they are forgotten and their file is removed.
    """

    def __init__(
        self, settings: Settings, zone: Zone, name: str, key: Key, in_memory_bytes: int = IN_MEMORY_BYTES
    ) -> None:
        self._settings, self._zone, self._name, self._key = settings, zone, name, key
        self._most, self._held, self._written = in_memory_bytes, list[pl.DataFrame](), False

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.clear()
        remove(uri(self._settings, self._zone, self._name))

    def keep(self, frames: Iterable[pl.DataFrame]) -> None:
        """Take all frames, one by one as they come; what their making raises goes on, and nothing has a name then."""
        size, coming = 0, iter(frames)
        for frame in coming:
            self._held.append(frame)  # (1)
            size += int(frame.estimated_size())
            if size > self._most:
                write_frames(self._settings, self._zone, self._name, self._key, chain(self._emptied(), coming))  # (2)
                self._written = True

    def frames(self) -> Iterator[pl.DataFrame]:
        """Each frame, in order, and once; raises FileMissing or SealBroken."""
        read = read_frames(self._settings, self._zone, self._name, self._key)
        yield from read if self._written else self._emptied()

    def _emptied(self) -> Iterator[pl.DataFrame]:
        """What is held in memory, each frame forgotten as it is given."""
        self._held.reverse()
        while self._held:
            yield self._held.pop()


def write_frames(settings: Settings, zone: Zone, name: str, key: Key, frames: Iterable[pl.DataFrame]) -> None:
    """Seal frames into a zone: the whole file or none. ``name`` is its path inside the zone."""
    write_sealed(settings, zone, name, key, (part for each in frames for part in _written(each)))


def read_frames(settings: Settings, zone: Zone, name: str, key: Key) -> Iterator[pl.DataFrame]:
    """The frames that ``write_frames`` sealed, in order; raises FileMissing or SealBroken."""
    held = bytearray()
    for part in read_sealed(settings, zone, name, key):
        held += part
        while (stop := _end(held)) is not None:
            yield _frame(bytes(held[_LENGTH_BYTES:stop]))
            del held[:stop]
    if held:
        raise broken(f"{zone}/{name}", "it does not hold whole frames")


def _end(held: bytearray) -> int | None:
    """Where the first frame ends, if all of it is there."""
    stop = _LENGTH_BYTES + int.from_bytes(held[:_LENGTH_BYTES], "big")
    return stop if len(held) >= max(stop, _LENGTH_BYTES) else None


def _written(frame: pl.DataFrame) -> Iterator[bytes]:
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    content = pa.BufferOutputStream()
    with ipc.new_stream(content, table.schema, options=ipc.IpcWriteOptions(compression="lz4")) as stream:
        stream.write_table(table)
    held = content.getvalue().to_pybytes()
    yield len(held).to_bytes(_LENGTH_BYTES, "big")
    yield held


def _frame(content: bytes) -> pl.DataFrame:
    return pl.DataFrame(ipc.open_stream(content).read_all())
