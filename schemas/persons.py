"""The columns by which persons are known, stated once for all authorities.

Identifiers are read leniently: a date of birth that cannot be, a number with a wrong check digit
or a postcode in no known form costs the identifier, never the row.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from schemas import readings
from schemas.ages import full_years
from schemas.codes import ETHNIC_GROUPS, SEXES
from schemas.columns import column
from schemas.contract import Identifier
from schemas.readings import Reading, code, day, lenient, text, uprn, whole_number

PNC_ID = r"^\d{2}(\d{2})?/\d{1,7}[A-Z]$"
POSTCODE = r"(?i)^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$"


def forename(source: str) -> Any:
    """Given name."""
    return _identifier(source, text(), "Given name", Identifier.FORENAME)


def surname(source: str) -> Any:
    """Family name."""
    return _identifier(source, text(), "Family name", Identifier.SURNAME)


def date_of_birth(source: str, form: str = "%Y-%m-%d") -> Any:
    """Date of birth."""
    meaning = "Date of birth; an impossible one counts as missing"
    return _identifier(source, lenient(day(form)), meaning, Identifier.DATE_OF_BIRTH)


def age(source: str, when: str) -> Any:
    """Age in years as the authority reckons it. Default dates of birth such as 1 January 1900 give high ones."""
    reading, within = whole_number(), {"min_value": 0, "max_value": 130}
    meaning = f"Age in years {when}"
    return column(source, reading, meaning, person=True, nullable=True, may_be_missing=True, in_range=within)


def years_between(born_on: str, on: pl.Expr) -> pl.Expr:
    """Full years of life from the date in ``born_on`` to a day."""
    return full_years(pl.col(born_on), on)


def nhs_number(source: str) -> Any:
    """NHS number; one whose last digit does not check is remarked on, and makes no token."""
    return _identifier(source, readings.nhs_number(), "NHS number, ten digits", Identifier.NHS_NUMBER)


def pnc_id(source: str) -> Any:
    """Police National Computer identifier."""
    return _identifier(
        source, text(PNC_ID, "9999/9999999A"), "Police National Computer identifier, YYYY/NNNNNNNL", Identifier.PNC_ID
    )


def postcode(source: str) -> Any:
    """Home postcode."""
    return _identifier(source, text(POSTCODE), "Home postcode", Identifier.POSTCODE)


def home_uprn(source: str) -> Any:
    """Unique property reference number of the home."""
    return _identifier(source, uprn(), "Unique property reference number of the home", Identifier.UPRN)


def sex(source: str, codes: Mapping[str, str]) -> Any:
    """Sex, in the hub's four words."""
    reading = code(codes, blank="unknown")
    return column(source, reading, "Sex; a blank counts as unknown", identifier=Identifier.SEX, isin=SEXES)


def ethnic_group(source: str, codes: Mapping[str, str]) -> Any:
    """Broad ethnic group; the authority's finer code is not kept."""
    meaning = "Broad ethnic group, from the authority's finer code; a blank counts as unknown"
    return column(source, code(codes, blank="unknown"), meaning, person=True, isin=ETHNIC_GROUPS)


def _identifier(source: str, reading: Reading, meaning: str, identifier: Identifier) -> Any:
    return column(source, reading, meaning, identifier=identifier, nullable=True)
