"""Made-up people in columns, as many as asked for; the same seed gives the same."""

from datetime import date, timedelta
from random import Random

import polars as pl

from schemas.contract import Identifier

IDENTIFIERS = {str(field): field for field in Identifier}
_PNC_LETTERS, _UPN_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY", "ABCDEFGHJKLMNPQRTUVWXYZ"


def people(count: int, seed: int = 1) -> pl.DataFrame:
    """One row a person with every field of token scheme 1, none of them blank; names repeat as names do.

    Numbers of people are all different. Two people share a home.
    """
    rng, pool = Random(seed), Random(0)
    forenames, surnames = [_word(pool) for _ in range(8_000)], [_word(pool) for _ in range(40_000)]
    postcodes = [f"KT{pool.randint(1, 22)} {pool.randint(1, 9)}{_letter(pool)}{_letter(pool)}" for _ in range(60_000)]
    return pl.DataFrame(
        {
            "nhs_number": [nhs_number(rng) for _ in range(count)],
            "pnc_id": [_pnc_id(rng) for _ in range(count)],
            "crn": [f"X{rng.randrange(1, 1_000_000):06}" for _ in range(count)],
            "upn": [_upn(rng) for _ in range(count)],
            "forename": rng.choices(forenames, k=count),
            "surname": rng.choices(surnames, k=count),
            "date_of_birth": [date(1940, 1, 1) + timedelta(days=rng.randrange(28_000)) for _ in range(count)],
            "sex": rng.choices(("female", "male", "unknown"), k=count),
            "postcode": rng.choices(postcodes, k=count),
            "uprn": [str(100_020_000_000 + rng.randrange(count // 2 + 1)) for _ in range(count)],
        }
    )


def nhs_number(rng: Random) -> str:
    """Ten digits with their check digit (modulus 11)."""
    while True:
        digits = [rng.randrange(10) for _ in range(9)]
        check = (11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return "".join(map(str, digits)) + str(check)


def _pnc_id(rng: Random) -> str:
    year, serial = rng.randint(1960, 2025), rng.randrange(1, 10_000_000)
    return f"{year}/{serial:07}{_PNC_LETTERS[(year % 100 * 10**7 + serial) % 23]}"


def _upn(rng: Random) -> str:
    digits = f"314{rng.randrange(10**9):09}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(2, 14), strict=True))
    return _UPN_LETTERS[total % 23] + digits


def _word(rng: Random) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))).title()


def _letter(rng: Random) -> str:
    return rng.choice("ABDEFGHJLNPQRSTUWXYZ")
