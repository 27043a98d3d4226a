"""Documents that come in parts, packed or in another form: always the same rows, however they come."""

import csv
import gzip
import io
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import polars as pl
import pytest

from hub.feeds import Form
from schemas.council import MARAC
from schemas.errors import ContractError, FormatError
from schemas.formats import ROW_NUMBER, Bounds, frames, parse
from schemas.formats.expected import Expected
from schemas.formats.rendering import as_text
from schemas.police import RECORDED_CRIME, STREET_CRIME
from schemas.yot import CASES
from tests.cases import cases
from tests.packed import book, text_cell, zipped

NAMES = list(MARAC.source_names)
SMALL = Bounds(batch_bytes=256, batch_rows=3, record_bytes=4096)
GENUINE = Path("/work/shared/data/police_street_crime_kingston_2016-01_2017-06.jsonl.gz")


def written(rows: list[list[str]], end: str = "\n", delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Rows as CSV text, with a header."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(NAMES)
    writer.writerows(rows)
    return out.getvalue()


def in_parts(body: bytes, sizes: random.Random) -> Iterator[bytes]:
    """A body in parts of random sizes, some of them empty."""
    place = 0
    while place < len(body):
        size = sizes.choice([0, 1, 2, 7, 100, 5000])
        yield body[place : place + size]
        place += size


def table(found: Iterator[pl.DataFrame]) -> list[tuple[str | None, ...]]:
    """Frames as rows, the row number first."""
    return pl.concat(list(found)).rows()


def some_rows(chance: random.Random) -> list[list[str]]:
    """Rows of awkward text; none is blank throughout, nor of other letters than cp1252 has."""
    texts = [
        "",
        "a",
        'say "no"',
        "x,y",
        "a;b",
        "line\nline",
        "line\r\nline",
        "Zoë",
        '"',
        "'",
        " padded ",
        "=1+1",
        "£5",
        "\u2013",
    ]
    return [["key", *(chance.choice(texts) for _ in NAMES[1:])] for _ in range(chance.randrange(12))]


@pytest.mark.parametrize("seed", range(cases(300)))
def test_csv_is_read_as_the_standard_says_however_it_comes(seed: int) -> None:
    chance = random.Random(seed)
    rows, end, delimiter = some_rows(chance), chance.choice(["\n", "\r\n"]), chance.choice([",", ";", "\t", "|"])
    text = written(rows, end, delimiter, chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    text = text.removesuffix(end) if rows and chance.random() < 0.5 else text
    encoding, mark = chance.choice(
        [("utf-8", "utf-8"), ("utf-8", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")]
    )
    form = Form(encoding=encoding, delimiter=delimiter)  # type: ignore[arg-type]

    found = frames("csv", form, in_parts(text.encode(mark), chance), MARAC, bounds=SMALL)

    assert table(found) == [(number, *row) for number, row in enumerate(rows, 1)]


def test_frames_are_small_and_numbered_through_and_blank_lines_count() -> None:
    rows = [[f"M{number}", *[""] * (len(NAMES) - 1)] for number in range(1, 21)]
    text = written(rows).replace("M3", "M3", 1).replace("M5,", "\n\nM5,")
    found = list(frames("csv", Form(), [text.encode()], MARAC, bounds=SMALL))
    assert max(frame.height for frame in found) <= SMALL.batch_rows
    numbers = pl.concat(found)[ROW_NUMBER].to_list()
    assert numbers == [1, 2, 3, 4, *range(7, 23)]


def test_a_document_is_not_read_further_than_it_is_asked_for() -> None:
    asked = []

    def parts() -> Iterator[bytes]:
        yield written([]).encode()
        for number in range(1000):
            asked.append(number)
            yield (",".join([f"M{number}"] * len(NAMES)) + "\n").encode()

    next(frames("csv", Form(), parts(), MARAC, bounds=SMALL))
    assert len(asked) < 20


@pytest.mark.parametrize("packed", ["gzip", "zip"])
@pytest.mark.parametrize("seed", range(6))
def test_a_packed_document_is_the_same(packed: str, seed: int) -> None:
    chance = random.Random(seed)
    rows = some_rows(chance) * 40
    body = written(rows).encode()
    if packed == "gzip":
        cut = chance.randrange(len(body))
        whole = gzip.compress(body[:cut]) + gzip.compress(body[cut:])  # two members are one document (RFC 1952)
    else:
        out = io.BytesIO()
        method, long = chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]), chance.random() < 0.5
        with zipfile.ZipFile(out, "w", method) as archive, archive.open("a/b.csv", "w", force_zip64=long) as member:
            member.write(body)
        whole = out.getvalue()
    form = Form(packed=packed)  # type: ignore[arg-type]
    assert table(frames("csv", form, in_parts(whole, chance), MARAC)) == table(frames("csv", Form(), [body], MARAC))


@pytest.mark.parametrize("seed", range(4))
def test_objects_are_read_alike_as_a_list_in_a_field_or_a_line_each(seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        {"id": number, "category": "drügs", "month": "2026-07", "location": {"latitude": "51.40", "street": {"id": 7}}}
        for number in range(25)
    ]
    first = {**dict.fromkeys(("persistent_id", "location_type", "location_subtype", "context")), "outcome_status": None}
    rows[0] |= first
    rows[0]["location"] |= {"longitude": None}
    rows[0]["location"]["street"] |= {"name": None}
    listed = json.dumps(rows, ensure_ascii=False, indent=chance.choice([None, 1])).encode()
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    as_list = table(frames("json", Form(), in_parts(listed, chance), STREET_CRIME))
    assert as_list == table(frames("ndjson", Form(), in_parts(lines, chance), STREET_CRIME))
    assert [row[0] for row in as_list] == list(range(1, 26))
    assert pl.concat(frames("json", Form(), [listed], STREET_CRIME))["category"].to_list() == ["drügs"] * 25


def test_a_field_that_only_later_batches_have_is_not_missing_but_one_that_none_has_is() -> None:
    names = [name.split(".") for name in STREET_CRIME.source_names]
    whole = {path[0]: None for path in names if len(path) == 1} | {
        "location": {"latitude": None, "longitude": None, "street": {"id": None, "name": None}},
        "outcome_status": None,
    }
    bare = json.dumps({"id": 1}).encode() + b"\n"
    lines = bare * 10_001 + json.dumps(whole | {"id": 2}).encode()
    assert sum(frame.height for frame in frames("ndjson", Form(), [lines], STREET_CRIME)) == 10_002
    with pytest.raises(ContractError, match="missing: category"):
        list(frames("ndjson", Form(), [bare * 10_001], STREET_CRIME))


def test_xml_comes_in_any_parts_and_what_the_contract_ignores_is_passed_over() -> None:
    from dataclasses import replace

    nested = replace(CASES, rows_at="Cases.Case", ignored=frozenset({"Header", "Cases.Note"}))
    row = "".join(f'<{name} {" ".join(f"""{inner}="1" """ for inner in inners)}/>' for name, inners in _inner().items())
    people = "".join(f"<{name}>A</{name}>" for name in _persons())
    case = f'<Case id="K%d"><Person>{people}</Person>{row}</Case>'
    rows = "".join(case % number for number in range(50))
    body = f"<R><Header><Any><Thing>1</Thing></Any></Header><Cases><Note/>{rows}</Cases></R>".encode()
    found = table(frames("xml", Form(), in_parts(body, random.Random(1)), nested))
    assert [row[1] for row in found] == [f"K{number}" for number in range(50)]
    with pytest.raises(FormatError, match=r"something else than Cases\.Case"):
        parse("xml", body.replace(b"<Note/>", b"<Other/>"), nested)


def _inner() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in CASES.source_names:
        outer, _, inner = name.partition(".")
        if inner and outer != "Person":
            found.setdefault(outer, []).append(inner)
    return found


def _persons() -> list[str]:
    return [name.partition(".")[2] for name in CASES.source_names if name.startswith("Person.")]


def test_under_a_feed_that_reports_drift_other_columns_come_through_as_they_came() -> None:
    body = (
        written([["M1"] * len(NAMES)]).replace(NAMES[-1], f"{NAMES[-1]},new_one").replace(",M1\n", ",M1,x\n").encode()
    )
    with pytest.raises(ContractError, match="undeclared: new_one"):
        parse("csv", body, MARAC)
    (frame,) = frames("csv", Form(), [body], MARAC, drift="report")
    assert frame.columns == [ROW_NUMBER, *NAMES, "new_one"]


def test_a_mark_of_deletion_comes_through_beside_the_contracts_columns() -> None:
    body = (
        written([["M1"] * len(NAMES)]).replace(NAMES[-1], f"{NAMES[-1]},gone").replace(",M1\n", ",M1,true\n").encode()
    )
    (frame,) = frames("csv", Form(), [body], MARAC, marker="gone")
    assert frame["gone"].to_list() == ["true"]
    (frame,) = frames("csv", Form(), [written([]).encode()], MARAC, marker="gone")
    assert "gone" not in frame.columns


WORKBOOK = {
    "Crime Reference": text_cell("{}", "C1"),
    "Committed From": '<c r="{}" s="1"><v>46218.4375</v></c>',  # a date and time in a cell
    "Recorded Date": '<c r="{}" s="1"><v>46218</v></c>',
    "DA Flag": '<c r="{}" t="b"><v>1</v></c>',
    "UPRN": '<c r="{}"><v>100023456789</v></c>',
    "Easting": '<c r="{}"><v>518000.5</v></c>',
}


def _letters(number: int) -> str:
    return chr(65 + number) if number < 26 else "A" + chr(65 + number - 26)


def workbook(sheets: int = 1) -> bytes:
    """A workbook of one row of the police's extract, with typed cells."""
    names = list(RECORDED_CRIME.source_names)
    header = "".join(text_cell(f"{_letters(place)}1", name) for place, name in enumerate(names))
    cells = [WORKBOOK[name].format(f"{_letters(place)}2") for place, name in enumerate(names) if name in WORKBOOK]
    (body,) = book(f'<row r="1">{header}</row><row r="2">{"".join(cells)}</row>', sheets=sheets)()
    return body


def test_a_workbook_is_read_in_the_forms_that_its_columns_are_read_in() -> None:
    (row,) = parse("xlsx", workbook(), RECORDED_CRIME).rows(named=True)
    assert row[ROW_NUMBER] == 1
    assert {name: row[name] for name in WORKBOOK} == {
        "Crime Reference": "C1",
        "Committed From": "15/07/2026 10:30",
        "Recorded Date": "15/07/2026",
        "DA Flag": "Y",
        "UPRN": "100023456789",
        "Easting": "518000.5",
    }


def test_a_workbook_may_be_packed_and_its_sheet_is_the_agreed_one() -> None:
    inside = zipped(("rows.xlsx", workbook()))()
    assert pl.concat(frames("xlsx", Form(packed="zip"), inside, RECORDED_CRIME)).height == 1
    assert parse("xlsx", workbook(2), RECORDED_CRIME, Form(sheet="Rows")).height == 1
    with pytest.raises(FormatError, match="it has 2 sheets"):
        parse("xlsx", workbook(2), RECORDED_CRIME)
    with pytest.raises(FormatError, match="no sheet Cases"):
        parse("xlsx", workbook(), RECORDED_CRIME, Form(sheet="Cases"))


def parquet(frame: pl.DataFrame) -> bytes:
    """A frame as a Parquet file."""
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def test_parquet_is_read_in_the_forms_that_its_columns_are_read_in() -> None:
    typed = {
        "Crime Reference": ["C1", "C2"],
        "Committed From": [datetime(2026, 7, 15, 10, 30), None],  # noqa: DTZ001 - London's
        "Committed To": pl.Series([datetime(2026, 7, 15, 11, 30, tzinfo=UTC)] * 2).dt.cast_time_unit("ms"),
        "Recorded Date": [date(2026, 7, 15)] * 2,
        "DA Flag": [True, False],
        "UPRN": [100023456789, None],
        "Easting": [518000.0, 518000.5],
    }
    rest = {name: [None, None] for name in RECORDED_CRIME.source_names if name not in typed}
    first, second = parse("parquet", parquet(pl.DataFrame(typed | rest)), RECORDED_CRIME).rows(named=True)
    assert (first[ROW_NUMBER], second[ROW_NUMBER]) == (1, 2)
    assert [first[name] for name in typed] == [
        "C1", "15/07/2026 10:30", "15/07/2026 12:30", "15/07/2026", "Y", "100023456789", "518000",
    ]  # fmt: skip
    assert [second[name] for name in typed] == [
        "C2", None, "15/07/2026 12:30", "15/07/2026", "N", None, "518000.5",
    ]  # fmt: skip


def test_a_parquet_file_without_rows_or_with_lists_is_told_as_it_is() -> None:
    empty = pl.DataFrame(schema=dict.fromkeys(NAMES, pl.String))
    assert parse("parquet", parquet(empty), MARAC).height == 0
    nested = pl.DataFrame({name: [["a"]] if name == NAMES[1] else ["a"] for name in NAMES})
    with pytest.raises(FormatError, match="List, which is no single value"):
        parse("parquet", parquet(nested), MARAC)


def test_typed_values_are_written_as_their_contract_reads_them() -> None:
    frame = pl.DataFrame(
        {"at": [time(9, 5)], "b": [b"\x00\x01"], "whole": [1.0], "on": [datetime(2026, 1, 2, 3, 4, 5)]}  # noqa: DTZ001
    )
    assert as_text(frame, Expected(MARAC)).row(0) == ("09:05:00", "AAE=", "1", "2026-01-02T03:04:05+00:00")


@pytest.mark.skipif(not GENUINE.exists(), reason="the genuine street crime lies beside the project, not in it")
def test_genuine_street_crime_is_read_packed_as_it_is() -> None:
    body = GENUINE.read_bytes()
    found = list(frames("ndjson", Form(packed="gzip"), in_parts(body, random.Random(0)), STREET_CRIME))
    assert sum(frame.height for frame in found) == len(gzip.decompress(body).splitlines())
