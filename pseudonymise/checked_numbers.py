"""Numbers that authorities give to people and homes, to their canonical form; of any other form they are null.

Most come in their canonical form already: only the others are rewritten.
Source: docs/token-scheme-1.md, section 4; the same rule numbers.
"""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_PNC_LETTERS = np.frombuffer(PNC_LETTERS.encode(), dtype=np.uint8)
_PNC_PIVOT = "40"  # two-digit years 00 to 39 are of this century
_PNC_FORMS = (
    r"^(?:(?P<long>(?:19|20)[0-9]{2})(?:/(?P<a>[0-9]{1,7})|(?P<b>[0-9]{7}))"
    r"|(?P<short>[0-9]{2})(?:/(?P<c>[0-9]{1,7})|(?P<d>[0-9]{1,6})))(?P<letter>[A-Z])$"
)
_NHS_PLACEHOLDER = "9876543210"
_NHS_WEIGHTS = np.arange(10, 0, -1)
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_WEIGHTS = np.array([0, *range(2, 14)])
_UPN_WORTH = np.zeros(256, dtype=np.int64)
_UPN_WORTH[list(b"0123456789")] = range(10)
_UPN_WORTH[list(_UPN_LETTERS.encode())] = range(len(_UPN_LETTERS))
_TENS = 10 ** np.arange(6, -1, -1)


def nhs_number(raw: pl.Series) -> pl.Series:
    """NHS numbers as 10 digits (NHS Data Dictionary, NHS NUMBER).

    1. Spaces, tabs and hyphens go; exactly 10 digits 0-9 remain.
    2. The tenth is the modulus-11 check digit of the nine with weights 10 to 2; a check of 10 is no number.
    3. Ten equal digits, and 9876543210, are placeholders: null.
    """
    formed = _formed(raw, "^[0-9]{10}$", lambda others: others.str.replace_all(r"[ \t\-]", ""))  # (1)
    digits = _characters(formed, 10) - ord("0")
    wrong = digits @ _NHS_WEIGHTS % 11 != 0  # (2): the check digit itself has weight 1
    wrong |= (digits == digits[:, :1]).all(axis=1)  # (3)
    return _without(formed, wrong).replace(_NHS_PLACEHOLDER, None)


def pnc_id(raw: pl.Series) -> pl.Series:
    """Police National Computer ids as ``YYYY/NNNNNNNL``.

    1. Upper case; spaces go.
    2. Long form: year of four digits from 1900 to 2099, slash, 1 to 7 digits, letter; without slash exactly 7 digits.
    3. Short form: year of two digits (00 to 39 are 20xx), slash, 1 to 7 digits, letter; without slash 1 to 6 digits.
    4. The letter is ZABCDEFGHJKLMNPQRTUVWXY[(two-digit year and serial of 7 digits, as one number) mod 23].
    5. Serial 0 is a placeholder: null.
    """
    formed = _formed(raw, "^(?:19|20)[0-9]{2}/[0-9]{7}[A-Z]$", _pnc_written_out)
    characters = _characters(formed, 13).astype(np.int64)
    serial = (characters[:, 5:12] - ord("0")) @ _TENS
    year = (characters[:, 2:4] - ord("0")) @ (10, 1)
    right = _PNC_LETTERS[(year * 10**7 + serial) % len(PNC_LETTERS)] == characters[:, 12]  # (4)
    return _without(formed, ~right | (serial == 0))  # (5)


def _pnc_written_out(raw: pl.Series) -> pl.Series:
    parts = _upper(raw).str.extract_groups(_PNC_FORMS).struct.unnest()  # (1), (2), (3)
    century = pl.when(pl.col("short") < _PNC_PIVOT).then(pl.lit("20")).otherwise(pl.lit("19"))
    written = pl.format(
        "{}/{}{}",
        pl.coalesce("long", century + pl.col("short")),
        pl.coalesce("a", "b", "c", "d").str.zfill(7),
        "letter",
    )
    return parts.select(written).to_series()


def crn(raw: pl.Series) -> pl.Series:
    """Probation's case reference numbers as one letter and six digits.

    1. Upper case; spaces go.
    2. Any other form is null. There is no check digit. Six zeros are a placeholder: null.
    """
    formed = _formed(raw, "^[A-Z][0-9]{6}$", _upper)  # (1), (2)
    return formed.set(formed.str.ends_with("000000"), None)


def upn(raw: pl.Series) -> pl.Series:
    """Unique pupil numbers of schools in England: a check letter, eleven digits, a digit or (temporary) a letter.

    1. Upper case; spaces go.
    2. The first letter checks the others (Department for Education, Unique Pupil Numbers).
    """
    formed = _formed(raw, "^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$", _upper)  # (1)
    worth = _UPN_WORTH[_characters(formed, 13)]
    return _without(formed, worth @ _UPN_WEIGHTS % len(_UPN_LETTERS) != worth[:, 0])  # (2)


def uprn(raw: pl.Series) -> pl.Series:
    """Unique Property Reference Numbers as 1 to 12 digits without leading zeros.

    1. Spaces go, and one ``.0`` at the end, as spreadsheets add.
    2. Any other form is null: of ``1.00021E+11`` most digits are lost, so it is not guessed.
    """

    def plain(others: pl.Series) -> pl.Series:
        return others.str.replace_all(" ", "", literal=True).str.strip_suffix(".0").str.strip_chars_start("0")  # (1)

    return _formed(raw, "^[1-9][0-9]{0,11}$", plain)  # (2)


def _upper(raw: pl.Series) -> pl.Series:
    return raw.str.to_uppercase().str.replace_all(" ", "", literal=True)


def _formed(raw: pl.Series, pattern: str, rewrite: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The texts of the canonical form, as they are or rewritten; null where neither is."""
    as_it_is = raw.str.contains(pattern)
    formed, others = raw.set(~as_it_is, None), (~as_it_is).arg_true()
    if others.is_empty():
        return formed
    rewritten = rewrite(raw.gather(others))
    return formed.scatter(others, rewritten.set(~rewritten.str.contains(pattern), None))


def _characters(texts: pl.Series, width: int) -> NDArray[np.uint8]:
    """The known texts, all of so many ASCII characters, as rows of bytes."""
    known = texts.drop_nulls().rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    return np.frombuffer(known.buffers()[2] or b"", dtype=np.uint8).reshape(-1, width)


def _without(texts: pl.Series, wrong: NDArray[np.bool_]) -> pl.Series:
    """The texts, null where ``wrong``, which has a place for each known one, says so."""
    if not wrong.any():
        return texts
    return texts.scatter(texts.is_not_null().arg_true().filter(pl.Series(wrong)), None)
