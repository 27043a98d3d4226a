"""Texts that a spreadsheet would run: a row that has one is at fault (decision 0015 says why).

Nothing in the hub runs a cell. The danger is with whoever opens a file in a spreadsheet, and comes from fields that a
stranger fills in, such as a name given to the police.

1. A formula begins with =, or with +, - or @ and has what a formula needs to do harm: a call, or a reference outwards
   (``(``, ``|`` or ``!``; OWASP, CSV injection). A negative number, a telephone number, a dash and "-Smith" are none.
"""

import polars as pl

FORMULA = r"^(?:[=\x{FF1D}]|[+\-@](?:.*[|!]|\S.*\())"
_MARKS = ("=", "+", "-", "@", "\uff1d")


def formulas(trimmed: pl.Series) -> pl.Series:
    """Which texts are formulas (1), a flag for each; nearly always none, which costs a look at the first letters."""
    begins = trimmed.str.starts_with(_MARKS[0])
    for mark in _MARKS[1:]:
        begins |= trimmed.str.starts_with(mark)
    return trimmed.str.contains(FORMULA) if begins.any() else begins
