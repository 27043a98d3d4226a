"""Identifiers other than names to their canonical form; what is not certainly real becomes null, never a guess.

Source: docs/token-scheme-1.md, section 4; the same rule numbers.
"""

from datetime import date

import polars as pl

from schemas.contract import Identifier

EARLIEST_BIRTH, LATEST_BIRTH = date(1900, 1, 2), date(2099, 12, 31)  # 1900-01-01 is what systems write for "unknown"
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
PNC_PIVOT = 40  # two-digit years 00 to 39 are of this century
NHS_PLACEHOLDER = "9876543210"
_POSTCODE = r"^(?:GIR0AA|(?:[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?|[0-9][A-HJKPS-UW]))[0-9][ABD-HJLNP-UW-Z]{2})$"
_NO_FIXED_ABODE = "NF11NF"


def nhs_number(raw: pl.Expr) -> pl.Expr:
    """An NHS number as 10 digits (NHS Data Dictionary, NHS NUMBER).

    1. Spaces and hyphens go; exactly 10 digits 0-9 remain.
    2. The tenth is the modulus-11 check digit of the nine with weights 10 to 2; a check of 10 is no number.
    3. Ten equal digits, and 9876543210, are placeholders: null.
    """
    digits = raw.str.replace_all(r"[ \t\-]", "")
    formed = pl.when(digits.str.contains(r"^[0-9]{10}$")).then(digits)  # (1)
    whole = formed.cast(pl.Int64, strict=False)
    weighted = pl.sum_horizontal([whole // 10**place % 10 * (place + 1) for place in range(10)])
    placeholder = (whole % 1_111_111_111 == 0) | (formed == NHS_PLACEHOLDER)  # (3)
    return pl.when((weighted % 11 == 0) & ~placeholder).then(formed)  # (2): the check digit has weight 1


def pnc_id(raw: pl.Expr) -> pl.Expr:
    """A Police National Computer id as ``YYYY/NNNNNNNL``.

    1. Upper case; spaces go.
    2. Long form: year of four digits from 1900 to 2099, slash, 1 to 7 digits, letter; without slash exactly 7 digits.
    3. Short form: year of two digits (00 to 39 are 20xx), slash, 1 to 7 digits, letter; without slash 1 to 6 digits.
    4. The letter is ZABCDEFGHJKLMNPQRTUVWXY[(two-digit year and serial of 7 digits, as one number) mod 23].
    5. Serial 0 is a placeholder: null.
    """
    plain = raw.str.to_uppercase().str.replace_all(" ", "", literal=True)  # (1)
    parts = plain.str.extract_groups(_PNC)  # (2), (3)
    part = parts.struct.field
    short = part("short").cast(pl.Int64)
    year = pl.coalesce(part("long").cast(pl.Int64), short + pl.when(short < PNC_PIVOT).then(2000).otherwise(1900))
    serial = pl.coalesce(part("a"), part("b"), part("c"), part("d")).cast(pl.Int64)
    check = (year % 100 * 10**7 + serial) % len(PNC_LETTERS)
    letter = check.replace_strict(dict(enumerate(PNC_LETTERS)), return_dtype=pl.String)
    canonical = pl.format("{}/{}{}", year, serial.cast(pl.String).str.zfill(7), letter)
    return pl.when((letter == part("letter")) & (serial > 0)).then(canonical)  # (4), (5)


def date_of_birth(raw: pl.Expr) -> pl.Expr:
    """A date as ``YYYY-MM-DD``, from a date or from that text; null before 1900-01-02 and after 2099-12-31."""
    return pl.when(raw.is_between(EARLIEST_BIRTH, LATEST_BIRTH)).then(raw.dt.strftime("%Y-%m-%d"))


def postcode(raw: pl.Expr) -> pl.Expr:
    """A postcode as outward part, space, inward part (BS 7666; ONS form).

    1. Upper case; all but A-Z and 0-9 goes.
    2. It has one of the forms that Royal Mail gives out; ZZ99 and other codes for "abroad" or "unknown" have none.
    3. NF1 1NF (no fixed abode) is a placeholder: null.
    """
    plain = raw.str.to_uppercase().str.replace_all("[^A-Z0-9]", "")  # (1)
    real = plain.str.contains(_POSTCODE) & (plain != _NO_FIXED_ABODE)  # (2), (3)
    return pl.when(real).then(plain.str.replace(r"(.{3})$", " $1"))


def uprn(raw: pl.Expr) -> pl.Expr:
    """A Unique Property Reference Number as 1 to 12 digits without leading zeros.

    1. Spaces go, and one ``.0`` at the end, as spreadsheets add.
    2. Any other form is null: of ``1.00021E+11`` most digits are lost, so it is not guessed.
    """
    plain = raw.str.replace_all(" ", "", literal=True).str.replace(r"\.0$", "").str.strip_chars_start("0")  # (1)
    return pl.when(plain.str.contains(r"^[0-9]{1,12}$")).then(plain)  # (2)


def sex(raw: pl.Expr) -> pl.Expr:
    """``female``, ``male`` or ``other``; all else is null."""
    return pl.when(raw.is_in(["female", "male", "other"])).then(raw)


def as_dates(raw: pl.Series) -> pl.Series:
    """Dates as they are; texts of the form ``YYYY-MM-DD`` as dates, all other texts as null."""
    if raw.dtype != pl.String:
        return raw.cast(pl.Date)
    return raw.str.extract(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})$").str.to_date("%Y-%m-%d", strict=False)


def identifier_forms(raw: pl.Series, identifier: Identifier) -> pl.DataFrame:
    """One column in every form that is tokenised, by field name (all but names, which names.py does)."""
    column = pl.col("raw")
    if identifier is Identifier.DATE_OF_BIRTH:
        iso = pl.DataFrame({"raw": as_dates(raw)}).select(date_of_birth=date_of_birth(column))
        whole = pl.col("date_of_birth")
        parts = {
            "birth_year": whole.str.slice(0, 4),
            "birth_month": whole.str.slice(5, 2),
            "birth_day": whole.str.slice(8, 2),
        }
        return iso.with_columns(**parts)
    frame = pl.DataFrame({"raw": raw.cast(pl.String)})
    if identifier is Identifier.POSTCODE:
        whole = pl.col("postcode")
        sector, district = whole.str.head(-2), whole.str.head(-4)
        return frame.select(postcode=postcode(column)).with_columns(postcode_sector=sector, postcode_district=district)
    return frame.select(_SINGLE[identifier](column).alias(str(identifier)))


_SINGLE = {
    Identifier.NHS_NUMBER: nhs_number,
    Identifier.PNC_ID: pnc_id,
    Identifier.UPRN: uprn,
    Identifier.SEX: sex,
}
