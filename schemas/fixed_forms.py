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
from schemas.local_time import CHANGES, DAY_US, FIRST_YEAR, INSTANT, LAST_YEAR, offsets
from schemas.plain_text import PlainText, bytes_of

_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}
_HOURS, _MINUTES, _SECOND_US = 24, 60, 1_000_000
_MONTH, _YEAR = 31, 12 * 31  # days of the calendar
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
    return _in_parts(text, form, _Read.days, pl.Date())


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
    """What texts of the form's width say, a text a row, and which are sure."""

    def __init__(self, digits: Bytes, formed: Flags, places: Mapping[str, range]) -> None:
        self.sure = formed
        self._part = {name: _pairs(digits, place) for name, place in places.items()}

    def days(self) -> Integers:
        """Days since 1970; not sure of what is no day."""
        return self._looked_up(_days())

    def instants(self) -> NDArray[np.int64]:
        """Microseconds since 1970, UTC; not sure on days when the clocks change either."""
        midnight = self._looked_up(_midnights())
        return midnight + self._seconds() * np.int64(_SECOND_US) if "H" in self._part else midnight

    def _looked_up(self, table: NDArray[Any]) -> NDArray[Any]:
        """What a table of the calendar (``_days``) has for each date."""
        (hundreds, years), (month,) = self._part["Y"], self._part["m"]
        month = month - np.uint8(1)
        place = years * np.uint16(_YEAR) + month * np.uint16(_MONTH)
        self.sure &= month < _YEAR // _MONTH
        if "d" in self._part:
            day = self._part["d"][0] - np.uint8(1)
            self.sure &= day < _MONTH
            place += day
        whole = hundreds.astype(np.intp) * (100 * _YEAR) + place - FIRST_YEAR * _YEAR
        found = table.take(whole, mode="clip")
        self.sure &= (whole >= 0) & (whole < len(table)) & (found != CHANGES)
        return found

    def _seconds(self) -> Integers:
        (hour,), (minute,) = self._part["H"], self._part["M"]
        self.sure &= (hour < _HOURS) & (minute < _MINUTES)
        seconds = (hour * np.uint16(_MINUTES) + minute) * np.int32(_MINUTES)
        if "S" in self._part:
            (second,) = self._part["S"]
            self.sure &= second < _MINUTES
            seconds += second
        return seconds


def _pairs(digits: Bytes, places: range) -> tuple[Bytes, ...]:
    """The numbers that each two digits are: of a year, the hundreds and the rest."""
    return tuple(digits[:, place] * np.uint8(10) + digits[:, place + 1] for place in places[::2])


@cache
def _days() -> NDArray[np.int32]:
    """The calendar: of each year twelve months of 31 days, days since 1970, or CHANGES where there is no such day."""
    months = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-01", dtype="datetime64[M]").astype("datetime64[D]")
    days = months[:, None] + np.arange(_MONTH)
    held = days.astype("datetime64[M]") == months.astype("datetime64[M]")[:, None]
    return np.where(held, days.astype(np.int32), np.int32(CHANGES)).ravel()


@cache
def _midnights() -> NDArray[np.int64]:
    """The calendar: when each day begins in London, microseconds since 1970 in UTC, or CHANGES."""
    days = _days().astype(np.int64)
    ahead = offsets(days)
    return np.where((days == CHANGES) | (ahead == CHANGES), CHANGES, days * DAY_US - ahead)


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
