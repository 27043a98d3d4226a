"""Validation beyond what the drawn contracts show: pages, columns, speed, and the genuine records."""

import gzip
import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hub.periods import Quarter
from schemas.areas import FARTHEST_M, load_areas
from schemas.columns import Rows, column
from schemas.contract import Contract
from schemas.errors import ContractError, UnknownFeed
from schemas.formats import parse
from schemas.offences import OFFENCE_CODE
from schemas.police import RECORDED_CRIME, STREET_CRIME
from schemas.quarantine import ReasonCount, summary
from schemas.readings import text
from schemas.reasons import Reason
from schemas.registry import CONTRACTS, contract_for
from schemas.validation import Validated, validate

QUARTER = Quarter(2026, 3)


def crimes(count: int) -> pl.DataFrame:
    """Sound rows with names of their own."""
    number = pl.int_range(count, eager=True).cast(pl.String)
    constant = {
        "HO Code": "008/01", "Committed From": "01/08/2026 22:15", "Committed To": "", "Recorded Date": "02/08/2026",
        "Person Role": "VICTIM", "Person Number": "1", "Surname": "Example", "Sex": "F", "Ethnicity": "W1",
        "Date of Birth": "17/03/2001", "Postcode": "KT1 1EU", "Easting": "518100", "Northing": "169200",
    }  # fmt: skip
    columns = {name: pl.lit(constant.get(name, "")) for name in RECORDED_CRIME.source_names}
    numbered = pl.DataFrame({"row_number": pl.int_range(1, count + 1, eager=True)})
    return numbered.with_columns(**columns | {"Crime Reference": number})


def test_a_new_or_missing_column_stops_the_whole_delivery() -> None:
    with pytest.raises(ContractError, match="undeclared: Phone"):
        validate(crimes(2).with_columns(Phone=pl.lit("1")), RECORDED_CRIME, QUARTER)
    with pytest.raises(ContractError, match="missing: DA Flag"):
        validate(crimes(2).drop("DA Flag"), RECORDED_CRIME, QUARTER)


def test_quarantined_rows_are_the_sources_own_text_with_page_and_row() -> None:
    frame = crimes(3).with_columns(page=pl.lit(7), Sex=pl.Series(["F", " Q ", "F"]))
    row = validate(frame, RECORDED_CRIME, QUARTER).quarantined.row(0, named=True)
    assert (row["page"], row["row_number"], row["Sex"]) == (7, 2, " Q ")
    assert (row["reasons"], row["columns"]) == (["unknown_code"], ["Sex"])


def test_a_summary_counts_a_row_under_each_of_its_reasons() -> None:
    frame = crimes(4).with_columns(Sex=pl.Series(["Q", "Q", "F", "F"]), **{"HO Code": pl.Series(["8", "008/01"] * 2)})
    assert summary(validate(frame, RECORDED_CRIME, QUARTER).quarantined) == (
        ReasonCount(Reason.UNKNOWN_CODE, "HO Code", 2),
        ReasonCount(Reason.UNKNOWN_CODE, "Sex", 2),
    )


def test_a_delivery_without_rows_is_valid() -> None:
    for contract in CONTRACTS.values():
        frame = pl.DataFrame(schema={"row_number": pl.Int64, **dict.fromkeys(contract.source_names, pl.String)})
        checked = validate(frame, contract, QUARTER)
        assert (checked.received, checked.valid.columns) == (0, list(contract.columns))
        assert summary(checked.quarantined) == ()


def test_a_hundred_thousand_rows_are_checked_quickly() -> None:
    frame = crimes(100_000)
    began = time.perf_counter()
    assert validate(frame, RECORDED_CRIME, QUARTER).valid.height == 100_000
    assert time.perf_counter() - began < 6, "1 s on an idle core; six times that means a loop over rows"


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_a_contract_describes_every_column_and_its_parts_fit(contract: Contract) -> None:
    assert all(column.description for column in contract.schema.columns.values())
    assert all(check.description and check.title in contract.columns for check in contract.schema.checks)
    assert set(contract.row_key) <= set(contract.columns)
    assert not contract.schema.columns[contract.row_key[0]].nullable
    assert set(contract.event_columns) | set(contract.person_columns) == set(contract.columns)
    assert contract.personal == (contract.role is not None or "role" in contract.columns)
    assert contract.blocked_by is None or contract.blocked_by in contract.columns
    assert not set(contract.identifiers) & set(contract.publishable)


class Contradiction(Rows):
    """A model whose type is not what its reading gives."""

    key: str = column("key", text(), "A key")
    number: int = column("number", text(), "Said to be a number, read as text")


def test_a_contract_that_contradicts_itself_stops_before_anything_is_kept() -> None:
    contract = Contract(feed="a.b", model=Contradiction, event_type="c", event_key=("key",))
    with pytest.raises(ContractError, match="number: wrong datatype") as refusal:
        validate(pl.DataFrame({"key": ["1"], "number": ["Quill"]}), contract, QUARTER)
    assert "Quill" not in str(refusal.value)


def test_a_feed_without_a_contract_is_refused() -> None:
    assert contract_for("yot.cases").role == "child"
    with pytest.raises(UnknownFeed, match=r"known feeds are council\.antisocial_behaviour, council\.ch"):
        contract_for("yot.case")


def by_quarter(genuine: Path) -> dict[Quarter, pl.DataFrame]:
    months: dict[str, list[object]] = defaultdict(list)
    with gzip.open(genuine / "police_street_crime_kingston_2016-01_2017-06.jsonl.gz", "rt") as lines:
        for line in lines:
            record = json.loads(line)
            months[record["month"]].append(record)
    quarters: dict[Quarter, list[pl.DataFrame]] = defaultdict(list)
    for month, records in months.items():
        quarter = Quarter(int(month[:4]), (int(month[5:]) + 2) // 3)
        quarters[quarter].append(parse("json", json.dumps(records).encode(), STREET_CRIME))
    return {quarter: pl.concat(frames) for quarter, frames in quarters.items()}


@pytest.fixture(scope="module")
def street_crime(genuine: Path) -> list[Validated]:
    return [validate(frame, STREET_CRIME, quarter) for quarter, frame in by_quarter(genuine).items()]


def test_all_genuine_records_pass_and_only_doubles_are_set_aside(street_crime: list[Validated]) -> None:
    assert sum(checked.received for checked in street_crime) == 20_177
    reasons: Counter[tuple[str, str]] = Counter()
    for checked in street_crime:
        reasons.update({(count.reason, count.column): count.rows for count in summary(checked.quarantined)})
    assert dict(reasons) == {("repeated", "id"): 860}
    accepted = pl.concat(checked.valid for checked in street_crime)
    assert accepted.height == 20_177 - 860
    assert accepted["crime_id"].is_unique().all()
    assert accepted.filter(location_type="transport police").height > 100
    assert accepted["persistent_id"].null_count() > 5_000


def test_genuine_places_lie_in_the_areas_that_the_boundaries_say(street_crime: list[Validated], genuine: Path) -> None:
    accepted = pl.concat(checked.valid for checked in street_crime)
    assert accepted["lsoa_code"].null_count() == 0
    shapes = json.loads((genuine / "lsoa21_kingston.geojson").read_text())["features"]
    polygons = [(shape["properties"]["LSOA21CD"], rings) for shape in shapes for rings in _rings(shape["geometry"])]
    points = (
        accepted.select("longitude", "latitude", "lsoa_code").unique().sort("longitude", "latitude").sample(400, seed=1)
    )
    within = [
        (lsoa, next((code for code, ring in polygons if _inside(x, y, ring)), None))
        for x, y, lsoa in points.iter_rows()
    ]
    told = [found == true for found, true in within if true]
    assert sum(told) / len(told) > 0.7


def _rings(geometry: Mapping[str, Any]) -> list[list[list[float]]]:
    """The outer ring of each polygon of a shape."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [polygon[0] for polygon in polygons]


def _inside(x: float, y: float, ring: list[list[float]]) -> bool:
    """Whether a ray to the east crosses the ring an odd number of times."""
    crossed = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossed = not crossed
    return crossed


def test_every_genuine_offence_code_has_the_contracts_form(genuine: Path) -> None:
    listed = pl.read_csv(genuine / "home_office_offence_codes.csv", infer_schema=False)
    codes = listed.select(pl.col("class").str.zfill(3) + "/" + pl.col("subclass").str.zfill(2)).to_series()
    assert codes.len() == 3_039
    assert codes.str.contains(OFFENCE_CODE).all()


def test_the_reference_table_has_every_area_once() -> None:
    table = load_areas().table
    assert table.height == 99
    assert table["lsoa_code"].is_unique().all()
    assert table["ward_code"].n_unique() == 19
    assert FARTHEST_M < 5_000
