"""Identifiers other than names to their canonical form; what is not certainly real becomes null, never a guess.

Source: docs/token-scheme-1.md, section 4; the same rule numbers.
"""

from datetime import date

import numpy as np
import polars as pl

from schemas.contract import Identifier

EARLIEST_BIRTH, LATEST_BIRTH = date(1900, 1, 2), date(2099, 12, 31)
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
PNC_PIVOT = 40  # two-digit years 00 to 39 are of this century
_NHS_PLACEHOLDER = "9876543210"
_NHS_WEIGHTS = np.arange(10, 0, -1)
_PNC = (
    r"^(?:(?P<long>(?:19|20)[0-9]{2})(?:/(?P<a>[0-9]{1,7})|(?P<b>[0-9]{7}))"
    r"|(?P<short>[0-9]{2})(?:/(?P<c>[0-9]{1,7})|(?P<d>[0-9]{1,6})))(?P<letter>[A-Z])$"
)
_OUTWARD = "[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?|[0-9][A-HJKPS-UW])"
_POSTCODE = f"^(?:GIR0AA|{_OUTWARD}[0-9][ABD-HJLNP-UW-Z]{{2}})$"
_NO_FIXED_ABODE = "NF11NF"


def nhs_number(raw: pl.Series) -> pl.Series:
    """NHS numbers as 10 digits (NHS Data Dictionary, NHS NUMBER).

    1. Spaces, tabs and hyphens go; exactly 10 digits 0-9 remain.
    2. The tenth is the modulus-11 check digit of the nine with weights 10 to 2; a check of 10 is no number.
    3. Ten equal digits, and 9876543210, are placeholders: null.
    """
    plain = raw.str.replace_all(r"[ \t\-]", "")
    formed = plain.set(~plain.str.contains("^[0-9]{10}$"), None)  # (1)
    digits = np.frombuffer("".join(formed.drop_nulls()).encode(), dtype=np.uint8).reshape(-1, 10) - ord("0")
    wrong = digits @ _NHS_WEIGHTS % 11 != 0  # (2): the check digit itself has weight 1
    wrong |= (digits == digits[:, :1]).all(axis=1)  # (3)
    known = formed.is_not_null()
    refused = pl.Series(np.zeros(len(raw), dtype=bool)).scatter(known.arg_true(), pl.Series(wrong))
    return formed.set(refused | (formed == _NHS_PLACEHOLDER).fill_null(value=False), None)


def pnc_id(raw: pl.Series) -> pl.Series:
    """Police National Computer ids as ``YYYY/NNNNNNNL``.

    1. Upper case; spaces go.
    2. Long form: year of four digits from 1900 to 2099, slash, 1 to 7 digits, letter; without slash exactly 7 digits.
    3. Short form: year of two digits (00 to 39 are 20xx), slash, 1 to 7 digits, letter; without slash 1 to 6 digits.
    4. The letter is ZABCDEFGHJKLMNPQRTUVWXY[(two-digit year and serial of 7 digits, as one number) mod 23].
    5. Serial 0 is a placeholder: null.
    """
    plain = raw.str.to_uppercase().str.replace_all(" ", "", literal=True)  # (1)
    parts = plain.str.extract_groups(_PNC).struct.unnest()  # (2), (3)
    number = parts.select(
        year=pl.col("long").cast(pl.Int64).fill_null(_century(pl.col("short").cast(pl.Int64))),
        serial=pl.coalesce("a", "b", "c", "d").cast(pl.Int64),
        letter="letter",
    )
    check = pl.lit(pl.Series(list(PNC_LETTERS))).gather((pl.col("year") % 100 * 10**7 + pl.col("serial")) % 23)
    right = (pl.col("letter") == check) & (pl.col("serial") > 0)  # (4), (5)
    canonical = pl.format("{}/{}{}", "year", pl.col("serial").cast(pl.String).str.zfill(7), "letter")
    return number.select(pl.when(right).then(canonical).alias(raw.name)).to_series()


def _century(two_digits: pl.Expr) -> pl.Expr:
    return two_digits + pl.when(two_digits < PNC_PIVOT).then(2000).otherwise(1900)


def date_of_birth(raw: pl.Series) -> pl.Series:
    """Dates as ``YYYY-MM-DD``, from dates or from texts of just that form.

    1. A text that is no real date is null.
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


def uprn(raw: pl.Series) -> pl.Series:
    """Unique Property Reference Numbers as 1 to 12 digits without leading zeros.

    1. Spaces go, and one ``.0`` at the end, as spreadsheets add.
    2. Any other form is null: of ``1.00021E+11`` most digits are lost, so it is not guessed.
    """
    plain = raw.str.replace_all(" ", "", literal=True).str.strip_suffix(".0")  # (1)
    formed = plain.str.strip_chars_start("0")
    return formed.set(~formed.str.contains("^[0-9]{1,12}$"), None)  # (2)


def sex(raw: pl.Series) -> pl.Series:
    """``female``, ``male`` or ``other``; all else is null."""
    return raw.set(~raw.is_in(["female", "male", "other"]), None)


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
    Identifier.POSTCODE: postcode,
    Identifier.UPRN: uprn,
    Identifier.SEX: sex,
}
