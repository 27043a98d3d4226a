"""Where the records of a CSV text begin and end (RFC 4180), found for a whole block of text at once.

1. A quotation mark opens a field at its beginning and closes it at its end; inside, it is doubled.
2. A line end outside quotation marks ends a record; the last record may lack it.
3. A record has as many fields as the header, or is a blank line.
4. No record is longer than its bound: one that does not end is refused before more of it is held. Nor are there more
   than so many blank lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.errors import FormatError
from schemas.formats.expected import SEND_AGAIN, Expected

_LF, _CR, _QUOTE = b'\n\r"'
_PART = 1 << 17
_WHAT = "A document is not a CSV table"
_MEND_QUOTES = "Ask the provider to put such a field into quotation marks and to double those inside it"
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """Whole records of a text. ``first`` is the number of the first in the document, whose header is number 0.

    ``ends``: the place after each record. ``quotes``: the places of all quotation marks.
    """

    body: bytes
    first: int
    ends: Places
    quotes: Places

    def record_at(self, place: int) -> str:
        """The record that one of its bytes belongs to, in the provider's terms."""
        return record_name(self.first + int(np.searchsorted(self.ends, place, side="right")))

    def between(self, start: int, stop: int) -> "Block":
        """Some of its records, by their place in it."""
        ends = self.ends[start:stop]
        if len(ends) == len(self.ends):
            return self
        begin = int(self.ends[start - 1]) if start else 0
        end = int(ends[-1]) if len(ends) else begin
        quotes = self.quotes[np.searchsorted(self.quotes, begin) : np.searchsorted(self.quotes, end)]
        return Block(self.body[begin:end], self.first + start, ends - begin, quotes - begin)


def blocks(parts: Iterable[bytes], expected: Expected) -> Iterator[Block]:
    """The text cut into blocks of whole records, at least one; raises FormatError that names the record."""
    first, waiting, size = 0, [], 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= expected.bounds.batch_bytes:
            text = b"".join(waiting)
            block = _cut(text, first, expected)
            waiting, size = [text[len(block.body) :]], len(text) - len(block.body)
            del text  # which is as large as the block
            yield from _in_batches(block, expected.bounds.batch_rows)
            first += len(block.ends)
    text = b"".join(waiting)
    block = _cut(text if not text or text.endswith(b"\n") else text + b"\n", first, expected)  # (2)
    if len(block.body) < len(text):
        raise refused(first + len(block.ends), "has an open quotation mark, as if the file were cut off", expected)
    yield from _in_batches(block, expected.bounds.batch_rows)


def _in_batches(block: Block, rows: int) -> Iterator[Block]:
    """The block in equal parts of no more than this many records; at least one."""
    records = len(block.ends)
    parts = max(1, -(-records // rows))
    for part in range(parts):
        yield block.between(records * part // parts, records * (part + 1) // parts)


def _cut(text: bytes, first: int, expected: Expected) -> Block:
    """As many whole records as the text begins with."""
    octets = np.frombuffer(text, np.uint8)
    _check_blank_lines(text, first, expected)
    quotes = _places(octets, _QUOTE) if b'"' in text else np.empty(0, np.int64)
    ends = _places(octets, _LF) + 1
    if len(quotes):
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]  # (2)
        _check_quotes(octets, quotes, ends, first, expected)
    lengths = np.diff(ends, prepend=0, append=len(text))
    too_long = np.flatnonzero(lengths > expected.bounds.record_bytes)
    if len(too_long):  # (4)
        most = f"is longer than {expected.bounds.record_bytes:,} bytes, as if line ends were missing"
        raise refused(first + int(too_long[0]), most, expected)
    stop = int(ends[-1]) if len(ends) else 0
    return Block(text[:stop], first, ends, quotes[: np.searchsorted(quotes, stop)])


def _places(octets: NDArray[np.uint8], mark: int) -> Places:
    """Where a byte stands; looked for in parts that fit into the processor's cache."""
    starts = range(0, len(octets), _PART)
    found = [np.flatnonzero(octets[start : start + _PART] == mark) + start for start in starts]
    return np.concatenate([np.empty(0, np.int64), *found])


def _count(text: bytes, mark: int) -> int:
    """How often a byte stands in a text; numpy counts one faster than ``bytes`` does."""
    octets = np.frombuffer(text, np.uint8)
    return sum(int(np.count_nonzero(octets[at : at + _PART] == mark)) for at in range(0, len(octets), _PART))


def _check_blank_lines(text: bytes, first: int, expected: Expected) -> None:
    """Refuse a text that is blank lines for the most part, each of which takes the memory of a whole row (4)."""
    contract, lines = expected.contract, _count(text, _LF)
    narrowest = max(1, len(contract.source_names) - len(contract.optional))  # bytes of a row that is not blank
    if lines > len(text) // narrowest + expected.bounds.blank_lines:
        more = f"more than {expected.bounds.blank_lines:,} lines that are blank or far too short"
        raise expected.refusal(_WHAT, f"the text from {record_name(first)} on has {more}")


def _check_quotes(octets: NDArray[np.uint8], quotes: Places, ends: Places, first: int, expected: Expected) -> None:
    """Refuse the first quotation mark that stands where none may (1); of one at the text's edge nothing is known."""
    delimiter = ord(expected.form.delimiter)
    opening, closing = quotes[::2], quotes[1::2]
    before = np.where(opening > 0, octets[opening - 1], _LF)
    inside = closing[closing < len(octets) - 1]
    after = octets[inside + 1]
    line_end = (after == _CR) & (octets[np.minimum(inside + 2, len(octets) - 1)] == _LF)
    opens = (before == delimiter) | (before == _LF) | (before == _QUOTE)
    closes = (after == delimiter) | (after == _LF) | (after == _QUOTE) | line_end
    wrong = np.concatenate((opening[~opens], inside[~closes]))
    if len(wrong):
        number = first + int(np.searchsorted(ends, wrong.min(), side="right"))
        raise refused(number, "has a quotation mark in the midst of a field", expected, _MEND_QUOTES)


def check_widths(block: Block, width: int, expected: Expected) -> None:
    """Refuse the first record that has fewer or more fields than the header (3)."""
    octets = np.frombuffer(block.body, np.uint8)
    delimiters = _places(octets, ord(expected.form.delimiter))
    outside = delimiters[np.searchsorted(block.quotes, delimiters) % 2 == 0]
    fields = np.diff(np.searchsorted(outside, block.ends), prepend=0) + 1
    starts = np.concatenate(([0], block.ends[:-1])).astype(np.int64)
    blank = (octets[starts] == _LF) | ((octets[starts] == _CR) & (block.ends - starts == len("\r\n")))
    wrong = np.flatnonzero((fields != width) & ~blank)
    if len(wrong):
        few = fields[wrong[0]] < width
        how = "fewer fields than the header, as if the file were cut off" if few else "more fields than the header"
        raise refused(block.first + int(wrong[0]), f"has {how}", expected)


def bytes_of_whole_records(block: Block, content: int, width: int) -> bool:
    """Whether the block has as many bytes as its records must have, if each has ``width`` fields.

    ``content``: the bytes of all fields as they are read, without quotation marks. What else there is, is known: the
    marks, of which two inside a field stand for one; the delimiters; the line ends. A record that lacks a field lacks
    its delimiter. (A blank line does too: then ``check_widths`` looks at each record.)
    """
    quotes, octets = block.quotes, np.frombuffer(block.body, np.uint8)
    doubled = int(np.count_nonzero(quotes[2::2] == quotes[1:-1:2] + 1))
    returns = int(np.count_nonzero(octets[block.ends[block.ends > 1] - 2] == _CR))
    return content + len(quotes) - doubled + len(block.ends) * width + returns == len(block.body)


def refused(number: int, why: str, expected: Expected, fix: str = SEND_AGAIN) -> FormatError:
    """The refusal of a document for one of its records."""
    return expected.refusal(_WHAT, f"{record_name(number)} {why}", fix)


def record_name(number: int) -> str:
    """A record in the provider's terms: rows are numbered from 1, after the header."""
    return f"row {number:,}" if number else "the header"
