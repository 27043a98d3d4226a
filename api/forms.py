"""The forms in which rows are given: JSON a page at a time, CSV, Parquet and Arrow as a stream. Pure.

A stream is made of one part of the rows after another, so that its length costs no memory.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from api.errors import FormUnknown

_SPREADSHEETS_RUN = r"^[=+\-@\t\r\x{FF1D}]"


class Form(StrEnum):
    """A form, by its media type."""

    JSON = "application/json"
    CSV = "text/csv"
    ARROW = "application/vnd.apache.arrow.stream"
    PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True)
class _Wanted:
    media: str
    weight: float


def form_of(accept: str | None) -> Form:
    """The form that a request prefers (RFC 9110 section 12.5.1); JSON where it prefers none.

    Raises FormUnknown if none is offered.
    """
    wanted = [_wanted(part) for part in (accept or "*/*").split(",")]
    for each in sorted(wanted, key=lambda each: -each.weight):
        for form in Form:
            if each.weight > 0 and each.media in {form, "*/*", f"{form.partition('/')[0]}/*"}:
                return form
    offered = ", ".join(Form)
    raise FormUnknown("The rows are not given", where="the header Accept", why=f"there is only {offered}", fix="Ask so")


def _wanted(part: str) -> _Wanted:
    media, *parameters = (each.strip().lower() for each in part.split(";"))
    weight = next((each.removeprefix("q=") for each in parameters if each.startswith("q=")), "1")
    try:
        return _Wanted(media, float(weight))
    except ValueError:
        return _Wanted(media, 0.0)


def streamed(form: Form, parts: Iterable[pl.DataFrame], schema: pl.DataFrame) -> Iterator[bytes]:
    """The parts in a form; ``schema`` is a frame without rows that has their columns."""
    if form is Form.CSV:
        return _csv(parts, schema)
    arrow = schema.to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    tables = (part.to_arrow(compat_level=pl.CompatLevel.oldest()) for part in parts)
    return _parquet(tables, arrow) if form is Form.PARQUET else _arrow(tables, arrow)


def _csv(parts: Iterable[pl.DataFrame], schema: pl.DataFrame) -> Iterator[bytes]:
    yield schema.write_csv().encode()
    for part in parts:
        yield (
            part.with_columns(_harmless(name) for name, kind in part.schema.items() if kind == pl.String)
            .write_csv(include_header=False)
            .encode()
        )


def _harmless(column: str) -> pl.Expr:
    """A cell that a spreadsheet would run begins with an apostrophe instead (OWASP, CSV injection)."""
    text = pl.col(column)
    return pl.when(text.str.contains(_SPREADSHEETS_RUN)).then(pl.lit("'") + text).otherwise(text).alias(column)


def _arrow(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[bytes]:
    sink = _Sink()
    with pa.ipc.new_stream(sink, schema) as writer:
        for table in tables:
            writer.write_table(table)
            yield sink.taken()
    yield sink.taken()


def _parquet(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[bytes]:
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, version="2.6", compression="lz4", store_schema=False) as writer:
        for table in tables:
            writer.write_table(table)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """What a writer wrote since it was last asked; what was taken is forgotten."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # Arrow gives bytes, or a buffer of them
        self._parts.append(bytes(content))
        self._written += len(content)
        return len(content)

    def tell(self) -> int:
        return self._written

    def taken(self) -> bytes:
        """The bytes since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
