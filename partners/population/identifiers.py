"""Reference numbers that public services give to people, with their check digits.

NHS numbers begin with 999, which is never issued, so that none can be a real person's.
"""

from random import Random

PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
KINGSTON_LA = "314"  # the council's number at the Department for Education


def nhs_check_digit(nine: str) -> int | None:
    """The modulus 11 check digit of nine digits; None where the number may not be issued.

    Source: NHS Data Dictionary, NHS NUMBER: weights 10 to 2, 11 less the remainder, 11 counts as 0.
    """
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    return None if check == 10 else check


def nhs_number(serial: int) -> str | None:
    """The NHS number of a serial below 1,000,000, or None where its check digit would be 10."""
    nine = f"999{serial:06}"
    check = nhs_check_digit(nine)
    return None if check is None else f"{nine}{check}"


def pnc_id(year: int, serial: int) -> str:
    """A Police National Computer id; the letter is the remainder by 23 of two-digit year and serial together."""
    letter = PNC_LETTERS[int(f"{year % 100:02}{serial:07}") % 23]
    return f"{year}/{serial:07}{letter}"


def crn(rng: Random) -> str:
    """A probation case reference number: a letter and six digits."""
    return f"{rng.choice('DEFXV')}{rng.randrange(1_000_000):06}"


def noms_number(rng: Random) -> str:
    """A prison number: A1234BC."""
    letters = "ABCDEFGHJKLMNPRTVWXYZ"
    return f"A{rng.randrange(10_000):04}{rng.choice(letters)}{rng.choice(letters)}"


def upn(school: int, entry_year: int, serial: int) -> str:
    """A unique pupil number: check letter (weights 2 to 13, by 23), authority, school, year of entry, serial."""
    digits = f"{KINGSTON_LA}{school:04}{entry_year % 100:02}{serial:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(2, 14), strict=True))
    return UPN_LETTERS[total % 23] + digits
