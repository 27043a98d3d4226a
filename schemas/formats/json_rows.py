"""JSON (RFC 8259) and NDJSON: objects, read one by one and flattened to paths joined by dots.

1. Numbers are taken as they are written, so that 51.376900 keeps its zeros and a long id its digits.
2. An object that names a field twice is refused: which of the two counts would be a guess.
3. Neither a value's length nor its depth is without bounds.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from json.decoder import JSONDecodeError
from typing import NoReturn

import polars as pl

from schemas.errors import FormatError
from schemas.formats.expected import Expected
from schemas.formats.objects import FlatRow, text_frames
from schemas.formats.text import check_utf8, utf8

_BLANK = re.compile(r"[ \t\n\r]*+")
_WHAT = "A document is not JSON"
_NO_ROWS = "The rows cannot be found"


class _Doubled(ValueError):
    """An object has a name twice."""


def json_rows(parts: Iterable[bytes], expected: Expected) -> Iterator[pl.DataFrame]:
    """A list of objects, or an object that holds one under the contract's ``rows_at``."""
    return text_frames(((_flat(row, expected), size) for row, size in _Document(parts, expected).rows()), expected)


def ndjson_rows(parts: Iterable[bytes], expected: Expected) -> Iterator[pl.DataFrame]:
    """One object a line; blank lines are passed over."""
    return text_frames(((_flat(row, expected), size) for row, size in _lines(parts, expected)), expected)


def _lines(parts: Iterable[bytes], expected: Expected) -> Iterator[tuple[object, int]]:
    held, number = b"", 0
    for part in utf8(parts, expected):
        *lines, held = (held + part).split(b"\n")
        for line in lines:
            number += 1
            yield from _line(line, number, expected)
        if len(held) > expected.bounds.record_bytes:
            raise _too_long(f"line {number + 1:,}", expected)
    yield from _line(held, number + 1, expected)


def _line(line: bytes, number: int, expected: Expected) -> Iterator[tuple[object, int]]:
    if len(line) > expected.bounds.record_bytes:
        raise _too_long(f"line {number:,}", expected)
    if line.strip():
        check_utf8(line, lambda _: f"line {number:,}", expected)
        try:
            yield _DECODER.decode(line.decode()), len(line)
        except (ValueError, RecursionError) as error:  # the cause may quote a row
            raise _not_json(f"in line {number:,}", error, expected) from None


class _Document:
    """A JSON text on its way through: no more of it is held than one value and one part."""

    def __init__(self, parts: Iterable[bytes], expected: Expected) -> None:
        self._expected, self._parts = expected, utf8(parts, expected)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text, self._place, self._before, self._ended = "", 0, 0, False

    def rows(self) -> Iterator[tuple[object, int]]:
        """Each row, and in how many characters it was written."""
        rows_at, found = self._expected.contract.rows_at, False
        if self._next() == "{" and rows_at is not None:
            for name in self._names():
                if name != rows_at:
                    self._value()
                    continue
                found = True
                yield from self._items(f"the field {rows_at}")
            if not found:
                raise self._expected.refusal(_NO_ROWS, f"the field {rows_at} does not hold a list")
        else:
            yield from self._items("the document")
        if self._next():
            raise self._refused("something follows its end")

    def _names(self) -> Iterator[str]:
        """The names of the object that begins here; after each, its value is taken."""
        names: set[object] = set()
        for _ in self._between("{", "}"):
            name, _ = self._value()
            if not isinstance(name, str) or name in names:
                raise self._refused("a field has no name or has it twice")
            names.add(name)
            self._take(":")
            yield name

    def _items(self, place: str) -> Iterator[tuple[object, int]]:
        if self._next() != "[":
            raise self._expected.refusal(_NO_ROWS, f"{place} does not hold a list")
        for _ in self._between("[", "]"):
            yield self._value()

    def _between(self, opening: str, closing: str) -> Iterator[None]:
        """Once before each of the values, parted by commas, that these marks enclose."""
        self._take(opening)
        if self._next() != closing:
            yield
            while self._next() == ",":
                self._take(",")
                yield
        self._take(closing)

    def _value(self) -> tuple[object, int]:
        """The value that begins here, however many parts it takes (3)."""
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._place)
                if end < len(self._text) or self._ended:
                    size, self._place = end - self._place, end
                    if size > self._expected.bounds.record_bytes:
                        raise _too_long("a value", self._expected)
                    return value, size
                raise ValueError  # noqa: TRY301  # a number may go on
            except (ValueError, RecursionError) as error:  # the cause may quote a row
                if len(self._text) - self._place > self._expected.bounds.record_bytes:
                    raise self._invalid(error) from None
                if isinstance(error, (_Doubled, RecursionError)) or not self._more():
                    raise self._invalid(error) from None

    def _next(self) -> str:
        """The next character that is not blank, which stays; none at the end."""
        while True:
            blank = _BLANK.match(self._text, self._place)
            self._place = blank.end() if blank else self._place
            if self._place < len(self._text) or not self._more():
                return self._text[self._place : self._place + 1]

    def _take(self, mark: str) -> None:
        if self._next() != mark:
            raise self._refused(f"it cannot be read near character {self._before + self._place + 1:,}")
        self._place += 1

    def _more(self) -> bool:
        """Read one part more; False at the end."""
        part = next(self._parts, None)
        if part is None:
            self._ended = True
            return False
        try:
            text = self._decoder.decode(part)
        except UnicodeDecodeError:
            raise self._refused("it holds a byte that is not UTF-8") from None
        if "\x00" in text or "\ufeff" in text:
            raise self._refused("it holds a zero byte, or a byte order mark in its midst")
        self._text, self._before, self._place = self._text[self._place :] + text, self._before + self._place, 0
        return True

    def _invalid(self, error: Exception) -> FormatError:
        place = error.pos if isinstance(error, JSONDecodeError) else self._place
        if isinstance(error, JSONDecodeError) and self._goes_on(error):
            return _too_long(f"a value near character {self._before + self._place + 1:,}", self._expected)
        return _not_json(f"near character {self._before + place + 1:,}", error, self._expected)

    def _goes_on(self, error: JSONDecodeError) -> bool:
        """Whether what cannot be read is only not at its end yet."""
        return not self._ended and (error.pos >= len(self._text) or error.msg.startswith("Unterminated string"))

    def _refused(self, why: str) -> FormatError:
        return self._expected.refusal(_WHAT, why)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):  # (2)
        raise _Doubled
    return found


def _not_a_number(_constant: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(  # (1)
    object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=_not_a_number
)


def _not_json(place: str, error: Exception, expected: Expected) -> FormatError:
    if isinstance(error, _Doubled):
        return expected.refusal(_WHAT, f"an object names a field twice {place}")
    if isinstance(error, RecursionError):
        return expected.refusal(_WHAT, f"its objects are nested too deeply {place}")
    return expected.refusal(_WHAT, f"it cannot be read {place}")


def _too_long(place: str, expected: Expected) -> FormatError:
    return expected.refusal(_WHAT, f"{place} is longer than {expected.bounds.record_bytes:,} bytes")


def _flat(row: object, expected: Expected) -> FlatRow:
    if not isinstance(row, dict):
        raise expected.refusal("A row is not an object", "it holds a single value or a list")
    flat: dict[str, str | None] = {}
    for name, value in _leaves(row, "", 1, expected):
        if name in flat:
            raise expected.refusal("A row cannot be read", "two of its fields have one path")
        flat[name] = value
    return flat


def _leaves(value: Mapping[str, object], path: str, depth: int, expected: Expected) -> Iterator[tuple[str, str | None]]:
    if depth > expected.bounds.depth:
        raise expected.refusal("A row cannot be read", "its objects are nested too deeply")
    for key, inner in value.items():
        name = path + key
        if isinstance(inner, str):
            yield name, inner
        elif isinstance(inner, dict) and inner:
            yield from _leaves(inner, f"{name}.", depth + 1, expected)
        elif isinstance(inner, list):
            raise expected.refusal("A row cannot be read", "it holds a list where one value belongs")
        else:
            yield name, None if inner in (None, {}) else "true" if inner else "false"
