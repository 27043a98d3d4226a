"""Documents that are made to do harm, each as parts that are made when they are asked for.

Run as a program it reads each by its contract, and prints what was said and how much memory that took.
"""

import io
import json
import random
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from hub.feeds import Form
from schemas.contract import Contract
from schemas.errors import SchemaError
from schemas.formats import frames
from schemas.formats.expected import CSV_UTF8
from schemas.police import RECORDED_CRIME, STREET_CRIME
from schemas.yot import CASES
from tests.packed import book, text_cell, zipped

CANARY = "Quillfeather"
MIB = 1 << 20
GIB_OF_MIBS = 1024
HEADER = ",".join(RECORDED_CRIME.source_names).encode() + b"\n"
WIDTH = len(RECORDED_CRIME.source_names)
ROW = b",".join([CANARY.encode()] * WIDTH) + b"\n"


@dataclass(frozen=True)
class Hostile:
    """One document: what it is read as, how its parts are made, and words of the one sentence that refuses it."""

    said: str
    format: str
    parts: Callable[[], Iterable[bytes]]
    form: Form = CSV_UTF8
    contract: Contract = RECORDED_CRIME


def big(before: bytes, filling: bytes = b"A" * MIB) -> Callable[[], Iterator[bytes]]:
    """A beginning, and then a gigabyte of the same."""

    def parts() -> Iterator[bytes]:
        yield before
        yield from repeat(filling, GIB_OF_MIBS)

    return parts


def deflated(content: Iterable[bytes], window: int) -> Iterator[bytes]:
    """Content packed as a stream."""
    machine = zlib.compressobj(9, zlib.DEFLATED, window)
    for part in content:
        yield machine.compress(part)
    yield machine.flush()


def rows(count: int) -> Iterator[bytes]:
    """A header, and mebibytes of one row again and again."""
    yield HEADER
    yield from repeat(ROW * (MIB // len(ROW)), count)


def zip_bomb() -> list[bytes]:
    """48 MiB of rows in some kilobytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("rows.csv", "w") as member:
        for part in rows(48):
            member.write(part)
    return [out.getvalue()]


def link() -> zipfile.ZipInfo:
    """The directory entry of a symbolic link."""
    entry = zipfile.ZipInfo("rows.csv")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return entry


def encrypted() -> list[bytes]:
    """A zip file that says that it is encrypted."""
    whole = bytearray(zipped(("rows.csv", HEADER))()[0])
    whole[6] |= 1
    return [bytes(whole)]


def long_texts() -> list[bytes]:
    """A Parquet file of half a megabyte: one text of a megabyte, which each of 50,000 rows has."""
    indices = pa.array([0] * 50_000, pa.int32())
    texts = [pa.array([CANARY]) for _ in RECORDED_CRIME.source_names]
    texts[0] = pa.array([random.Random(1).randbytes(MIB // 2).hex()])
    columns = [pa.DictionaryArray.from_arrays(indices, text) for text in texts]
    out = io.BytesIO()
    pq.write_table(pa.table(columns, list(RECORDED_CRIME.source_names)), out, compression="zstd")
    return [out.getvalue()]


def laughs() -> list[bytes]:
    """Ten entities, each ten of the one before."""
    named = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    return [f'<!DOCTYPE r [<!ENTITY a "{CANARY}">{named}]><r><Case id="&j;"/></r>'.encode()]


def json_list(row: str) -> Callable[[], list[bytes]]:
    """A JSON document of one row."""
    return lambda: [f"[{row}]".encode()]


def ends_with(row: bytes) -> Callable[[], list[bytes]]:
    """A CSV document of one good row and this."""
    return lambda: [HEADER, ROW, row]


GZIP, ZIP, UTF16, CP1252 = Form(packed="gzip"), Form(packed="zip"), Form(encoding="utf-16"), Form(encoding="cp1252")
OUT = "leads out of the archive"
LONG = "longer than 1,048,576 bytes"
DOCUMENTS = {
    "zip bomb": Hostile("more than 200 times its size", "csv", zip_bomb, ZIP),
    "gzip bomb": Hostile("more than 200 times its size", "csv", lambda: deflated(rows(48), 31), GZIP),
    "gzip bomb of blank lines": Hostile(
        "lines that are blank", "csv", lambda: deflated([HEADER, *repeat(b"\n" * MIB, 32)], 31), GZIP
    ),
    "zip in a zip": Hostile("another packed file", "csv", zipped(("a.zip", zip_bomb()[0])), ZIP),
    "gzip in a gzip": Hostile("another packed file", "csv", lambda: deflated(deflated([HEADER], 31), 31), GZIP),
    "gzip cut off": Hostile("it is cut off", "csv", lambda: [b"".join(deflated([HEADER, ROW], 31))[:-9]], GZIP),
    "gzip with something behind": Hostile("was damaged", "csv", lambda: [*deflated([HEADER], 31), b"more"], GZIP),
    "gzip of another sum": Hostile(
        "was damaged", "csv", lambda: [b"".join(deflated([HEADER], 31))[:-8] + bytes(8)], GZIP
    ),
    "name with dots": Hostile(OUT, "csv", zipped(("../../etc/passwd", HEADER)), ZIP),
    "name from the root": Hostile(OUT, "csv", zipped(("/etc/passwd", HEADER)), ZIP),
    "name with a drive": Hostile(OUT, "csv", zipped(("C:\\rows.csv", HEADER)), ZIP),
    "name with backslashes": Hostile(OUT, "csv", zipped(("a\\..\\..\\rows.csv", HEADER)), ZIP),
    "two members": Hostile("more than one file", "csv", zipped(("a.csv", HEADER), ("b.csv", HEADER)), ZIP),
    "folder": Hostile("it holds a folder", "csv", zipped(("rows/", b""), ("rows/a.csv", HEADER)), ZIP),
    "symbolic link": Hostile("a link", "csv", zipped((link(), HEADER)), ZIP),
    "encrypted zip": Hostile("it is encrypted", "csv", encrypted, ZIP),
    "no zip": Hostile("not a zip file", "csv", lambda: [HEADER], ZIP),
    "zip cut off": Hostile("cut off", "csv", lambda: [zipped(("a.csv", HEADER * 9))()[0][:-40]], ZIP),
    "entities": Hostile("document type or an entity", "xml", laughs, contract=CASES),
    "external entity": Hostile(
        "document type or an entity",
        "xml",
        lambda: [b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><Case id="&x;"/></r>'],
        contract=CASES,
    ),
    "external document type": Hostile(
        "document type or an entity",
        "xml",
        lambda: [b'<!DOCTYPE r SYSTEM "http://x.example/r.dtd"><r/>'],
        contract=CASES,
    ),
    "CSV line of 1 GB": Hostile(f"row 1 is {LONG}", "csv", big(HEADER)),
    "CSV header of 1 GB": Hostile(f"the header is {LONG}", "csv", big(b"")),
    "CSV field that never closes": Hostile("far too short", "csv", big(HEADER + b'"', b"A\n" * (MIB // 2))),
    "CSV of delimiters": Hostile(f"row 1 is {LONG}", "csv", big(HEADER, b"," * MIB)),
    "CSV of blank lines": Hostile("lines that are blank", "csv", big(HEADER, b"\n" * MIB)),
    "CSV of short rows": Hostile("far too short", "csv", big(HEADER, b"A,\n" * (MIB // 3))),
    "NDJSON line of 1 GB": Hostile(LONG, "ndjson", big(b'{"id": "'), contract=STREET_CRIME),
    "JSON text of 1 GB": Hostile(LONG, "json", big(b'[{"id": "'), contract=STREET_CRIME),
    "JSON number of 1 GB": Hostile(LONG, "json", big(b'[{"id": ', b"9" * MIB), contract=STREET_CRIME),
    "XML text of 1 GB": Hostile(LONG, "xml", big(b"<r><Case><a>"), contract=CASES),
    "XML attribute of 1 GB": Hostile(LONG, "xml", big(b'<r><Case a="'), contract=CASES),
    "XML comment of 1 GB": Hostile(LONG, "xml", big(b"<r><!--"), contract=CASES),
    "zero byte": Hostile("zero byte", "csv", ends_with(ROW.replace(b"ll", b"\x00"))),
    "UTF-16 for UTF-8": Hostile("zero byte", "csv", lambda: [HEADER.decode().encode("utf-16")]),
    "one byte of cp1252": Hostile("row 2 holds a byte that is not UTF-8", "csv", ends_with(ROW[:-1] + b"\xe9\n")),
    "mark in the midst": Hostile("byte order mark in the midst", "csv", ends_with(b"\xef\xbb\xbf" + HEADER + ROW)),
    "UTF-8 for cp1252": Hostile("UTF-8, not the agreed cp1252", "csv", lambda: [HEADER + "Zoë".encode()], CP1252),
    "unknown byte of cp1252": Hostile("not cp1252 throughout", "csv", lambda: [HEADER, b"\x81"], CP1252),
    "UTF-16 without a mark": Hostile("byte order mark", "csv", lambda: [HEADER.decode().encode("utf-16-le")], UTF16),
    "half of UTF-16": Hostile("utf-16 throughout", "csv", lambda: [HEADER.decode().encode("utf-16")[:-1]], UTF16),
    "deep JSON": Hostile("nested too deeply", "json", lambda: [b"[" * MIB], contract=STREET_CRIME),
    "deep JSON object": Hostile(
        "nested too deeply", "json", json_list('{"a":' * 100 + "1" + "}" * 100), contract=STREET_CRIME
    ),
    "deep XML": Hostile("nested too deeply", "xml", lambda: [b"<r><Case>" + b"<a>" * 10_000], contract=CASES),
    "JSON field twice": Hostile(
        "names a field twice", "json", json_list(f'{{"id": 1, "id": "{CANARY}"}}'), contract=STREET_CRIME
    ),
    "NDJSON field twice": Hostile(
        "names a field twice", "ndjson", lambda: [b'{"id": 1, "id": 2}'], contract=STREET_CRIME
    ),
    "JSON with something behind": Hostile("follows its end", "json", lambda: [b"[] []"], contract=STREET_CRIME),
    "50,000 fields in JSON": Hostile(
        "more than 2,000",
        "json",
        json_list(json.dumps(dict.fromkeys(map(str, range(50_000)), "x"))),
        contract=STREET_CRIME,
    ),
    "header name twice": Hostile("names a column twice", "csv", lambda: [HEADER.replace(b"UPRN", b"Postcode"), ROW]),
    "100,000 columns": Hostile(
        "more than 2,000", "csv", lambda: [b",".join(b"c%d" % n for n in range(100_000)), b"\n"]
    ),
    "quotation mark in a field": Hostile("row 2 has a quotation mark", "csv", ends_with(ROW.replace(b"ll", b'"', 1))),
    "open quotation mark": Hostile("open quotation mark", "csv", ends_with(b'"' + ROW)),
    "row too long": Hostile("row 2 has more fields", "csv", ends_with(b"," + ROW)),
    "row too short": Hostile("row 2 has fewer fields", "csv", ends_with(ROW.partition(b",")[2])),
    "long and short rows": Hostile("row 2 has more fields", "csv", ends_with(b"," + ROW + ROW.partition(b",")[2])),
    "cells far apart": Hostile(
        "cells span more than", "xlsx", book(f"<row>{text_cell('A1', CANARY)}{text_cell('XFD1048576', 'x')}</row>")
    ),
    "cells without places": Hostile("does not say its place", "xlsx", book("<row><c><v>1</v></c></row>")),
    "workbook bomb": Hostile("zip bomb", "xlsx", book("", (("xl/media/a.png", bytes(24 * MIB)),))),
    "no workbook": Hostile("it is no workbook", "xlsx", lambda: [b"PK\x03\x04" + bytes(99)]),
    "long texts in Parquet": Hostile("longer than any row's", "parquet", long_texts),
    "no Parquet": Hostile("it cannot be read", "parquet", lambda: [b"PAR1" + bytes(99) + b"PAR1"]),
}


def outcome(document: Hostile) -> str:
    """What is said of a document; how many rows, if nothing is."""
    try:
        found = frames(document.format, document.form, document.parts(), document.contract)
        return f"taken: {sum(frame.height for frame in found)} rows"
    except SchemaError as refusal:
        return str(refusal)


def peak_mib() -> int:
    """The most memory that this process has held; what ``getrusage`` says would count its parent too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def main() -> None:
    """One line of JSON for each document: its name, what was said, and by how much the peak of memory rose."""
    ordinary = [HEADER, ROW * (32 * MIB // len(ROW))]
    outcome(Hostile("", "csv", lambda: ordinary))  # what an ordinary batch takes
    for name, document in DOCUMENTS.items():
        before = peak_mib()
        said = outcome(document)
        print(
            json.dumps({"name": name, "said": said, "grown_mib": peak_mib() - before, "peak_mib": peak_mib()}),
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
