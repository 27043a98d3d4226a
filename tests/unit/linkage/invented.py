"""Invented people and their records, tokenised by the real scheme 1: small, seeded, with the errors of real life."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from keys.key import Key
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from schemas.contract import Identifier

_STARTS = ("al", "be", "ca", "da", "el", "fa", "ga", "ha", "ja", "ka", "la", "ma", "na", "ol", "pa", "ra", "sa", "ta")
_MIDDLES = ("bra", "del", "gi", "ko", "lin", "mo", "ne", "ri", "so", "tu", "vi", "zan")
_ENDS = {"female": ("a", "ia", "elle", "ine"), "male": ("an", "o", "us", "ek")}
_DIGITS = "0123456789"


@dataclass(frozen=True)
class Invented:
    """One person, or one record of a person."""

    forename: str
    surname: str
    date_of_birth: date | None
    sex: str | None
    postcode: str | None
    uprn: str | None
    nhs_number: str | None


def people(seed: int, households: int) -> list[Invented]:
    """People in households with one address and mostly one surname; one birth in forty is of twins."""
    chance = random.Random(seed)
    found = []
    for number in range(households):
        surname = chance.choice(_STARTS) + chance.choice(_MIDDLES) + chance.choice(("son", "ley", "ov", "ani"))
        postcode = (
            f"KT{chance.randint(1, 9)} {chance.randint(1, 9)}{chance.choice('ABDEFGHJ')}{chance.choice('ABDEFGHJ')}"
        )
        for _ in range(chance.randint(1, 4)):
            born = date(1950, 1, 1) + timedelta(days=chance.randint(0, 22000))
            for _ in range(2 if chance.random() < 0.025 else 1):
                sex = chance.choice(("female", "male"))
                forename = chance.choice(_STARTS) + chance.choice(_MIDDLES) + chance.choice(_ENDS[sex])
                nhs = nhs_number(chance)
                found.append(Invented(forename, surname, born, sex, postcode, str(100_000 + number), nhs))
    return found


def nhs_number(chance: random.Random) -> str:
    """A number with a right check digit."""
    while True:
        nine = [chance.randint(0, 9) for _ in range(9)]
        check = (11 - sum(digit * (10 - place) for place, digit in enumerate(nine)) % 11) % 11
        if check < 10:
            return "".join(map(str, [*nine, check]))


def spoiled(person: Invented, chance: random.Random) -> Invented:
    """What one authority wrote down of a person."""
    record = person
    if chance.random() < 0.08:
        record = replace(record, forename=typo(record.forename, chance))
    if chance.random() < 0.08:
        record = replace(record, surname=typo(record.surname, chance))
    if chance.random() < 0.04 and record.date_of_birth:
        record = replace(record, date_of_birth=record.date_of_birth + timedelta(days=chance.choice((-1, 1, 10, 365))))
    if chance.random() < 0.15:
        record = replace(record, postcode=None, uprn=None)
    if chance.random() < 0.03:
        record = replace(record, forename=record.surname, surname=record.forename)
    if chance.random() < 0.6:
        record = replace(record, nhs_number=None)
    if chance.random() < 0.05:
        record = replace(record, sex=None)
    return record


def typo(word: str, chance: random.Random) -> str:
    """One letter dropped, doubled or changed."""
    place = chance.randrange(len(word))
    return word[:place] + chance.choice(("", word[place] * 2, chance.choice("aeilnorst"))) + word[place + 1 :]


def tokenised(records: list[Invented]) -> pl.DataFrame:
    """Records of scheme 1, with record ids in order."""
    schema = {
        "forename": pl.String, "surname": pl.String, "date_of_birth": pl.Date, "sex": pl.String,
        "postcode": pl.String, "uprn": pl.String, "nhs_number": pl.String,
    }  # fmt: skip
    clear = pl.DataFrame([vars(record) for record in records], schema=schema)
    keys = [Key(f"{name}/1", bytes([number]) * 32) for number, name in enumerate(("source", "hub", "event"))]
    tokens = linkage_columns(
        clear, {name: Identifier(name) for name in schema}, SourceKeys(keys[0]), HubKeys(*keys[1:])
    )
    ids = pl.Series("record_id", [record_id(number) for number in range(clear.height)])
    return tokens.insert_column(0, ids)


def record_id(number: int) -> str:
    """The id of a record by its place: 32 hex digits, in order."""
    return f"{number:08x}" + "a5eed" * 4 + "cafe"


def records_and_truth(seed: int, households: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records of all people, one to six each, and who they are."""
    chance = random.Random(seed + 1)
    everyone = people(seed, households)
    owners = [number for number in range(len(everyone)) for _ in range(chance.choice((1, 1, 2, 2, 3, 6)))]
    records = tokenised([spoiled(everyone[owner], chance) for owner in owners])
    truth = pl.DataFrame({"record_id": records["record_id"], "true_person_id": [str(owner) for owner in owners]})
    return records, truth
