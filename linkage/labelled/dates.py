"""Dates of birth as labelled files write them, made ISO 8601.

1. What begins with the year needs no guess: ``1865-03-07``, ``1865/3/7``, ``1865.03.07``. Nor does a month by its name,
   in English: ``7 Mar 1865``, ``March 7, 1865``. A time behind a date is left off.
2. Of two numbers before a year, and of eight digits, nobody can say of one which is the month. All of a file are read
   in one order: that by which most are real dates. If two do as well, the file is refused, unless such dates are few:
   then they stay as they are.
3. What is known to the year or the month alone is its first day, as most sets of historical people have it: ``1865``,
   ``1865-03``, ``1865-00-00``.
4. A value that is no real date stays as it is; it will count as missing.
"""

import polars as pl

from linkage.errors import LabelledRefused

_FEW = 0.01
_TIME = r"[T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$"
_WHOLE = r"^(\d{8}|\d{4})\.0+$"  # a number that a program took for a fraction
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = rf"({'|'.join(_MONTHS)})[a-z]*\.?"
_ISO = r"^\d{4}-\d{2}-\d{2}$"
_CERTAIN = (  # (1), (3)
    r"^(?<year>\d{4})(?:[-/. ](?<month>\d{1,2})(?:[-/. ](?<day>\d{1,2}))?)?$",
    rf"^(?<day>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]+(?<month>{_NAMED})[-/., ]+(?<year>\d{{4}})$",
    rf"^(?<month>{_NAMED})[-/. ]+(?<day>\d{{1,2}})(?:st|nd|rd|th)?[-/., ]+(?<year>\d{{4}})$",
    rf"^(?<month>{_NAMED})[-/., ]+(?<year>\d{{4}})$",
)
_YEAR_LAST = (  # (2)
    r"^(?<day>\d{1,2})[-/. ](?<month>\d{1,2})[-/. ](?<year>\d{4})$",
    r"^(?<month>\d{1,2})[-/. ](?<day>\d{1,2})[-/. ](?<year>\d{4})$",
)
_DIGITS = (  # (2)
    r"^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})$",
    r"^(?<day>\d{2})(?<month>\d{2})(?<year>\d{4})$",
    r"^(?<month>\d{2})(?<day>\d{2})(?<year>\d{4})$",
)


def iso_dates(raw: pl.Series, where: str) -> pl.Series:
    """A column of texts with its dates as ``YYYY-MM-DD``; raises LabelledRefused, which says ``where``."""
    values = raw.drop_nulls().unique(maintain_order=True)
    iso = values.str.contains(_ISO) & values.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    left = values.filter(~iso)
    if left.is_empty():
        return raw
    said = left.str.strip_chars().str.replace(_TIME, "").str.replace(_WHOLE, "$1").str.to_lowercase()
    found = pl.Series(left.name, [None] * len(left), dtype=pl.Date)
    for form in _CERTAIN:
        found = found.zip_with(found.is_not_null(), _read(said, form))
    for orders in (_YEAR_LAST, _DIGITS):
        read = _in_one_order(said, orders)
        if read is None:
            if len(left) > len(values) * _FEW:
                raise _refused(where, raw.name)
            continue
        found = found.zip_with(found.is_not_null(), read)
    real = found.is_not_null()
    return raw.replace(left.filter(real), found.filter(real).dt.strftime("%Y-%m-%d"))  # (4)


def _in_one_order(said: pl.Series, orders: tuple[str, ...]) -> pl.Series | None:
    """Rule 2: the real dates by the best order; None if another does as well and reads them otherwise."""
    best, second = sorted((_read(said, order) for order in orders), key=lambda dates: dates.null_count())[:2]
    return best if best.null_count() < second.null_count() or best.equals(second) else None


def _refused(where: str, column: str) -> LabelledRefused:
    return LabelledRefused(
        "The labelled file cannot be used",
        where=f"{where}, column {column}",
        why="its dates do not say which number is the day and which the month",
        fix="Write dates as 1865-03-07",
    )


def _read(said: pl.Series, form: str) -> pl.Series:
    """The real dates among values of a form."""
    parts = said.str.extract_groups(form).struct.unnest()
    year, month, day = (_part(parts, name) for name in ("year", "month", "day"))
    text = pl.select(pl.concat_str(year, pl.lit("-"), month, pl.lit("-"), day)).to_series()
    return text.str.to_date("%Y-%m-%d", strict=False)


def _part(parts: pl.DataFrame, name: str) -> pl.Series:
    if name == "year":
        return parts[name].set(parts[name] == "0000", None)
    if name not in parts.columns:
        return pl.Series(name, ["01"]).new_from_index(0, parts.height)
    numbers = {month: f"{number:02}" for number, month in enumerate(_MONTHS, 1)}
    number = parts[name].str.head(3).replace(numbers).str.replace("^0+$", "1")  # (3)
    return number.str.zfill(2).fill_null("01")
