"""How the text of one column becomes a typed value.

A reading turns trimmed text into a value, or into null where the text cannot be read. What such
a null means depends on the column: a strict one quarantines the row for ``reason``; a lenient
one (identifiers) keeps the row without the value and counts a remark.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from schemas.check_digits import NHS_NUMBER, nhs_number_checks
from schemas.fixed_forms import Sure, days, has_layout, local_instants, of_another_form
from schemas.gathered import Numbers
from schemas.local_time import INSTANT, LOCAL_ZONE, local_day, second_reading, to_utc
from schemas.plain_numbers import decimal_numbers, digits_as_text, whole_numbers
from schemas.plain_text import PlainText
from schemas.reasons import Reason, Remark

__all__ = ["INSTANT", "LOCAL_ZONE", "local_day", "second_reading", "to_utc"]  # contracts say all of a reading from here

_WHOLE = r"^([+-]?\d{1,18})(?:\.0*)?$"
_NUMBER = r"^[+-]?\d{1,18}(?:\.\d*)?(?:[eE][+-]?\d{1,2})?$"
_RFC_3339 = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
_TWO = "[0-9]{1,2}"
_PARTS = {"Y": "[0-9]{1,4}", "b": "[A-Za-z]{3}", "m": _TWO, "d": _TWO, "H": _TWO, "M": _TWO, "S": "[0-5]?[0-9]"}
_EXPONENT = r"^\d(?:\.\d+)?[eE]\+?\d+$"


@dataclass(frozen=True)
class Reading:
    """One way to read text. ``blank`` is the value of a blank; none: null. ``form``: how a date or time is written.

    ``usual_example``: how nearly all texts of the usual form are written; 9 is any digit and A any capital letter.
    ``doubted``: what makes a text that is kept as given worth a remark of its own. ``shortcut``: a quicker way to the
    same values, and the rows that it is not sure of; none if it does not suit the column.
    """

    dtype: pl.DataType
    expression: Callable[[pl.Expr], pl.Expr]
    reason: Reason = Reason.WRONG_TYPE
    blank: str | None = None
    lenient: bool = False
    fallible: bool = True
    usual_form: str | None = None
    usual_example: str | None = None
    codes: Mapping[str, str] | None = None
    form: str | None = None
    doubted: tuple[tuple[Remark, Callable[[pl.Expr], pl.Expr]], ...] = ()
    shortcut: Callable[[PlainText], Sure | None] | None = None

    def typed(self, text: pl.Expr) -> pl.Expr:
        """The typed value of a text that is trimmed and null where blank."""
        value = self.expression(text)
        return value if self.blank is None else pl.when(text.is_null()).then(pl.lit(self.blank)).otherwise(value)

    def remarks(self, text: pl.Expr, value: pl.Expr) -> dict[Remark, pl.Expr]:
        """What to remark on, each a true or false for every row; for lenient readings alone."""
        found: dict[Remark, pl.Expr] = {}
        if self.lenient:
            unread = text.is_not_null() & value.is_null()
            exponent = text.str.contains(_EXPONENT)
            found = {Remark.LOST_PRECISION: unread & exponent, Remark.UNREADABLE: unread & ~exponent}
        if self.usual_form is not None:
            found[Remark.UNUSUAL_FORM] = ~text.str.contains(self.usual_form)
        return found | {remark: doubtful(text) for remark, doubtful in self.doubted}

    def rows_to_remark_on(self, text: PlainText, values: pl.Series) -> Numbers | slice:
        """The rows of which there may be something to remark; a quick look says so of the others."""
        if self.usual_example is not None:
            return of_another_form(text, self.usual_example)
        if self.usual_form is None and not self.doubted:
            return (text.values.is_not_null() & values.is_null()).arg_true().to_numpy().astype(np.intp)
        return slice(None)


def text(usual_form: str | None = None, usual_example: str | None = None) -> Reading:
    """Text as it is."""
    kept = Reading(pl.String(), lambda raw: raw, fallible=False)
    return replace(kept, usual_form=usual_form, usual_example=usual_example)


def nhs_number(*, strict: bool = False) -> Reading:
    """An NHS number, ten digits with their check digit: a wrong one is at fault if ``strict``, else remarked on."""
    if not strict:
        doubted = (Remark.WRONG_CHECK_DIGIT, lambda raw: ~nhs_number_checks(raw))
        return Reading(pl.String(), lambda raw: raw, fallible=False, usual_form=NHS_NUMBER, doubted=(doubted,))
    kept = Reading(pl.String(), lambda raw: pl.when(nhs_number_checks(raw)).then(raw))
    return replace(kept, reason=Reason.WRONG_CHECK_DIGIT)


def whole_number() -> Reading:
    """A whole number; ``123.0`` reads as 123, because spreadsheets write that."""
    reading = Reading(pl.Int64(), lambda raw: raw.str.extract(_WHOLE, 1).cast(pl.Int64, strict=False))
    return replace(reading, shortcut=lambda text: whole_numbers(text, most=18))


def number() -> Reading:
    """A decimal number; the words that computers have for infinity and the like are none."""
    return Reading(
        pl.Float64(),
        lambda raw: pl.when(raw.str.contains(_NUMBER)).then(raw.cast(pl.Float64, strict=False)),
        shortcut=lambda text: decimal_numbers(text, most=18),
    )


def day(form: str = "%Y-%m-%d") -> Reading:
    """A date; a form without a day (``%Y-%m``) reads as the first of the month."""
    if "%d" in form:
        reading = Reading(pl.Date(), lambda raw: _formed(raw, form).str.to_date(form, strict=False), form=form)
    else:
        first = f"{form}-%d"
        reading = Reading(
            pl.Date(), lambda raw: (_formed(raw, form) + "-01").str.to_date(first, strict=False), form=form
        )
    return replace(reading, shortcut=(lambda text: days(text, form)) if has_layout(form) else None)


def time_of_day(form: str = "%H:%M:%S") -> Reading:
    """A clock time without a date or a zone."""
    return Reading(pl.Time(), lambda raw: _formed(raw, form).str.to_time(form, strict=False), form=form)


def local_instant(form: str) -> Reading:
    """A local date and time, as an instant in UTC. An hour that the clocks skip cannot be read."""

    def read(raw: pl.Expr) -> pl.Expr:
        return to_utc(_formed(raw, form).str.to_datetime(form, strict=False, time_unit="us"))

    shortcut = (lambda text: local_instants(text, form)) if has_layout(form) else None
    return Reading(INSTANT, read, form=form, shortcut=shortcut)


def instant() -> Reading:
    """An instant written with its offset, as in RFC 3339."""
    form = "%+"

    def read(raw: pl.Expr) -> pl.Expr:
        formed = pl.when(raw.str.contains(_RFC_3339)).then(raw)
        return formed.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")

    return Reading(INSTANT, read, form=form)


def _formed(raw: pl.Expr, form: str) -> pl.Expr:
    """Text that has a form's parts and nothing else; a day or a month may lack its leading zero."""
    pattern = re.sub(r"%(.)", lambda part: _PARTS[part[1]], re.escape(form))
    return pl.when(raw.str.contains(f"^{pattern}$")).then(raw)


def flag(yes: str = "Y", no: str = "N") -> Reading:
    """A truth value written as one of two words; a blank says that it is not known."""
    known = {yes: True, no: False}
    return Reading(
        pl.Boolean(),
        lambda raw: raw.replace_strict(known, default=None, return_dtype=pl.Boolean),
        reason=Reason.UNKNOWN_CODE,
        codes={yes: "yes", no: "no"},
    )


def truth() -> Reading:
    """A JSON or SQL truth value."""
    return flag("true", "false")


def code(codes: Mapping[str, str], blank: str | None = None) -> Reading:
    """A code, turned into the hub's own word for it."""
    return Reading(
        pl.String(),
        lambda raw: raw.replace_strict(dict(codes), default=None, return_dtype=pl.String),
        reason=Reason.UNKNOWN_CODE,
        blank=blank,
        codes=codes,
    )


def lenient(reading: Reading) -> Reading:
    """The same reading for an identifier: what cannot be read is treated as missing, and the row is kept."""
    return replace(reading, lenient=True)


def uprn() -> Reading:
    """A unique property reference number: 1 to 12 digits, ``.0`` allowed. ``1.00021E+11`` has lost its digits."""
    return Reading(
        pl.String(),
        lambda raw: raw.str.extract(r"^([0-9]{1,12})(?:\.0*)?$", 1),
        lenient=True,
        shortcut=lambda text: digits_as_text(text, most=12),
    )
