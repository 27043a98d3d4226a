"""Texts of a fixed form, such as dates and times, read by the places of their letters: much quicker than one by one.

A date is read here only if it is written in full, such as 01/08/2026 22:15, and of the years 1900 to 2100. What is not
sure is left to the general reading.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.gathered import Flags, Numbers, held_where
from schemas.local_time import CHANGES, DAY_S, FIRST_YEAR, INSTANT, LAST_YEAR, offsets
from schemas.plain_text import PlainText, bytes_of

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_MINUTES, _HOURS = 60, 24
_MANY = 30
_PART = 16_000  # texts at once: small enough for the processor's cache
Sure = tuple[pl.Series, Numbers]  # values, and the rows that are left to the general reading
Integers = NDArray[np.int32]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Layout:
    """Which bytes may stand at each place of a form, and where its parts (Y m d H M S) have their digits.

    ``lowest`` and ``span`` hold as many texts' places as are read at once.
    """

    lowest: Bytes
    span: Bytes
    width: int
    places: Mapping[str, range]

    @classmethod
    def of(cls, allowed: list[tuple[str, str]], places: Mapping[str, range]) -> "Layout":
        """From the first and the last letter that may stand at each place."""
        lowest = np.array([ord(first) for first, _ in allowed], np.uint8)
        span = np.array([ord(last) - ord(first) for first, last in allowed], np.uint8)
        return cls(np.tile(lowest, _PART), np.tile(span, _PART), len(allowed), places)

    def parts(self, text: PlainText) -> tuple[Numbers | None, Iterator[tuple[Bytes, Flags]]]:
        """The rows whose text has this width (none: all), and part by part what they hold.

        A part is what the bytes are above the lowest, a text a row, and whether each text has the form.
        """
        rows, data = _of_width(text, self.width)
        size = _PART * self.width
        return rows, (self._part(data[start : start + size]) for start in range(0, max(len(data), 1), size))

    def _part(self, data: Bytes) -> tuple[Bytes, Flags]:
        above = data - self.lowest[: len(data)]
        wrong = above > self.span[: len(data)]
        formed = np.ones(len(data) // self.width, np.bool_)
        if wrong.any():
            formed[np.flatnonzero(wrong) // self.width] = False
        return above.reshape(-1, self.width), formed


def has_layout(form: str) -> bool:
    """Whether a date's form has digits alone, at least a year and a month."""
    parts = re.findall(r"%(.)", form)
    return {"Y", "m"} <= set(parts) <= _WIDTHS.keys()


@cache
def layout(form: str) -> Layout:
    """The layout of a form such as ``%d/%m/%Y %H:%M``, which has a part no more than once."""
    allowed: list[tuple[str, str]] = []
    places: dict[str, range] = {}
    for part, letter in re.findall(r"%([YmdHMS])|(.)", form):
        if part:
            places[part] = range(len(allowed), len(allowed) + _WIDTHS[part])
        allowed += [("0", "9")] * _WIDTHS[part] if part else [(letter, letter)]
    return Layout.of(allowed, places)


@cache
def example_layout(example: str) -> Layout:
    """The layout of texts like an example, in which 9 stands for any digit and A for any capital letter."""
    return Layout.of([{"9": ("0", "9"), "A": ("A", "Z")}.get(letter, (letter, letter)) for letter in example], {})


def of_another_form(text: PlainText, example: str) -> Numbers:
    """The rows that have a text which is not like the example."""
    rows, parts = example_layout(example).parts(text)
    formed = np.concatenate([formed for _, formed in parts])
    if rows is None:
        return np.flatnonzero(~formed)
    held = text.values.is_not_null().to_numpy()
    held[rows] &= ~formed
    return np.flatnonzero(held)


def days(text: PlainText, form: str) -> Sure:
    """Dates of a form with year and month; without a day, the first of the month."""
    return _in_parts(text, form, lambda read: read.days, pl.Date())


def local_instants(text: PlainText, form: str) -> Sure:
    """Instants in UTC of London's date and time, but on days when the clocks change."""
    return _in_parts(text, form, _Read.instants, INSTANT)


def _in_parts(text: PlainText, form: str, made: Callable[["_Read"], NDArray[Any]], dtype: pl.DataType) -> Sure:
    """Values with nulls where the text is null or was not read, and the rows that were not read."""
    at = layout(form)
    rows, parts = at.parts(text)
    reads = [_Read(digits, formed, at.places) for digits, formed in parts]
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
    return held_where(found, done), np.flatnonzero(~done & text.values.is_not_null().to_numpy())


class _Read:
    """What texts of the form's width say, a text a row: days since 1970, seconds of the day, and which are sure."""

    def __init__(self, digits: Bytes, formed: Flags, places: Mapping[str, range]) -> None:
        self.sure = formed
        part = {name: _number(digits, place) for name, place in places.items()}
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
        place = place.astype(np.intp)
        found: Integers = first.take(place, mode="clip")
        if day is None:
            return found
        self.sure &= (day >= 1) & (day <= length.take(place, mode="clip"))
        return found + (day - 1)

    def _seconds(self, hour: Integers, minute: Integers, second: Integers | None) -> Integers:
        self.sure &= (hour < _HOURS) & (minute < _MINUTES)
        minutes = hour * _MINUTES + minute
        if second is None:
            return minutes * _MINUTES
        self.sure &= second < _MINUTES
        return minutes * _MINUTES + second


def _number(digits: Bytes, places: range) -> Integers:
    number: Integers = digits[:, places[0]].astype(np.int32)
    for place in places[1:]:
        number *= 10
        number += digits[:, place]
    return number


@cache
def _months() -> tuple[Integers, Integers]:
    """The first day of each month since 1900, and how many days it has."""
    starts = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]")
    first = starts.astype(np.int32)
    return first[:-1], np.diff(first)


def _of_width(text: PlainText, width: int) -> tuple[Numbers | None, Bytes]:
    """The rows whose text has this width (none: all), and their bytes, one text after the other."""
    fits = text.sizes == width
    if fits.all():
        return None, text.data
    rows, others = np.flatnonzero(fits), np.flatnonzero(~fits & (text.sizes > 0))
    if _MANY * len(others) >= len(fits):
        return rows, bytes_of(text.values.gather(rows))[0]
    starts, stops = np.append(0, text.ends[others + 1]), np.append(text.ends[others], len(text.data))
    pieces = [text.data[start:stop] for start, stop in zip(starts, stops, strict=True)]  # they follow each other
    return rows, np.concatenate(pieces)
