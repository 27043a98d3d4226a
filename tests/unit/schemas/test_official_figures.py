"""Population and deprivation are taken from files as their makers lay them out, and from nothing else."""

import csv
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from hub.settings import PROJECT
from schemas.area_figures import DECILES, area_table, load_area_table, load_figures
from schemas.areas import load_areas
from schemas.errors import ContractError
from schemas.official_figures import Figures, merged, read_official
from schemas.published import check_published
from tests.packed import book, text_cell

CONFIG = PROJECT / "config"
BOROUGH = load_areas(CONFIG).table["lsoa_code"]
HULL = "E01012756"  # of Kingston upon Hull
_DOMAINS = (
    "Index of Multiple Deprivation (IMD)", "Income", "Employment", "Education, Skills and Training",
    "Health Deprivation and Disability", "Crime", "Barriers to Housing and Services", "Living Environment",
    "Income Deprivation Affecting Children Index (IDACI)",
)  # fmt: skip
_TENTH = "(where 1 is most deprived 10% of LSOAs)"


def file_7(folder: Path, codes: pl.Series, census: int = 2021, **wrong: str) -> Path:
    """File 7: the n-th area has decile n modulo 10 in each domain but crime, where all have 5."""
    heading = [f"LSOA code ({census})", f"LSOA name ({census})"]
    for domain in _DOMAINS:
        heading += [f"{domain} Score", f"{domain} Rank (where 1 is most deprived)", f"{domain} Decile {_TENTH}"]
    path = folder / "File_7.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        for number, code in enumerate(codes):
            deciles = [str(5 if domain == "Crime" else number % 10 + 1) for domain in _DOMAINS]
            deciles[0] = wrong.get(code, deciles[0])
            writer.writerow([code, "a name", *(cell for decile in deciles for cell in ("0.5", "12,345", decile))])
    return path


def estimates(folder: Path, counts: Mapping[str, int], title: str = "Mid-2024 estimates", sexes: str = "FM") -> Path:
    """A table of estimates under two lines of text: so many of each sex at each single year of age from 0 to 90."""
    ages = [f"{sex}{age}" for sex in sexes for age in range(91)] if sexes else [str(age) for age in range(91)]
    rows = [[title], [], ["LAD 2023 Code", "LSOA 2021 Code", "LSOA 2021 Name", "Total", *ages]]
    rows += [["E09000021", code, "a name", f"{len(ages) * n:,}", *[str(n)] * len(ages)] for code, n in counts.items()]
    path = folder / "estimates.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def test_deciles_are_taken_by_the_headings_of_file_7(tmp_path: Path) -> None:
    found = read_official(file_7(tmp_path, pl.concat([pl.Series([HULL]), BOROUGH])), BOROUGH)
    assert (found.subject, found.year, found.areas.height) == ("deprivation", 2025, 99)
    first = found.areas.filter(lsoa_code=BOROUGH[0]).row(0, named=True)
    assert {first[name] for name in DECILES if name != "crime_decile"} == {2}
    assert first["crime_decile"] == 5
    assert first["deprivation_source"] == "English Indices of Deprivation 2025, File 7"


def test_an_index_by_the_areas_of_2011_reaches_those_that_stayed(tmp_path: Path) -> None:
    found = read_official(file_7(tmp_path, BOROUGH.head(90), census=2011), BOROUGH)
    assert (found.year, found.areas.height) == (2019, 90)
    table = area_table(pl.read_csv(CONFIG / "reference" / "areas.csv"), merged(load_figures(CONFIG), found, BOROUGH))
    assert table.filter(kind="lsoa")["deprivation_decile"].null_count() == 9


@pytest.mark.parametrize("sexes", ["FM", ""])
def test_people_are_counted_by_single_years_of_age(tmp_path: Path, sexes: str) -> None:
    counts = {code: number + 1 for number, code in enumerate(BOROUGH)} | {HULL: 7}
    found = read_official(estimates(tmp_path, counts, sexes=sexes), BOROUGH)
    assert (found.subject, found.year, found.areas.height) == ("population", 2024, 99)
    each = max(len(sexes), 1)
    assert found.areas.filter(lsoa_code=BOROUGH[4]).select("population", "population_10_24").row(0) == (
        91 * each * 5, 15 * each * 5,
    )  # fmt: skip


def test_a_workbook_is_read_wherever_its_heading_stands(tmp_path: Path) -> None:
    heading = ["LSOA 2021 Code", "Total", *(str(age) for age in range(10, 25))]
    lines = [["Mid-2022 estimates"], heading, [BOROUGH[0], "1500.0", *["20"] * 15]]
    rows = "".join(
        f'<row r="{row}">{"".join(text_cell(f"{_letters(place)}{row}", cell) for place, cell in enumerate(line))}</row>'
        for row, line in enumerate(lines, 1)
    )
    path = tmp_path / "estimates.xlsx"
    path.write_bytes(b"".join(book(rows)()))
    found = read_official(path, BOROUGH)
    assert (found.year, found.areas.select("population", "population_10_24").row(0)) == (2022, (1500, 300))


def _letters(place: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]


def test_what_was_made_up_goes_when_something_true_comes_and_wards_add_up(tmp_path: Path) -> None:
    known = load_figures(CONFIG)
    assert known["synthetic"].all()  # what is shipped says so in every row
    assert load_area_table(CONFIG)["synthetic"].all()
    people = read_official(estimates(tmp_path, dict.fromkeys(BOROUGH, 2)), BOROUGH)
    once = merged(known, people, BOROUGH)
    assert once["deprivation_decile"].null_count() == 99
    both = merged(once, read_official(file_7(tmp_path, BOROUGH), BOROUGH), BOROUGH)
    table = check_published("area", area_table(pl.read_csv(CONFIG / "reference" / "areas.csv"), both))
    assert not table["synthetic"].any()
    small, wards = table.filter(kind="lsoa"), table.filter(kind="ward")
    assert (small.height, wards.height, wards["population"].sum()) == (99, 19, small["population"].sum())
    assert wards["deprivation_decile"].null_count() == 19
    blank = area_table(pl.read_csv(CONFIG / "reference" / "areas.csv"), both.filter(pl.col("lsoa_code") != BOROUGH[0]))
    assert blank.filter(kind="ward")["population"].null_count() == 1


def test_without_a_file_areas_have_no_figures(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "areas.csv").write_bytes((CONFIG / "reference" / "areas.csv").read_bytes())
    table = check_published("area", load_area_table(tmp_path))
    assert table["population"].null_count() == table.height == 118
    assert not table["synthetic"].any()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: file_7(folder, pl.Series([HULL])), "none of the borough's 99 small areas"),
        (lambda folder: file_7(folder, pl.concat([BOROUGH, BOROUGH.head(1)])), "a small area of the borough twice"),
        (lambda folder: file_7(folder, BOROUGH, **{BOROUGH[3]: "11"}), "1 of its figures for deprivation_decile are"),
        (lambda folder: file_7(folder, BOROUGH, **{BOROUGH[3]: "CANARY"}), "1 of its figures for deprivation_decile"),
        (lambda folder: estimates(folder, {BOROUGH[0]: 1}, title="Estimates"), "does not say of which year"),
        (lambda folder: estimates(folder, {BOROUGH[0]: 1}, sexes="F"), None),
        (lambda folder: estimates(folder, {BOROUGH[0]: -1}), "for population are no whole number"),
        (lambda folder: _text(folder, "a,b\n1,2\n"), "no column such as LSOA 2021 Code"),
        (lambda folder: _text(folder, "LSOA 2021 Code,x\nE01002915,1\n", "mid-2024.csv"), "no total and single years"),
        (lambda folder: _text(folder, "\x00\x01", "book.xlsx"), "neither XLSX nor CSV"),
    ],
)
def test_another_file_is_refused_and_said_what_is_wrong_with_it(tmp_path: Path, make, said: str | None) -> None:
    path = make(tmp_path)
    if said is None:
        assert isinstance(read_official(path, BOROUGH), Figures)
        return
    with pytest.raises(ContractError, match=said) as refusal:
        read_official(path, BOROUGH)
    assert "CANARY" not in str(refusal.value)


def _text(folder: Path, text: str, name: str = "some.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name
