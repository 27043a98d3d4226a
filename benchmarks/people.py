"""Made-up people in columns, as many as asked for; the same seed gives the same."""

from datetime import date, timedelta
from random import Random

import polars as pl

from schemas.contract import Identifier

IDENTIFIERS = {str(field): field for field in Identifier}


def people(count: int, seed: int = 1) -> pl.DataFrame:
    """One row a person with every field of token scheme 1; names repeat as names do."""
    rng = Random(seed)
    forenames, surnames = [_word(rng) for _ in range(8_000)], [_word(rng) for _ in range(40_000)]
    postcodes = [f"KT{rng.randint(1, 22)} {rng.randint(1, 9)}{_letter(rng)}{_letter(rng)}" for _ in range(60_000)]
    return pl.DataFrame(
        {
            "nhs_number": [nhs_number(rng) for _ in range(count)],
            "pnc_id": [None] * count,
            "forename": rng.choices(forenames, k=count),
            "surname": rng.choices(surnames, k=count),
            "date_of_birth": [date(1940, 1, 1) + timedelta(days=rng.randrange(28_000)) for _ in range(count)],
            "sex": rng.choices(("female", "male", "unknown"), k=count),
            "postcode": rng.choices(postcodes, k=count),
            "uprn": [str(100_020_000_000 + rng.randrange(count)) for _ in range(count)],
        },
        schema_overrides={"pnc_id": pl.String},
    )


def nhs_number(rng: Random) -> str:
    """Ten digits with their check digit (modulus 11)."""
    while True:
        digits = [rng.randrange(10) for _ in range(9)]
        check = (11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return "".join(map(str, digits)) + str(check)


def _word(rng: Random) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))).title()


def _letter(rng: Random) -> str:
    return rng.choice("ABDEFGHJLNPQRSTUWXYZ")
