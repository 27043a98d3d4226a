"""XML: one element a row, its attributes and inner elements flattened to paths joined by dots; read as a stream.

1. Document types, entities and external references are refused (defusedxml): they can read files and fill memory, and
   no feed needs them.
2. The elements on the way to the rows (``rows_at``, a path below the root) hold rows and nothing else but what the
   contract says that it ignores.
3. No more is held than one row; neither its length nor its depth is without bounds.
4. What stands beside the rows (``beside``: a child's identifiers, of whom the rows are episodes) belongs to each row
   that follows it in the same parent, and to no other.
5. An element may stand twice in a row only where the contract says so (``several``): its values are joined by spaces.
   What is ignored, or is blank and of no column, may stand as often as it likes.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import polars as pl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from schemas.errors import FormatError
from schemas.formats.expected import Expected
from schemas.formats.objects import FlatRow, text_frames
from schemas.formats.stream import READ_BYTES, as_file

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_WHAT = "A document is not the agreed XML"


def xml_rows(parts: Iterable[bytes], expected: Expected) -> Iterator[pl.DataFrame]:
    """The elements at the contract's ``rows_at``; raises FormatError and ContractError."""
    return text_frames(_rows(parts, expected), expected)


class _Measured:
    """A document that is read in small parts, and knows how many bytes were read since the last row (3)."""

    def __init__(self, parts: Iterable[bytes], expected: Expected) -> None:
        self._file, self._expected, self.since = as_file(parts), expected, 0

    def read(self, size: int = READ_BYTES, /) -> bytes:
        """Bytes for the parser; raises FormatError when a row does not end."""
        part = self._file.read(size)
        self.since += len(part)
        if self.since > self._expected.bounds.record_bytes + size:
            why = f"a row, or what stands between two, is longer than {self._expected.bounds.record_bytes:,} bytes"
            raise _refusal(why, self._expected)
        return part


def _rows(parts: Iterable[bytes], expected: Expected) -> Iterator[tuple[FlatRow, int]]:
    source = _Measured(parts, expected)
    try:
        for element, beside in _elements(source, expected):
            size, source.since = source.since, 0
            yield _flat(element, beside, expected), size
    except DefusedXmlException:
        raise _refusal("it declares a document type or an entity, which are refused", expected) from None
    except (ParseError, ValueError, LookupError) as error:
        line = f" (line {error.position[0]:,})" if isinstance(error, ParseError) else ""
        raise _refusal(f"it is not well-formed{line}", expected) from None


def _elements(source: _Measured, expected: Expected) -> "Iterator[tuple[Element, FlatRow]]":
    """Each row's element, once it is whole, and what stands beside it (4); afterwards it is forgotten."""
    way = (expected.contract.rows_at or "").split(".")
    open_ones: list[Element] = []  # from the root to the element at hand
    passed_over = 0  # how deep the ignored element is that we are in; 0: in none
    beside: dict[str, str | None] = {}
    events = iterparse(source, ("start", "end"), forbid_dtd=True, forbid_entities=True, forbid_external=True)  # (1)
    for event, element in events:
        if event == "start":
            open_ones.append(element)
            _check_depth(open_ones, way, expected)
            if not passed_over and _ignored(open_ones, way, expected):
                passed_over = len(open_ones)
            continue
        depth = len(open_ones)
        open_ones.pop()
        if depth == len(way) + 1 and not passed_over:
            if element.tag == way[-1]:
                yield element, beside
            else:
                beside |= _flat(element, {}, expected, f"{element.tag}.")
        if depth == len(way):
            beside = {}
        if open_ones and (passed_over or depth <= len(way) + 1):
            open_ones[-1].remove(element)
        passed_over = 0 if depth == passed_over else passed_over


def _check_depth(open_ones: "list[Element]", way: list[str], expected: Expected) -> None:
    if len(open_ones) > expected.bounds.depth + len(way) + 1:
        raise _refusal("its elements are nested too deeply", expected)


def _ignored(open_ones: "list[Element]", way: list[str], expected: Expected) -> bool:
    """Whether the contract ignores the element at hand; raises FormatError for one of no known place (2)."""
    tags = [element.tag for element in open_ones[1:]]
    if len(tags) > len(way) or tags == way[: len(tags)]:
        return False
    if tags[:-1] == way[:-1] and tags[-1] in expected.contract.beside:
        return False
    if ".".join(tags) in expected.contract.ignored:
        return True
    raise _refusal(f"below its root lies something else than {expected.contract.rows_at}", expected)


def _flat(element: "Element", beside: FlatRow, expected: Expected, path: str = "") -> dict[str, str | None]:
    contract, row = expected.contract, dict(beside)
    for name, value in _leaves(element, path):
        if name in contract.ignored or (name in row and not value and name not in contract.source_names):
            continue
        if name not in row:
            row[name] = value
        elif name in contract.several:
            row[name] = " ".join(part for part in (row[name], value) if part)
        else:
            raise _refusal("one row holds an element or attribute twice", expected)
    return row


def _leaves(element: "Element", path: str) -> Iterator[tuple[str, str | None]]:
    for name, value in element.attrib.items():
        yield path + name, value
    for inner in element:
        if len(inner) or inner.attrib:
            yield from _leaves(inner, f"{path}{inner.tag}.")
        else:
            yield path + inner.tag, inner.text


def _refusal(why: str, expected: Expected) -> FormatError:
    return expected.refusal(_WHAT, why)
