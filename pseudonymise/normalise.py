"""Identifiers other than names to their canonical form; what is not certainly real becomes null, never a guess.

Source: docs/token-scheme-1.md, section 4; the same rule numbers.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.contract import Identifier

EARLIEST_BIRTH, LATEST_BIRTH = date(1900, 1, 2), date(2099, 12, 31)
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_PNC_LETTERS = np.frombuffer(PNC_LETTERS.encode(), dtype=np.uint8)
_TENS = 10 ** np.arange(6, -1, -1)
PNC_PIVOT = 40  # two-digit years 00 to 39 are of this century
_NHS_PLACEHOLDER = "9876543210"
_NHS_WEIGHTS = np.arange(10, 0, -1)
_UPN = "^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$"
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_WEIGHTS = np.array([0, *range(2, 14)])
_UPN_WORTH = np.zeros(256, dtype=np.int64)
_UPN_WORTH[list(b"0123456789")] = range(10)
_UPN_WORTH[list(UPN_LETTERS.encode())] = range(len(UPN_LETTERS))
_PNC_CANONICAL = "^(?:19|20)[0-9]{2}/[0-9]{7}[A-Z]$"
_PNC = (
    r"^(?:(?P<long>(?:19|20)[0-9]{2})(?:/(?P<a>[0-9]{1,7})|(?P<b>[0-9]{7}))"
    r"|(?P<short>[0-9]{2})(?:/(?P<c>[0-9]{1,7})|(?P<d>[0-9]{1,6})))(?P<letter>[A-Z])$"
)
_OUTWARD = "[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9][0-9ABEHMNPRV-Y]?|[0-9][A-HJKPS-UW])"
_POSTCODE = f"^(?:GIR0AA|{_OUTWARD}[0-9][ABD-HJLNP-UW-Z]{{2}})$"
_NO_FIXED_ABODE = "NF11NF"
_SEXES = {
    "female": "female", "f": "female", "2": "female",
    "male": "male", "m": "male", "1": "male",
    "other": "other", "indeterminate": "other", "9": "other",
}  # fmt: skip


def nhs_number(raw: pl.Series) -> pl.Series:
    """NHS numbers as 10 digits (NHS Data Dictionary, NHS NUMBER).

    1. Spaces, tabs and hyphens go; exactly 10 digits 0-9 remain.
    2. The tenth is the modulus-11 check digit of the nine with weights 10 to 2; a check of 10 is no number.
    3. Ten equal digits, and 9876543210, are placeholders: null.
    """
    plain = raw.str.replace_all(r"[ \t\-]", "")
    formed = plain.set(~plain.str.contains("^[0-9]{10}$"), None)  # (1)
    digits = _characters(formed, 10) - ord("0")
    wrong = digits @ _NHS_WEIGHTS % 11 != 0  # (2): the check digit itself has weight 1
    wrong |= (digits == digits[:, :1]).all(axis=1)  # (3)
    return _without(formed, wrong).replace(_NHS_PLACEHOLDER, None)


def _characters(texts: pl.Series, width: int) -> NDArray[np.uint8]:
    """The known texts, all of so many ASCII characters, as rows of bytes."""
    known = texts.drop_nulls().rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return np.frombuffer(known.buffers()[2] or b"", dtype=np.uint8).reshape(-1, width)


def _without(texts: pl.Series, wrong: NDArray[np.bool_]) -> pl.Series:
    """The texts, null where ``wrong``, which has a place for each known one, says so."""
    places = texts.is_not_null().arg_true().filter(pl.Series(wrong))
    return texts.scatter(places, None) if len(places) else texts


def pnc_id(raw: pl.Series) -> pl.Series:
    """Police National Computer ids as ``YYYY/NNNNNNNL``.

    1. Upper case; spaces go.
    2. Long form: year of four digits from 1900 to 2099, slash, 1 to 7 digits, letter; without slash exactly 7 digits.
    3. Short form: year of two digits (00 to 39 are 20xx), slash, 1 to 7 digits, letter; without slash 1 to 6 digits.
    4. The letter is ZABCDEFGHJKLMNPQRTUVWXY[(two-digit year and serial of 7 digits, as one number) mod 23].
    5. Serial 0 is a placeholder: null.
    """
    plain = _upper(raw)  # (1)
    formed = plain.set(~plain.str.contains(_PNC_CANONICAL), None)  # the long form as most write it
    others = (plain.is_not_null() & formed.is_null()).arg_true()
    formed = formed.scatter(others, _pnc_written_out(plain.gather(others)))
    characters = _characters(formed, 13).astype(np.int64)
    serial = (characters[:, 5:12] - ord("0")) @ _TENS
    year = (characters[:, 2:4] - ord("0")) @ (10, 1)
    right = _PNC_LETTERS[(year * 10**7 + serial) % len(PNC_LETTERS)] == characters[:, 12]  # (4)
    return _without(formed, ~right | (serial == 0)).alias(raw.name)  # (5)


def _pnc_written_out(plain: pl.Series) -> pl.Series:
    """Any form as the canonical one; null of none."""
    parts = plain.str.extract_groups(_PNC).struct.unnest()  # (2), (3)
    written = parts.select(
        year=pl.coalesce("long", _century(pl.col("short"))),
        serial=pl.coalesce("a", "b", "c", "d").str.zfill(7),
        letter="letter",
    )
    return written.select(pl.format("{}/{}{}", "year", "serial", "letter")).to_series()


def _century(two_digits: pl.Expr) -> pl.Expr:
    return pl.when(two_digits < str(PNC_PIVOT)).then(pl.lit("20")).otherwise(pl.lit("19")) + two_digits


def crn(raw: pl.Series) -> pl.Series:
    """Probation's case reference numbers as one letter and six digits.

    1. Upper case; spaces go.
    2. Any other form is null. There is no check digit. Six zeros are a placeholder: null.
    """
    plain = _upper(raw)  # (1)
    return plain.set(~plain.str.contains("^[A-Z][0-9]{6}$") | plain.str.ends_with("000000"), None)  # (2)


def upn(raw: pl.Series) -> pl.Series:
    """Unique pupil numbers of schools in England: a check letter, eleven digits, a digit or (temporary) a letter.

    1. Upper case; spaces go.
    2. The first letter checks the others (Department for Education, Unique Pupil Numbers).
    """
    plain = _upper(raw)  # (1)
    formed = plain.set(~plain.str.contains(_UPN), None)
    worth = _UPN_WORTH[_characters(formed, 13)]
    return _without(formed, worth @ _UPN_WEIGHTS % len(UPN_LETTERS) != worth[:, 0])  # (2)


def _upper(raw: pl.Series) -> pl.Series:
    return raw.str.to_uppercase().str.replace_all(" ", "", literal=True)


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


def uprn(raw: pl.Series) -> pl.Series:
    """Unique Property Reference Numbers as 1 to 12 digits without leading zeros.

    1. Spaces go, and one ``.0`` at the end, as spreadsheets add.
    2. Any other form is null: of ``1.00021E+11`` most digits are lost, so it is not guessed.
    """
    plain = raw.str.replace_all(" ", "", literal=True).str.strip_suffix(".0")  # (1)
    formed = plain.str.strip_chars_start("0")
    return formed.set(~formed.str.contains("^[0-9]{1,12}$"), None)  # (2)


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
