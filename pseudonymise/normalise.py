"""Identifiers other than names to their canonical form: what is not certainly real becomes null, never a guess.

Source: docs/token-scheme-1.md, section 4; the same rule numbers.
"""

from datetime import date

import polars as pl

from pseudonymise.checked_numbers import crn, nhs_number, pnc_id, upn, uprn
from schemas.contract import Identifier

EARLIEST_BIRTH, LATEST_BIRTH = date(1900, 1, 2), date(2099, 12, 31)
_OUTWARD = "[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?|[0-9][A-HJKPS-UW])"
_POSTCODE = f"^(?:GIR0AA|{_OUTWARD}[0-9][ABD-HJLNP-UW-Z]{{2}})$"
_NO_FIXED_ABODE = "NF11NF"
_SEXES = {
    "female": "female", "f": "female", "2": "female",
    "male": "male", "m": "male", "1": "male",
    "other": "other", "indeterminate": "other", "9": "other",
}  # fmt: skip


def date_of_birth(raw: pl.Series) -> pl.Series:
    """Dates as ``YYYY-MM-DD``, from dates or from texts of just that form.

    1. A text that is no real date is null: day and month are never exchanged to make one.
    2. Dates before 1900-01-02 and after 2099-12-31 are null: 1900-01-01 is what systems write for "unknown".
    """
    dates = raw if raw.dtype == pl.Date else _read_dates(raw)
    return dates.set(~dates.is_between(EARLIEST_BIRTH, LATEST_BIRTH), None).dt.strftime("%Y-%m-%d")  # (2)


def _read_dates(raw: pl.Series) -> pl.Series:
    formed = raw.cast(pl.String).str.extract("^([0-9]{4}-[0-9]{2}-[0-9]{2})$")
    return formed.str.to_date("%Y-%m-%d", strict=False)  # (1)


def postcode(raw: pl.Series) -> pl.Series:
    """Postcodes as outward part, space, inward part (BS 7666; ONS form).

    1. Upper case; all but A-Z and 0-9 goes.
    2. It has one of the forms that Royal Mail gives out; ZZ99 and other codes for "abroad" or "unknown" have none.
    3. NF1 1NF (no fixed abode) is a placeholder: null.
    """
    plain = raw.str.to_uppercase().str.replace_all("[^A-Z0-9]", "")  # (1)
    real = plain.str.contains(_POSTCODE) & (plain != _NO_FIXED_ABODE)  # (2), (3)
    return (plain.str.head(-3) + " " + plain.str.tail(3)).set(~real, None)


def sex(raw: pl.Series) -> pl.Series:
    """Sex or gender, whichever the authority records: ``female``, ``male`` or ``other``; all else is null.

    Words and codes: NHS Data Dictionary, PERSON STATED GENDER CODE (1, 2, 9), and ISO/IEC 5218 (1, 2).
    """
    plain = raw.str.strip_chars(" ").str.to_lowercase()
    return plain.replace_strict(_SEXES, default=None, return_dtype=pl.String)


def identifier_forms(raw: pl.Series, identifier: Identifier) -> pl.DataFrame:
    """One column in every form that is tokenised, by field name (all but names, which names.py does)."""
    if identifier is Identifier.DATE_OF_BIRTH:
        return _date_forms(date_of_birth(raw))
    canonical = _SINGLE[identifier](raw.cast(pl.String)).alias(str(identifier))
    if identifier is Identifier.POSTCODE:
        sector, district = canonical.str.head(-2), canonical.str.head(-4)
        return pl.DataFrame([canonical, sector.alias("postcode_sector"), district.alias("postcode_district")])
    return canonical.to_frame()


def _date_forms(iso: pl.Series) -> pl.DataFrame:
    year, month, day = iso.str.slice(0, 4), iso.str.slice(5, 2), iso.str.slice(8, 2)
    return pl.DataFrame({"date_of_birth": iso, "birth_year": year, "birth_month": month, "birth_day": day})


_SINGLE = {
    Identifier.NHS_NUMBER: nhs_number,
    Identifier.PNC_ID: pnc_id,
    Identifier.CRN: crn,
    Identifier.UPN: upn,
    Identifier.POSTCODE: postcode,
    Identifier.UPRN: uprn,
    Identifier.SEX: sex,
}
