"""Numbers that carry a check digit.

Source: NHS Data Model and Dictionary, NHS NUMBER. The first nine digits are weighted 10 to 2 and summed; 11 less the
remainder by 11 is the tenth, where 11 counts as 0 and 10 as no number at all.
"""

import polars as pl

NHS_NUMBER = r"^[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}$"


def nhs_number_checks(text: pl.Expr) -> pl.Expr:
    """Whether ten digits, with or without spaces, keep their check digit; null for text of another form."""
    digits = text.str.replace_all(r"[ -]", "").cast(pl.Int64, strict=False)
    number = pl.when(text.str.contains(NHS_NUMBER)).then(digits)
    weighted = sum(((number // 10 ** (weight - 1)) % 10 * weight for weight in range(10, 1, -1)), pl.lit(0))
    return (11 - weighted % 11) % 11 == number % 10  # 10 is no digit, so that it is never equal
