"""Check digits as the standard has them, held against another's implementation of it."""

from random import Random

import polars as pl
from stdnum.gb import nhs

from schemas.check_digits import nhs_number_checks


def checks(numbers: list[str]) -> list[bool | None]:
    return (
        pl.DataFrame({"number": numbers}, schema={"number": pl.String})
        .select(nhs_number_checks(pl.col("number")))
        .to_series()
        .to_list()
    )


def test_an_nhs_number_checks_as_python_stdnum_has_it() -> None:
    drawn = Random(1)
    nine = [f"{drawn.randrange(10**9):09d}" for _ in range(500)]
    numbers = [f"{first}{last}" for first in nine for last in range(10)]
    expected = [nhs.is_valid(number) for number in numbers]
    assert checks(numbers) == expected
    assert 400 < sum(expected) <= 500  # one of eleven has no check digit
    assert checks([f"{n[:3]} {n[3:6]}-{n[6:]}" for n in numbers]) == expected


def test_another_form_is_no_number_to_check() -> None:
    assert checks(["943476591", "94347659190", "943476591X", ""]) == [None] * 4
