"""Labelled files of every shape that people bring are read as the same rows."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from linkage.errors import LabelledRefused
from linkage.labelled.columns import ColumnMap
from linkage.labelled.dates import iso_dates
from linkage.labelled.files import Labelled, read_labelled
from linkage.labelled.tokens import tokenise

COLUMNS = ColumnMap({"forename": "first name", "date_of_birth": "dob"}, {"plain_town": "town"})
ROWS = pl.DataFrame(
    {
        "person": ["7", "7", "12", "13"],
        "first name": ["Zoë", "Zoe", None, "Ann"],
        "dob": ["1865-03-07", "1865-12-31", None, "1901-01-30"],
        "town": ["3", None, "4", "3"],
        "not looked at": ["x", "y", "z", "x"],
    }
)
DAYS = pl.col("dob").str.to_date()


def csv(rows: pl.DataFrame, encoding: str = "utf-8") -> bytes:
    return rows.write_csv().encode(encoding)


def parquet(rows: pl.DataFrame, path: Path) -> bytes:
    rows.write_parquet(path)
    return path.read_bytes()


SHAPES: dict[str, Callable[[Path], bytes]] = {
    "lives.csv": lambda _: csv(ROWS),
    "bom.csv": lambda _: csv(ROWS, "utf-8-sig"),
    "latin.csv": lambda _: csv(ROWS, "latin-1"),
    "windows.csv": lambda _: csv(ROWS, "windows-1252"),
    "wide.csv": lambda _: csv(ROWS, "utf-16"),
    "no ending": lambda _: csv(ROWS),
    "spaces.csv": lambda _: csv(ROWS.rename({"first name": " first name "}).with_columns(pl.col("town") + "  ")),
    "words.csv": lambda _: csv(ROWS.with_columns(pl.all().fill_null("NULL"))),
    "pandas.csv": lambda _: csv(ROWS.with_columns(pl.all().fill_null("NaN"))),
    "r.csv": lambda _: csv(ROWS.with_columns(pl.all().fill_null("NA"))),
    "lives.parquet": lambda path: parquet(ROWS, path),
    "parquet without its ending": lambda path: parquet(ROWS, path),
    "dates.parquet": lambda path: parquet(ROWS.with_columns(DAYS), path),
    "instants.parquet": lambda path: parquet(ROWS.with_columns(DAYS.cast(pl.Datetime("ns"))), path),
    "zone.parquet": lambda path: parquet(
        ROWS.with_columns(DAYS.cast(pl.Datetime).dt.replace_time_zone("Europe/London")), path
    ),
    "numbers.parquet": lambda path: parquet(ROWS.with_columns(pl.col("person", "town").cast(pl.Int64)), path),
    "categories.parquet": lambda path: parquet(ROWS.with_columns(pl.col("person", "town").cast(pl.Categorical)), path),
    "digits.parquet": lambda path: parquet(ROWS.with_columns(DAYS.dt.strftime("%Y%m%d").cast(pl.Int64)), path),
    "fractions.parquet": lambda path: parquet(ROWS.with_columns(DAYS.dt.strftime("%Y%m%d").cast(pl.Float64)), path),
}


def read(path: Path) -> Labelled:
    return read_labelled([path], COLUMNS, "person")


@pytest.mark.parametrize("name", SHAPES)
def test_a_file_of_any_shape_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SHAPES[name](tmp_path / name))
    found = read(tmp_path / name)
    assert found.rows.rows() == ROWS.select(found.rows.columns).rows()
    assert found.truth.to_list() == ROWS["person"].to_list()


@pytest.mark.parametrize(
    "form",
    ["%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%dT00:00:00Z", "%Y-%m-%d 00:00:00+00:00", "%Y-%m-%d 12:30",
     "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d%m%Y", "%m%d%Y", "%-d/%-m/%Y",
     "%d %b %Y", "%d-%b-%Y", "%-d %B %Y", "%B %-d, %Y", "%a"],
)  # fmt: skip
def test_dates_of_any_form_are_read(form: str) -> None:
    written = ROWS.select(DAYS.dt.strftime(form)).to_series()
    expected = ROWS["dob"] if form != "%a" else written  # a day of the week is no date, and stays as it is
    assert iso_dates(written, "file").to_list() == expected.to_list()


def test_each_file_has_its_own_form_of_dates(tmp_path: Path) -> None:
    for name, form in {"one.csv": "%d/%m/%Y", "other.csv": "%m/%d/%Y"}.items():
        ROWS.with_columns(DAYS.dt.strftime(form)).write_csv(tmp_path / name)
    both = read_labelled([tmp_path / "one.csv", tmp_path / "other.csv"], COLUMNS, "person")
    assert both.rows["dob"].to_list() == [*ROWS["dob"], *ROWS["dob"]]


def test_what_is_known_to_the_year_or_month_is_its_first_day() -> None:
    said = pl.Series("dob", ["1865", "1865-03", "1865-00-00", "Mar 1865", "1865.0", "0000-00-00", "1865-02-30"])
    assert iso_dates(said, "file").to_list() == [
        "1865-01-01", "1865-03-01", "1865-01-01", "1865-03-01", "1865-01-01", "0000-00-00", "1865-02-30",
    ]  # fmt: skip


def test_a_date_that_may_be_two_is_refused_only_where_they_are_many() -> None:
    either = pl.Series("dob", ["03/04/1865"])
    with pytest.raises(LabelledRefused, match="which number is the day") as told:
        iso_dates(either, "file")
    assert "1865-03-07" in str(told.value)
    assert "03/04" not in str(told.value)
    many = pl.Series("dob", [f"{year}-05-06" for year in range(1500, 1700)])
    assert iso_dates(pl.concat([many, either]), "file").to_list() == [*many, "03/04/1865"]
    assert iso_dates(pl.Series("dob", ["01/01/1865", "02/02/1865"]), "file").to_list() == ["1865-01-01", "1865-02-02"]


def test_a_full_name_serves_for_what_has_no_column_of_its_own(tmp_path: Path) -> None:
    rows = pl.DataFrame({"person": ["1"], "name": ["Ann Mary Lee"], "surname": ["Ley"]})
    rows.write_csv(tmp_path / "named.csv")
    found = {}
    for fields in ({"full_name": "name"}, {"full_name": "name", "surname": "surname"}):
        columns = ColumnMap(fields, {})
        made = tokenise(read_labelled([tmp_path / "named.csv"], columns, "person"), columns)
        found[len(fields)] = made["token_forename"][0], made["token_surname"][0]
    assert found[1][0] == found[2][0]
    assert found[1][1] != found[2][1]
    assert None not in (*found[1], *found[2])
