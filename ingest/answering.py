"""Whether mended rows answer to rows in quarantine: asked before they are taken in. Pure: frames in, clauses out."""

from collections.abc import Iterator

import polars as pl

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.drift import agreed_columns, drift_of
from schemas.findings import spans_of
from schemas.formats import ROW_NUMBER
from schemas.quarantine import COLUMNS, REASONS
from schemas.reader import Reader
from schemas.reasons import Reason

_KEY, _OPEN, _SOUND, _BETWEEN = "key", "open", "sound", "\x1f"
_SHOWN = 5  # spans in one clause


class Answering:
    """Mended rows held against the rows that wait and against all that came. ``offered`` once, then the others.

    1. There are no more of them than rows that wait. A row to which access is barred waits for nothing: no value of
       it was kept, and none is taken.
    2. Each has the key of a row that waits. Where the key itself was at fault (blank, malformed, or the key of another
       row) the mended one has a new key: as many new ones are taken as rows wait with such a fault.
    3. None has the key of a row that was taken: what was taken is corrected by the feed's own way, with a new delivery.
    """

    def __init__(self, contract: Contract, quarter: Quarter) -> None:
        self.contract, self._reader = contract, Reader(contract, quarter, None)
        self._sent = (*contract.source_names, *contract.formerly)
        self._named = {contract.source_name(name) for name in contract.row_key}
        self._named.add(" + ".join(contract.source_name(name) for name in contract.row_key))
        self._offered = pl.DataFrame(schema={_KEY: pl.String, ROW_NUMBER: pl.Int64})
        self._waiting: list[pl.DataFrame] = []
        self._came: list[pl.Series] = []

    def offered(self, frame: pl.DataFrame) -> None:
        """See mended rows."""
        self._offered.extend(self._keys(frame).select(_KEY, pl.col(ROW_NUMBER).cast(pl.Int64)))

    def waits(self, frame: pl.DataFrame) -> None:
        """See rows of the quarantine, with their reasons and columns."""
        about_key = pl.col(COLUMNS).list.eval(pl.element().is_in(self._named)).list.any()
        at_fault = about_key & ~pl.col(REASONS).list.contains(Reason.UNKNOWN_REFERENCE.value)
        rows = self._keys(frame).with_columns((at_fault | pl.col(_KEY).is_null()).alias(_OPEN))
        barred = pl.col(REASONS).list.contains(Reason.LIMITED_ACCESS.value)
        self._waiting.append(rows.filter(~barred).select(_KEY, _OPEN, _SOUND))

    def came(self, frame: pl.DataFrame) -> None:
        """See rows of the delivery, as they came."""
        rows = self._keys(frame)
        keys = rows.filter(_SOUND)[_KEY]
        self._came.append(keys.filter(keys.is_in(self._offered[_KEY].drop_nulls().unique().implode())))

    def wrong(self) -> Iterator[str]:
        """What is against the mended rows: one clause each, with counts and row numbers of the file alone."""
        waiting = pl.concat(
            [pl.DataFrame(schema={_KEY: pl.String, _OPEN: pl.Boolean, _SOUND: pl.Boolean}), *self._waiting]
        )
        offered, number = self._offered, self._offered.height
        if number > waiting.height:  # (1)
            yield f"it holds {number:,} rows, and {waiting.height:,} wait"
        known = waiting.filter(~pl.col(_OPEN))[_KEY].implode()
        new = offered.filter(~pl.col(_KEY).is_in(known).fill_null(value=False))
        free = int(waiting[_OPEN].sum())
        if new.height > free:  # (2)
            yield f"rows with a key that no waiting row has: {new.height:,}, where {free:,} may be new ({_places(new)})"
        taken = offered.filter(pl.col(_KEY).is_in(self._taken(waiting.filter(_SOUND)[_KEY]).implode()))
        if taken.height:  # (3)
            yield f"rows with the key of a row that was taken: {taken.height:,} ({_places(taken)})"

    def _taken(self, waiting: pl.Series) -> pl.Series:
        """Keys of which more rows without a fault of their own came than wait, so that one of them stands."""
        came = pl.concat([pl.Series(_KEY, [], dtype=pl.String), *self._came]).value_counts(name="came")
        held = waiting.rename(_KEY).value_counts(name="held")
        both = came.join(held, on=_KEY, how="left").with_columns(pl.col("held").fill_null(0))
        return both.filter(pl.col("came") > pl.col("held"))[_KEY]

    def _keys(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with each row's key as one text, null where it is not read, and whether the row is sound."""
        sent = frame.select(name for name in self._sent if name in frame.columns)
        read = self._reader.read(agreed_columns(sent, drift_of(sent.columns, self.contract, "report")))
        parts = [pl.col(name).cast(pl.String) for name in self.contract.row_key]
        keys = read.rows.select(pl.concat_str(parts, separator=_BETWEEN).alias(_KEY)).to_series()
        return frame.with_columns(keys, pl.Series(_SOUND, read.sound))


def _places(rows: pl.DataFrame) -> str:
    spans = spans_of(rows[ROW_NUMBER])
    return "row " + ", ".join(map(str, spans[:_SHOWN])) + (" and more" if len(spans) > _SHOWN else "")
