"""The text of a document: from the agreed encoding to UTF-8, and what no text of rows may hold.

1. A byte order mark may begin a text and stand nowhere else: in its midst it says that files were joined.
2. No byte is zero.
3. Every byte is the agreed encoding's. Text that is UTF-8 throughout is not taken for cp1252, which would
   turn each accented letter into two wrong ones without an error.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from schemas.errors import FormatError
from schemas.formats.expected import SEND_AGAIN, Expected

_MARK = codecs.BOM_UTF8
_INNER_BYTES = bytes(range(0x80, 0xC0))  # of a letter of several bytes, all but its first
_WHAT = "A document is not the agreed text"
_OF_ENCODING = "Ask the provider for the agreed encoding, or agree on the change and put it into the feed's form"


def utf8(parts: Iterable[bytes], expected: Expected) -> Iterator[bytes]:
    """The document in UTF-8, without a mark at its beginning; UTF-8 itself goes through unchecked (``check_utf8``)."""
    decoded = {"utf-8": _as_it_is, "utf-16": _from_utf16, "cp1252": _from_cp1252}[expected.form.encoding]
    first, rest = _led(decoded(iter(parts), expected), len(_MARK))
    yield first.removeprefix(_MARK)
    yield from rest


def check_utf8(block: bytes, name_of: Callable[[int], str], expected: Expected) -> None:
    """Refuse a block that is no clean UTF-8 text; ``name_of`` says in the provider's terms where a byte of it is."""
    if (place := block.find(b"\x00")) >= 0:  # (2)
        raise not_text(f"{name_of(place)} holds a zero byte", expected)
    if block.isascii():
        return
    if (place := block.find(_MARK)) >= 0:  # (1)
        why = f"{name_of(place)} holds a byte order mark in the midst of the text, as if files had been joined"
        raise not_text(why, expected, SEND_AGAIN)
    try:
        block.decode()
    except UnicodeDecodeError as error:
        raise not_text(f"{name_of(error.start)} holds a byte that is not UTF-8", expected) from None  # (3)


def not_text(why: str, expected: Expected, fix: str = _OF_ENCODING) -> FormatError:
    """The refusal of a document that is not the agreed text."""
    return expected.refusal(_WHAT, why, fix)


def _as_it_is(parts: Iterator[bytes], _: Expected) -> Iterator[bytes]:
    return parts


def _led(parts: Iterator[bytes], length: int) -> tuple[bytes, Iterator[bytes]]:
    """The first parts as one that has at least this length, unless there is no more; and the others."""
    first = b""
    while len(first) < length and (part := next(parts, None)) is not None:
        first += part
    return first, parts


def _from_utf16(parts: Iterator[bytes], expected: Expected) -> Iterator[bytes]:
    first, rest = _led(parts, 2)
    if first[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise not_text("it is not UTF-16 with a byte order mark", expected)
    decoder = codecs.getincrementaldecoder("utf-16")()
    for part in chain((first,), rest):
        yield _encoded(decoder, part, expected, final=False)
    yield _encoded(decoder, b"", expected, final=True)


def _from_cp1252(parts: Iterator[bytes], expected: Expected) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("cp1252")()
    for part in parts:
        if not part.isascii() and _is_utf8(part):  # (3)
            raise not_text("it is UTF-8, not the agreed cp1252", expected)
        yield _encoded(decoder, part, expected, final=False)


def _is_utf8(part: bytes) -> bool:
    """Whether a part of a text is UTF-8; a letter cut in two at either edge is no reason that it is not."""
    inner = part.lstrip(_INNER_BYTES)
    try:
        return not codecs.getincrementaldecoder("utf-8")().decode(inner).isascii()
    except UnicodeDecodeError:
        return False


def _encoded(decoder: codecs.IncrementalDecoder, part: bytes, expected: Expected, *, final: bool) -> bytes:
    try:
        return decoder.decode(part, final=final).encode()
    except UnicodeError:
        raise not_text(f"it is not {expected.form.encoding} throughout", expected) from None
