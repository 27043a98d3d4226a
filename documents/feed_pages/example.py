"""An example row: made up from the contract alone, and valid. It is about nobody."""

from collections.abc import Mapping

import polars as pl

from documents.feed_pages.forms import SAMPLE, sample
from hub.periods import Quarter
from schemas.contract import Contract, Identifier
from schemas.formats import ROW_NUMBER
from schemas.validation import validate

QUARTER = Quarter.containing(SAMPLE.date())
_IDENTITY = {
    Identifier.NHS_NUMBER: "999 000 0018",  # numbers from 999 are never issued
    Identifier.PNC_ID: "2011/0000001C",
    Identifier.FORENAME: "Ada",
    Identifier.SURNAME: "Example",
    Identifier.POSTCODE: "KT1 1EU",
    Identifier.UPRN: "100000000001",
}
_TOKEN, _ENCODED = "0" * 32, "A" * 86 + "=="
_BY_NAME = {
    "offence_code": "008/01",
    "crn": "X000000",
    "upn": "",
    "site_code": "RAX01",
    "call_year": str(SAMPLE.year),
    "call_hour": str(SAMPLE.hour),
    "easting": "518100",
    "northing": "169300",
    "exact_easting": "518100",
    "exact_northing": "169300",
    "latitude": "51.409000",
    "longitude": "-0.306000",
    "lsoa_code": "E01002915",
    "reference": _TOKEN,
    "reference_sealed": _ENCODED,
    "period": str(QUARTER),
}


def example(contract: Contract) -> dict[str, str]:
    """A valid row by the provider's names; a column that need not have a value is blank where its rules want it so."""
    row = {theirs: _value(contract, ours) for theirs, ours in contract.source_names.items()}
    for _ in contract.source_names:
        refused = refusals(contract, row)
        blank = [name for name in refused if row.get(name) and _may_be_blank(contract, name)]
        if not blank:
            return row
        row |= dict.fromkeys(blank, "")
    return row


def refusals(contract: Contract, row: Mapping[str, str]) -> list[str]:
    """The provider's names of the columns for which a row would be quarantined."""
    frame = pl.DataFrame([row], schema=dict.fromkeys(contract.source_names, pl.String)).with_row_index(ROW_NUMBER, 1)
    checked = validate(frame, contract, QUARTER)
    return [name for names in checked.quarantined["columns"].to_list() for name in names]


def _may_be_blank(contract: Contract, source: str) -> bool:
    name = contract.source_names[source]
    return bool(contract.schema.columns[name].nullable) or contract.readings[name].blank is not None


def _value(contract: Contract, name: str) -> str:
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name == contract.blocked_by:
        return list(contract.readings[name].codes or {})[-1]  # no
    if name.startswith(("token_", "encoding_")):
        return _TOKEN if name.startswith("token_") else _ENCODED
    known = contract.identifiers.get(name)
    return _IDENTITY[known] if known in _IDENTITY else _read(contract, name)


def _read(contract: Contract, name: str) -> str:
    reading = contract.readings[name]
    if reading.codes is not None:
        return next(iter(reading.codes))
    if contract.identifiers.get(name) is Identifier.DATE_OF_BIRTH:
        return SAMPLE.replace(2011, 3, 17).strftime(reading.form or "")
    if reading.form is not None:
        return sample(reading)
    if isinstance(reading.dtype, pl.Int64 | pl.Float64):
        return _number(contract, name)
    return "EXAMPLE" if name in contract.row_key else ""


def _number(contract: Contract, name: str) -> str:
    least = [check.statistics.get("min_value") for check in contract.schema.columns[name].checks]
    return str(next((value for value in least if value is not None), 1))
