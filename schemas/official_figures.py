"""Population and deprivation from the official files, in the layouts that their makers publish.

- English Indices of Deprivation, File 7 (all ranks, scores, deciles and population): a CSV, a row a small area. That of
  2019 is by the small areas of 2011, that of 2025 by those of 2021 (its layout is *unverified*).
- Small area population estimates of the Office for National Statistics: XLSX or CSV, a row a small area, with a column
  for each single year of age, for both sexes (``10``) or for each (``F10``, ``M10``); lines of text stand above the
  heading (layouts *unverified*).
Sources are licensed under the Open Government Licence v3.0.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from schemas.area_figures import DEPRIVATION, FIGURES, POPULATION
from schemas.errors import ContractError

_CODE = re.compile(r"^LSOA (?:code \((\d{4})\)|(?:(\d{4}) )?code)$", re.IGNORECASE)
_INDEX_OF = {"2011": 2019, "2021": 2025}
"""The index that is by the small areas of a census; another needs its year stated."""
_DECILES = {
    "deprivation_decile": "Index of Multiple Deprivation (IMD) Decile",
    "income_decile": "Income Decile",
    "employment_decile": "Employment Decile",
    "education_decile": "Education, Skills and Training Decile",
    "health_decile": "Health Deprivation and Disability Decile",
    "crime_decile": "Crime Decile",
    "housing_decile": "Barriers to Housing and Services Decile",
    "environment_decile": "Living Environment Decile",
    "child_poverty_decile": "Income Deprivation Affecting Children Index (IDACI) Decile",
}
_WHOLE = ("Total", "All Ages", "All ages")
_MIDST = re.compile(r"mid[- ]?(20\d\d)", re.IGNORECASE)
_HEADING_WITHIN = 30  # rows


@dataclass(frozen=True)
class Figures:
    """What a file gives of the borough's small areas: ``lsoa_code`` and the columns of one subject."""

    subject: str
    year: int
    areas: pl.DataFrame


@dataclass(frozen=True)
class _Sheet:
    """Rows of text under a heading; ``above`` is what stands before it, the sheet's name included."""

    above: str
    rows: pl.DataFrame
    code: str
    census: str | None


def read_official(path: Path, borough: pl.Series, year: int | None = None) -> Figures:
    """The figures of one file for the small areas of the borough (their codes).

    ``year``: of the index or the estimates, where the file does not tell it. Raises ContractError if the file is none
    of the two, if a figure is no number within its bounds, or if it has no area of the borough.
    """
    sheet = next(_headed(path), None)
    if sheet is None:
        raise _refused(path, "it has no column such as LSOA 2021 Code", "Take File 7, or a table of estimates")
    own = sheet.rows.filter(pl.col(sheet.code).is_in(borough.implode())).rename({sheet.code: "lsoa_code"})
    if own.is_empty():
        raise _refused(path, f"it has none of the borough's {len(borough)} small areas", "Take the file of all England")
    if own["lsoa_code"].n_unique() != own.height:
        raise _refused(path, "it has a small area of the borough twice", "Take the file as it was published")
    if any(name.startswith(_DECILES["deprivation_decile"]) for name in own.columns):
        return _deprivation(path, own, year or _INDEX_OF.get(sheet.census or ""))
    return _population(path, own, year or _year_in(f"{path.name} {sheet.above}"))


def _deprivation(path: Path, own: pl.DataFrame, year: int | None) -> Figures:
    if year is None:
        raise _refused(path, "it does not say of which year the index is", "State it: --year 2019")
    found = {name: _column(path, own, start) for name, start in _DECILES.items()}
    deciles = own.select("lsoa_code", *(_whole(column).alias(name) for name, column in found.items()))
    _require_within(path, deciles, dict.fromkeys(found, (1, 10)))
    said = {"deprivation_year": year, "deprivation_source": f"English Indices of Deprivation {year}, File 7"}
    return Figures("deprivation", year, deciles.with_columns(pl.lit(value).alias(name) for name, value in said.items()))


def _population(path: Path, own: pl.DataFrame, year: int | None) -> Figures:
    if year is None:
        raise _refused(path, "it does not say of which year the estimates are", "State it: --year 2024")
    whole = next((name for name in _WHOLE if name in own.columns), None)
    ages = [name for age in range(10, 25) for name in (f"F{age}", f"M{age}", str(age)) if name in own.columns]
    if whole is None or len(ages) not in (15, 30):
        raise _refused(path, "it has no total and single years of age from 10 to 24", "Take the table by single year")
    counted = own.select(
        "lsoa_code",
        _whole(whole).alias("population"),
        pl.sum_horizontal(*map(_whole, ages), ignore_nulls=False).alias("population_10_24"),
    )
    _require_within(path, counted, dict.fromkeys(("population", "population_10_24"), (0, 100_000)))
    if (counted["population_10_24"] > counted["population"]).any():
        raise _refused(path, "a small area has more people aged 10 to 24 than people", "Take the official file")
    source = f"Office for National Statistics, mid-{year} population estimates of small areas"
    said = {"population_year": year, "population_source": source}
    return Figures("population", year, counted.with_columns(pl.lit(value).alias(name) for name, value in said.items()))


def merged(known: pl.DataFrame, taken: Figures, borough: pl.Series) -> pl.DataFrame:
    """The figures of every small area of the borough with what was taken in place of what was known of it. Pure.

    Figures that were made up for the demonstration go, those of the other subject too.
    """
    true = known.filter(~pl.col("synthetic"))
    columns = DEPRIVATION if taken.subject == "deprivation" else POPULATION
    kept = true.select(name for name in FIGURES if name not in columns)
    whole = borough.sort().to_frame("lsoa_code").join(kept, on="lsoa_code", how="left")
    made = whole.join(taken.areas, on="lsoa_code", how="left").with_columns(pl.lit(value=False).alias("synthetic"))
    return made.select(pl.col(name).cast(kind) for name, kind in FIGURES.items())


def _headed(path: Path) -> Iterator[_Sheet]:
    """Each sheet of the file that has a heading with a column of codes."""
    for name, rows in _sheets(path).items():
        for number, row in enumerate(rows.head(_HEADING_WITHIN).iter_rows()):
            cells = [" ".join(str(cell).split()) if cell is not None else "" for cell in row]
            found = next((match for cell in cells if (match := _CODE.match(cell))), None)
            if found:
                titles = [cell or f"column {place}" for place, cell in enumerate(cells)]
                if len(set(titles)) != len(titles):
                    raise _refused(path, "two of its columns have one heading", "Take the file as it was published")
                above = " ".join(str(cell) for line in rows.head(number).iter_rows() for cell in line if cell)
                body = rows.slice(number + 1).rename(dict(zip(rows.columns, titles, strict=True)))
                yield _Sheet(f"{name} {above}", body, found.group(0), found.group(1) or found.group(2))
                break


def _sheets(path: Path) -> Mapping[str, pl.DataFrame]:
    try:
        if path.suffix.lower() == ".xlsx":
            return pl.read_excel(path, sheet_id=0, has_header=False, infer_schema_length=0)
        return {"": _csv(path)}
    except (pl.exceptions.PolarsError, fastexcel.FastExcelError, UnicodeError, csv.Error):
        raise _refused(path, "it is neither XLSX nor CSV in UTF-8", "Save it as one of these") from None


def _csv(path: Path) -> pl.DataFrame:
    """All rows as text, each as wide as the widest: lines above the heading are shorter."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    wide = max(map(len, rows), default=0)
    padded = [[*(cell or None for cell in row), *[None] * (wide - len(row))] for row in rows]
    return pl.DataFrame(padded, schema=dict.fromkeys(map(str, range(wide)), pl.String()), orient="row")


def _column(path: Path, own: pl.DataFrame, start: str) -> str:
    found = [name for name in own.columns if name.startswith(start)]
    if len(found) != 1:
        raise _refused(path, f"{len(found)} of its columns begin with {start}", "Take File 7 as it was published")
    return found[0]


def _whole(column: str) -> pl.Expr:
    """A whole number as spreadsheets write it: 1,234 or 1234.0."""
    plain = pl.col(column).str.strip_chars().str.replace_all(",", "").str.extract(r"^(\d{1,9})(?:\.0*)?$", 1)
    return plain.cast(pl.Int64, strict=False)


def _require_within(path: Path, frame: pl.DataFrame, bounds: Mapping[str, tuple[int, int]]) -> None:
    for name, (least, most) in bounds.items():
        wrong = frame.height - int(frame[name].is_between(least, most).fill_null(value=False).sum())
        if wrong:
            why = f"{wrong} of its figures for {name} are no whole number from {least} to {most}"
            raise _refused(path, why, "Take the file as it was published")


def _year_in(text: str) -> int | None:
    found = {int(year) for year in _MIDST.findall(text)}
    return found.pop() if len(found) == 1 else None


def _refused(path: Path, why: str, fix: str) -> ContractError:
    return ContractError("The figures of areas cannot be taken", where=path.name, why=why, fix=fix)
