"""Dates and times of a fixed form, read by the places of their digits: many times quicker than letter by letter.

It reads only what is written in full, such as 01/08/2026 22:15, of the years 1900 to 2100. What it is not sure of it
leaves to the general reading.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.local_time import CHANGES, DAY_S, FIRST_YEAR, INSTANT, LAST_YEAR, offsets

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_MINUTES, _HOURS = 60, 24
_PART = 16_000  # texts at once: small enough for the processor's cache
Sure = tuple[pl.Series, NDArray[np.intp]]  # values, and the rows that are left to the general reading
Integers = NDArray[np.int32]


@dataclass(frozen=True)
class Layout:
    """Which bytes may stand at each place of a form, and where its parts (Y m d H M S) have their digits."""

    lowest: NDArray[np.uint8]
    span: NDArray[np.uint8]
    places: Mapping[str, range]

    @property
    def width(self) -> int:
        """How many bytes a text of this form has."""
        return len(self.lowest)


def has_layout(form: str) -> bool:
    """Whether a form has digits alone, at least a year and a month."""
    parts = re.findall(r"%(.)", form)
    return {"Y", "m"} <= set(parts) <= _WIDTHS.keys()


@cache
def layout(form: str) -> Layout:
    """The layout of a form such as ``%d/%m/%Y %H:%M``, which has a part no more than once."""
    lowest: list[int] = []
    span: list[int] = []
    places: dict[str, range] = {}
    for part, letter in re.findall(r"%([YmdHMS])|(.)", form):
        width = _WIDTHS[part] if part else 1
        if part:
            places[part] = range(len(lowest), len(lowest) + width)
        lowest += [ord("0") if part else ord(letter)] * width
        span += [9 if part else 0] * width
    return Layout(np.array([lowest], np.uint8).T, np.array([span], np.uint8).T, places)


def days(text: pl.Series, form: str) -> Sure:
    """Dates of a form with year and month; without a day, the first of the month."""
    return _in_parts(_days, text, form)


def local_instants(text: pl.Series, form: str) -> Sure:
    """Instants in UTC of London's date and time, but on days when the clocks change."""
    return _in_parts(_local_instants, text, form)


def _in_parts(read: Callable[[pl.Series, str], Sure], text: pl.Series, form: str) -> Sure:
    starts = range(0, len(text), _PART)
    if len(starts) <= 1:
        return read(text, form)
    parts = [read(text.slice(start, _PART), form) for start in starts]
    left = [rows + start for (_, rows), start in zip(parts, starts, strict=True)]
    return pl.concat([values for values, _ in parts], rechunk=True), np.concatenate(left)


def _days(text: pl.Series, form: str) -> Sure:
    read = _Read(text, form)
    return _series(read.days, pl.Date(), text, read)


def _local_instants(text: pl.Series, form: str) -> Sure:
    read = _Read(text, form)
    ahead = offsets(read.days)
    read.sure &= ahead != CHANGES
    seconds = read.days.astype(np.int64) * DAY_S if read.seconds is None else read.days * np.int64(DAY_S) + read.seconds
    return _series(seconds * 1_000_000 - ahead, INSTANT, text, read)


class _Read:
    """The texts that have the form's width: their rows, days since 1970, seconds of the day, and which are sure."""

    def __init__(self, text: pl.Series, form: str) -> None:
        at = layout(form)
        sizes = text.str.len_bytes().fill_null(0).to_numpy()
        self.rows: NDArray[np.intp] = np.flatnonzero(sizes == at.width)
        held = text if len(self.rows) == len(text) else text.gather(self.rows)
        digits = np.ascontiguousarray(_matrix(held, at.width).T) - at.lowest  # a place a row: each is added up at once
        self.sure: NDArray[np.bool_] = (digits <= at.span).all(axis=0)
        part = {name: _number(digits, places) for name, places in at.places.items()}
        self.days = self._days(part["Y"], part["m"], part.get("d"))
        self.seconds = self._seconds(part["H"], part["M"], part.get("S")) if "H" in part else None

    def _days(self, year: Integers, month: Integers, day: Integers | None) -> Integers:
        first, length = _months()
        place = year * 12 + month - (FIRST_YEAR * 12 + 1)
        self.sure &= (month >= 1) & (month <= 12) & (place >= 0) & (place < len(first))
        if not self.sure.all():
            place = np.where(self.sure, place, 0)
        if day is None:
            return first[place]
        self.sure &= (day >= 1) & (day <= length[place])
        return first[place] + (day - 1)

    def _seconds(self, hour: Integers, minute: Integers, second: Integers | None) -> Integers:
        self.sure &= (hour < _HOURS) & (minute < _MINUTES)
        minutes = hour * _MINUTES + minute
        if second is None:
            return minutes * _MINUTES
        self.sure &= second < _MINUTES
        return minutes * _MINUTES + second


def _number(digits: NDArray[np.uint8], places: range) -> Integers:
    number = digits[places[0]].astype(np.int32)
    for place in places[1:]:
        number = number * 10 + digits[place]
    return number


@cache
def _months() -> tuple[Integers, Integers]:
    """The first day of each month since 1970, and how many days it has."""
    starts = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
    first = starts.astype(np.int32)
    return first[:-1], np.diff(first)


def _matrix(text: pl.Series, width: int) -> NDArray[np.uint8]:
    """The bytes of texts that all have one width, a text a row."""
    array = text.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, data = array.buffers()
    if data is None or len(array) == 0:
        return np.zeros((0, width), dtype=np.uint8)
    start = int(np.frombuffer(ends, dtype=np.int64)[array.offset])
    return np.frombuffer(data, dtype=np.uint8)[start : start + len(array) * width].reshape(-1, width)


def _series(read_values: NDArray[Any], dtype: pl.DataType, text: pl.Series, read: _Read) -> Sure:
    """Values with nulls where the text is null or was not read, and the rows that were not read."""
    if len(read.rows) == len(text):
        values, done = read_values, read.sure
    else:
        values, done = np.zeros(len(text), read_values.dtype), np.zeros(len(text), np.bool_)
        values[read.rows], done[read.rows] = read_values, read.sure
    found = pl.Series(text.name, values).cast(dtype)
    if done.all():
        return found, np.zeros(0, dtype=np.intp)
    found = found.to_frame().select(pl.when(pl.Series(done)).then(pl.first())).to_series()
    return found, np.flatnonzero(~done & text.is_not_null().to_numpy())
