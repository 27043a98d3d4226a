"""How alike persons are in what others may know of them: how large their groups are, and what each tells. Pure.

Sources: k-anonymity (Samarati & Sweeney 1998); distinct l-diversity (Machanavajjhala et al. 2007).
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

Codes = tuple[np.ndarray, int]
"""A column's codes, row by row, and below what they are."""
DENSE = 1 << 24
"""Up to so many combinations of values are counted in one array; more are sorted."""


@dataclass(frozen=True)
class Groups:
    """``of``: of each row the number of its group; ``size`` and ``diversity``: of each group.

    A group's diversity is how many different values of a sensitive column it has, the least over these columns; with no
    sensitive column it is its size.
    """

    of: np.ndarray
    size: np.ndarray
    diversity: np.ndarray

    @property
    def smallest(self) -> int | None:
        """k: the size of the smallest group; None of no rows."""
        return int(self.size.min()) if self.size.size else None

    @property
    def least_diverse(self) -> int | None:
        """l: the least diversity of any group; None of no rows."""
        return int(self.diversity.min()) if self.diversity.size else None


def groups(frame: pl.DataFrame, quasi_identifiers: Sequence[str], sensitive: Sequence[str] = ()) -> Groups:
    """The groups of rows that share the quasi-identifiers. A blank is a value like any other.

    Text and whole numbers become codes, and a combination of codes one number, so that one count over the rows is all.
    """
    coded = _coded(frame, tuple(dict.fromkeys((*quasi_identifiers, *sensitive))))
    own, width = _combined([coded[column] for column in quasi_identifiers], frame.height)
    of, number = _dense(own, width)
    size = np.bincount(of, minlength=number)
    diversity = size
    for column in sensitive:
        value, values = coded[column]
        pairs, _ = _dense(of.astype(np.int64) * values + value, number * values, keep=True)
        told = np.bincount(pairs // values, minlength=number)
        diversity = told if diversity is size else np.minimum(diversity, told)
    return Groups(of, size, diversity)


def _coded(frame: pl.DataFrame, columns: Sequence[str]) -> dict[str, Codes]:
    """Columns are coded side by side, a thread each."""
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return dict(zip(columns, pool.map(_codes, (frame[column] for column in columns)), strict=True))


def _combined(coded: Sequence[Codes], rows: int) -> Codes:
    """A number for each row's combination of values, and below what these numbers are."""
    number, width = np.zeros(rows, np.int64), 1
    for code, values in coded:
        if width * values > np.iinfo(np.int64).max // 2:
            number, width = _dense(number, width)
        number, width = number * values + code if width > 1 else code.astype(np.int64), width * values
    return number, width


def _codes(values: pl.Series) -> Codes:
    """Each value's code, in the order of the values, and how many there can be; a blank is apart from all values."""
    if values.dtype.is_integer() and values.count():
        low, high = int(values.min()), int(values.max() or 0)  # type: ignore[arg-type]
        if high - low < DENSE:
            blank = high - low + 1
            if not values.null_count():
                return (values.to_numpy() - low if low else values.to_numpy()), blank
            return (values.cast(pl.Int64) - low).fill_null(blank).to_numpy(), blank + 1
    return _ranked(values.cast(pl.String))


def _ranked(texts: pl.Series) -> Codes:
    """``_codes`` of text: only the different texts are sorted. They are kept nowhere (``Categories`` of their own)."""
    own = pl.Categories.random()
    numbered = texts.cast(pl.Categorical(own))
    numbers, met = numbered.to_physical(), own.to_series()  # by number, while the column lives
    ranks = np.append(met.rank("dense").to_numpy(), 0).astype(np.min_scalar_type(len(met)))
    if numbers.null_count():
        numbers = numbers.fill_null(len(met))
    return ranks[numbers.to_numpy()], len(met) + 1


def _dense(numbers: np.ndarray, width: int, *, keep: bool = False) -> tuple[np.ndarray, int]:
    """The numbers renamed 0, 1, 2 … in their order, and how many; ``keep``: the different ones themselves."""
    if width > DENSE:
        different, renamed = np.unique(numbers, return_inverse=True)
        return (different, len(different)) if keep else (renamed, len(different))
    there = np.bincount(numbers, minlength=width) > 0
    if keep:
        return np.flatnonzero(there), int(there.sum())
    if there.all():
        return numbers, width
    return (np.cumsum(there) - 1)[numbers], int(there.sum())
