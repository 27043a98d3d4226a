"""Made-up people as authorities write them down, dirt and all; the same seed gives the same."""

# ruff: noqa: RUF001

from datetime import date, timedelta
from random import Random

PARTS = (
    "Smith", "O'Brien", "O’Brien", "MacDonald", "de la Cruz", "Smith-Jones", "Müller", "Zoë", "José", "Łukasz",
    "Straße", "Øystein", "İpek", "Işık", "Đặng", "ʿAlī", "Mohammed", "Muhammad", "Ὀδυσσεύς", "Дмитрий", "محمد",
    "王小明", "김", "सुनील",
    "Bill", "Liz", "Kate", "J.", "R", "Mr", "Dr.", "Mrs", "Jnr", "III", "PhD", "unknown", "N/A", "null", "baby", "van",
)  # fmt: skip
LETTERS = "aaabcdeeefghiiijklmnnooopqrrsstuuvwxyz"
NOISE = " -'’.,()0123456789/\t\u00a0é\u0301ßÆﬁŊʻ"
PNC_LETTERS, UPN_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY", "ABCDEFGHJKLMNPQRTUVWXYZ"
POSTCODES = ("KT1 1EU", "kt11eu", "GIR 0AA", "ZZ99 3VZ", "NF1 1NF", "W1A 1HQ", "SW1A-2AA", "KT1", "M1 1AE", "unknown")


def people(first: int, count: int) -> list[dict]:
    """``count`` people, from the one with this number on."""
    return [_person(Random(number)) for number in range(first, first + count)]


def _person(rng: Random) -> dict:
    made = {
        "forename": _name, "surname": _name, "date_of_birth": _born, "sex": _sex, "nhs_number": _nhs_number,
        "pnc_id": _pnc_id, "crn": _crn, "upn": _upn, "postcode": _postcode, "uprn": _uprn,
    }  # fmt: skip
    return {field: make(rng) if rng.random() < 0.9 else None for field, make in made.items()}


def _name(rng: Random) -> str:
    parts = [
        rng.choice(PARTS) if rng.random() < 0.4 else "".join(rng.choices(LETTERS, k=rng.randint(1, 9)))
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4)))
    ]
    name = rng.choice((" ", " ", "-", "  ", "' ")).join(parts)
    place = rng.randrange(len(name) + 1)
    name = name[:place] + rng.choice(NOISE) + name[place:] if rng.random() < 0.3 else name
    return rng.choice((name, name.title(), name.upper()))


def _born(rng: Random) -> date:
    return rng.choice((date(1900, 1, 1), date(1899, 12, 30), date(2100, 1, 1))) if rng.random() < 0.05 else _day(rng)


def _day(rng: Random) -> date:
    return date(1900, 1, 1) + timedelta(days=rng.randrange(73_049))


def _sex(rng: Random) -> str:
    return rng.choice(("female", "male", "other", "unknown", "F", "M", "1", "2", "9", "0", " f ", ""))


def _nhs_number(rng: Random) -> str:
    nine = "".join(rng.choices("0123456789", k=9))
    check = 11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    number = nine + (rng.choice("0123456789") if rng.random() < 0.3 else str(check % 11 % 10))
    return rng.choice((number, f"{number[:3]} {number[3:6]} {number[6:]}", number[:9], "9876543210", "4444444444"))


def _pnc_id(rng: Random) -> str:
    year, serial = rng.randint(1890, 2105), rng.choice((0, rng.randrange(100), rng.randrange(10_000_000)))
    letter = PNC_LETTERS[(year % 100 * 10**7 + serial) % 23] if rng.random() < 0.8 else rng.choice("IOSZ")
    forms = (f"{year}/{serial:07}", f"{year}{serial:07}", f"{year % 100:02}/{serial}", f"{year % 100:02}{serial}")
    return rng.choice(forms) + rng.choice((letter, letter.lower()))


def _crn(rng: Random) -> str:
    return rng.choice(("X", "d", "E ", "1", "É")) + rng.choice((f"{rng.randrange(10**6):06}", "000000", "12345"))


def _upn(rng: Random) -> str:
    digits = "".join(rng.choices("0123456789", k=11))
    last = rng.choice("0123456789" + UPN_LETTERS)
    worth = [*map(int, digits), int(last) if last.isdigit() else UPN_LETTERS.index(last)]
    letter = UPN_LETTERS[sum(digit * weight for digit, weight in zip(worth, range(2, 14), strict=True)) % 23]
    return (letter if rng.random() < 0.8 else rng.choice("ABIOS")) + digits + rng.choice((last, last.lower()))


def _postcode(rng: Random) -> str:
    if rng.random() < 0.2:
        return rng.choice(POSTCODES)
    forms = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
    pattern = rng.choice(forms) + rng.choice((" ", "", "  ")) + "9AA"
    code = "".join(
        {"A": rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "9": rng.choice("0123456789")}.get(c, c) for c in pattern
    )
    return rng.choice((code, code.lower()))


def _uprn(rng: Random) -> str:
    number = str(rng.randrange(10 ** rng.randint(1, 13)))
    return rng.choice((number, number.zfill(12), f"{number}.0", f" {number}", "1.00021E+11", "NULL", f"{number}.5"))
