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
from schemas.plain_text import PlainText, bytes_of

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_MINUTES, _HOURS = 60, 24
_MANY = 30
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


def days(text: PlainText, form: str) -> Sure:
    """Dates of a form with year and month; without a day, the first of the month."""
    return _in_parts(text, form, lambda read: read.days, pl.Date())


def local_instants(text: PlainText, form: str) -> Sure:
    """Instants in UTC of London's date and time, but on days when the clocks change."""
    return _in_parts(text, form, _Read.instants, INSTANT)


def _in_parts(text: PlainText, form: str, made: Callable[["_Read"], NDArray[Any]], dtype: pl.DataType) -> Sure:
    """Values with nulls where the text is null or was not read, and the rows that were not read."""
    rows, matrix = _matrix(text, layout(form).width)
    reads = [_Read(matrix[start : start + _PART], form) for start in range(0, max(len(matrix), 1), _PART)]
    read = np.concatenate([made(part) for part in reads])  # it may find that it is not sure
    sure = np.concatenate([part.sure for part in reads])
    if rows is None:
        values, done = read, sure
    else:
        values, done = np.zeros(len(text.values), read.dtype), np.zeros(len(text.values), np.bool_)
        values[rows], done[rows] = read, sure
    found = pl.Series(text.values.name, values).cast(dtype)
    if done.all():
        return found, np.zeros(0, dtype=np.intp)
    found = found.to_frame().select(pl.when(pl.Series(done)).then(pl.first())).to_series()
    return found, np.flatnonzero(~done & text.values.is_not_null().to_numpy())


class _Read:
    """What texts of the form's width say, a text a row: days since 1970, seconds of the day, and which are sure."""

    def __init__(self, matrix: NDArray[np.uint8], form: str) -> None:
        at = layout(form)
        digits = np.ascontiguousarray(matrix.T) - at.lowest  # a place a row: each is added up at once
        self.sure: NDArray[np.bool_] = np.all(digits <= at.span, axis=0)
        part = {name: _number(digits, places) for name, places in at.places.items()}
        self.days = self._days(part["Y"], part["m"], part.get("d"))
        self.seconds = self._seconds(part["H"], part["M"], part.get("S")) if "H" in part else None

    def instants(self) -> NDArray[np.int64]:
        """Microseconds since 1970, UTC; not sure on days when the clocks change."""
        ahead = offsets(self.days)
        self.sure &= ahead != CHANGES
        seconds = self.days * np.int64(DAY_S)
        if self.seconds is not None:
            seconds += self.seconds
        return seconds * 1_000_000 - ahead

    def _days(self, year: Integers, month: Integers, day: Integers | None) -> Integers:
        first, length = _months()
        place = year * 12 + month - (FIRST_YEAR * 12 + 1)
        self.sure &= (month >= 1) & (month <= 12) & (place >= 0) & (place < len(first))
        if not self.sure.all():
            place = np.where(self.sure, place, 0)
        found: Integers = first[place]
        if day is None:
            return found
        self.sure &= (day >= 1) & (day <= length[place])
        return found + (day - 1)

    def _seconds(self, hour: Integers, minute: Integers, second: Integers | None) -> Integers:
        self.sure &= (hour < _HOURS) & (minute < _MINUTES)
        minutes = hour * _MINUTES + minute
        if second is None:
            return minutes * _MINUTES
        self.sure &= second < _MINUTES
        return minutes * _MINUTES + second


def _number(digits: NDArray[np.uint8], places: range) -> Integers:
    number: Integers = digits[places[0]].astype(np.int32)
    for place in places[1:]:
        number = number * 10 + digits[place]
    return number


@cache
def _months() -> tuple[Integers, Integers]:
    """The first day of each month since 1970, and how many days it has."""
    starts = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
    first = starts.astype(np.int32)
    return first[:-1], np.diff(first)


def _matrix(text: PlainText, width: int) -> tuple[NDArray[np.intp] | None, NDArray[np.uint8]]:
    """The rows whose text has this width (none: all), and their bytes, a text a row."""
    if text.data is not None and text.ends is not None:
        sizes = np.diff(text.ends)
        fits = sizes == width
        if fits.all():
            return None, text.data.reshape(-1, width)
        others = np.flatnonzero(~fits & (sizes > 0))
        if _MANY * len(others) < len(fits):  # all but a few follow each other
            starts, stops = np.append(0, text.ends[others + 1]), np.append(text.ends[others], len(text.data))
            pieces = [text.data[start:stop] for start, stop in zip(starts, stops, strict=True)]
            return np.flatnonzero(fits), np.concatenate(pieces).reshape(-1, width)
    rows = np.flatnonzero(text.values.str.len_bytes().fill_null(0).to_numpy() == width)
    data, _ = bytes_of(text.values.gather(rows))
    return rows, data.reshape(-1, width)
