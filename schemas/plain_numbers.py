"""Numbers written plainly, read without asking of each whether it has a form: a look at the column's bytes says so."""

import numpy as np
import polars as pl

from schemas.fixed_forms import Sure
from schemas.plain_text import PlainText

_MINUS, _NINE = ord("-"), ord("9")  # between them lie the point, the slash and the digits
_NOBODY = np.zeros(0, dtype=np.intp)


def whole_numbers(text: PlainText, most: int) -> Sure | None:
    """Whole numbers of no more than so many digits, where the column has digits alone."""
    if not text.digits_alone or text.sizes.max(initial=0) > most:
        return None
    return text.values.cast(pl.Int64), _NOBODY


def decimal_numbers(text: PlainText, most: int) -> Sure | None:
    """Numbers of no more than so many digits, a point and a minus, where the column has no other bytes."""
    if text.lowest < _MINUS or text.highest > _NINE:
        return None
    values = text.values.cast(pl.Float64, strict=False)
    if text.digits_alone:
        sure = text.values.str.len_bytes() <= most
    else:
        odd = text.values.str.starts_with(".") | text.values.str.starts_with("-.")
        sure = values.is_not_null() & ~odd & (text.values.str.len_bytes() <= most)
    return _kept(values, sure)


def digits_as_text(text: PlainText, most: int) -> Sure:
    """Texts of no more than so many digits, as they are."""
    if text.digits_alone and text.sizes.max(initial=0) <= most:
        return text.values, _NOBODY
    sure = text.values.str.len_bytes() <= most
    if not text.digits_alone:
        signed = text.values.str.starts_with("+") | text.values.str.starts_with("-")
        sure &= text.values.cast(pl.Int64, strict=False).is_not_null() & ~signed
    return _kept(text.values, sure)


def _kept(values: pl.Series, sure: pl.Series) -> Sure:
    """The values that are sure, and the rows that are not though they have a text; a blank is null already."""
    if sure.all():
        return values, _NOBODY
    return values.to_frame().select(pl.when(sure).then(pl.first())).to_series(), (~sure).arg_true().to_numpy()
