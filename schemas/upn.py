"""The unique pupil number and its check letter.

Source: Department for Education, Unique Pupil Numbers: guidance. Twelve digits follow the check letter; a temporary
number ends in a letter, which counts by its place in the same alphabet.
"""

import polars as pl

UPN = r"^[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]$"
_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # without I, O and S, which look like digits
_WORTH = {str(digit): digit for digit in range(10)} | {letter: place for place, letter in enumerate(_LETTERS)}


def rightly_lettered(upn: pl.Expr) -> pl.Expr:
    """Whether a number's check letter is right: its digits weighted 2 to 13, summed, by 23. Null of another form."""
    formed = pl.when(upn.str.contains(UPN)).then(upn)
    worth = [
        formed.str.slice(place, 1).replace_strict(_WORTH, default=None, return_dtype=pl.Int64) for place in range(13)
    ]
    total = sum((digit * weight for digit, weight in zip(worth[1:], range(2, 14), strict=True)), pl.lit(0))
    return worth[0] == total % len(_LETTERS)
