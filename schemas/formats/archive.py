"""The frame of a zip file with one member (APPNOTE 6.3), read forwards: what stands before and after its content.

The hub writes no file under a name from an archive; a name or a kind that is meant for mischief is refused even so.

1. The member is a plain file: no folder, no link, not encrypted, deflated or stored.
2. Its name leads nowhere else: no ``..``, no absolute path, no drive.
3. There is one member, and the directory at the end says the same of it as its head and its content.
"""

import io
import re
import stat
import struct
from dataclasses import dataclass

from schemas.formats.expected import Expected

_HEAD = struct.Struct("<4sHHHHHIIIHH")  # APPNOTE 4.3.7
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")  # 4.3.12
_END = struct.Struct("<4sHHHHIIH")  # 4.3.16
_FIELD, _LONG_SIZES, _ZIP64 = struct.Struct("<HH"), struct.Struct("<QQ"), 0x0001  # 4.5
_HEAD_MARK, _ENTRY_MARK, _END_MARK, _LOCATOR_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x07"
_LOCATOR_BYTES, _END_64_BYTES = 20, 56  # 4.3.15, 4.3.14
_ENCRYPTED, _DESCRIBED = 0x1, 0x8  # 4.4.4
_STORED, _DEFLATED = 0, 8
_UNKNOWN = 0xFFFFFFFF  # "see the zip64 field"
_TAIL_BYTES = 1 << 17
_ESCAPES = re.compile(rb"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:|\x00")
_REFUSED = "A packed document is refused"
_ONE_FILE = "Ask the provider to pack one file, without a folder or a password"


@dataclass(frozen=True)
class Head:
    """What stands before a member's content. ``stored_bytes``: its length if it is stored as it is."""

    name: bytes
    stored_bytes: int | None


def read_head(file: io.BufferedReader, expected: Expected) -> Head:
    """Read up to the content; raises FormatError."""
    raw = file.read(_HEAD.size)
    if len(raw) < _HEAD.size or not raw.startswith(_HEAD_MARK):
        raise _refusal(expected, "it is not a zip file with a member")
    _, _, flags, method, _, _, _, packed, size, name_length, extra_length = _HEAD.unpack(raw)
    name, extra = file.read(name_length), file.read(extra_length)
    if size == packed == _UNKNOWN:
        size, packed = _long_sizes(extra)
    if flags & _ENCRYPTED:
        raise _refusal(expected, "it is encrypted")  # (1)
    if method not in (_STORED, _DEFLATED) or (method == _STORED and (flags & _DESCRIBED or packed != size)):
        raise _refusal(expected, "it is packed in a way that is not agreed (only deflated or stored)")
    if _ESCAPES.search(name):  # (2)
        raise _refusal(expected, "the name of its file leads out of the archive")
    if name.endswith(b"/"):
        raise _refusal(expected, "it holds a folder")
    return Head(name, size if method == _STORED else None)


def _long_sizes(extra: bytes) -> tuple[int, int]:
    """The sizes of a member in the zip64 field (4.5.3): clear and packed; -1 where they are not said."""
    while len(extra) >= _FIELD.size:
        kind, length = _FIELD.unpack_from(extra)
        field, extra = extra[_FIELD.size : _FIELD.size + length], extra[_FIELD.size + length :]
        if kind == _ZIP64 and len(field) >= _LONG_SIZES.size:
            clear, packed = _LONG_SIZES.unpack_from(field)
            return clear, packed
    return -1, -2


def check_end(file: io.BufferedReader, head: Head, crc: int, size: int, expected: Expected) -> None:
    """Read what stands after the content; raises FormatError."""
    tail = file.read(_TAIL_BYTES)
    if _HEAD_MARK in tail[:64] or len(tail) == _TAIL_BYTES:
        raise _refusal(expected, "it holds more than one file")  # (3)
    place = tail.rfind(_END_MARK)
    if place < 0 or len(tail) < place + _END.size:
        raise _refusal(expected, "it is cut off")
    _, _, _, _, entries, directory_bytes, _, _ = _END.unpack_from(tail, place)
    if entries != 1:
        raise _refusal(expected, "it holds more than one file")
    if tail[max(0, place - _LOCATOR_BYTES) :].startswith(_LOCATOR_MARK):
        place -= _LOCATOR_BYTES + _END_64_BYTES
    _check_entry(tail[max(0, place - directory_bytes) : place], head, crc, size, expected)


def _check_entry(entry: bytes, head: Head, crc: int, size: int, expected: Expected) -> None:
    if len(entry) < _ENTRY.size or not entry.startswith(_ENTRY_MARK):
        raise _refusal(expected, "its directory is damaged")
    found = _ENTRY.unpack_from(entry)
    said_crc, said_size, name_length, mode = found[7], found[9], found[10], found[15] >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):  # (1)
        raise _refusal(expected, "it holds a link or another thing than a plain file")
    same = entry[_ENTRY.size : _ENTRY.size + name_length] == head.name and said_crc == crc
    if not same or said_size not in (size, _UNKNOWN):
        raise _refusal(expected, "its directory and its content differ, as if it were damaged")


def _refusal(expected: Expected, why: str) -> Exception:
    return expected.refusal(_REFUSED, why, _ONE_FILE)
