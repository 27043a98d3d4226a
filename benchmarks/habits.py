"""Ways in which records of one person go wrong together, each a style of error for ``benchmarks.historical``.

Real sets differ in how they are wrong, and settings that fit one way may fail in another. A habit takes the records of
one person, in order, and gives them as that style would have them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from benchmarks.lives import Life, Town, word

Habit = Callable[[list[Life], Town, Random], list[Life]]
_FIELDS = ("first_name", "surname", "born", "birth_place", "postcode", "occupation")


def recurring(records: list[Life], _: Town, rng: Random) -> list[Life]:
    """A wrong value was copied on: of what differs from the first record, two in three are as an earlier one had it."""
    seen: dict[str, list[Any]] = {name: [] for name in _FIELDS}
    found = []
    for record in records:
        values = dict(vars(record))
        for name, value in values.items():
            if value and value != getattr(records[0], name):
                if seen[name] and rng.random() < 2 / 3:
                    values[name] = rng.choice(seen[name])
                seen[name].append(values[name])
        found.append(Life(**values))
    return found


def titled(records: list[Life], town: Town, rng: Random) -> list[Life]:
    """Two in five have another surname by title, marriage or pen name, which half of their records bear."""
    if rng.random() > 0.4:
        return records
    other = rng.choice((word(rng), town.name.split()[0], records[0].surname[:4] + word(rng)))
    return [replace(it, surname=other) if it.surname and rng.random() < 0.5 else it for it in records]


def undated(records: list[Life], _: Town, rng: Random) -> list[Life]:
    """Of one person in four nobody knows more than the year, of one in eight nothing."""
    kind = rng.random()
    if kind > 0.375:
        return records
    return [replace(it, born=date(it.born.year, 1, 1) if it.born and kind < 0.25 else None) for it in records]


def sparse(records: list[Life], _: Town, rng: Random) -> list[Life]:
    """Of each record one field more is missing, as likely any."""
    blank = {name: None if name == "born" else "" for name in _FIELDS}
    chosen = [rng.choice(_FIELDS) for _ in records]
    return [replace(it, **{name: blank[name]}) for it, name in zip(records, chosen, strict=True)]  # type: ignore[arg-type]


def moving(records: list[Life], town: Town, rng: Random) -> list[Life]:
    """People move and change their trade: each postcode is of another street or district, of two trades each is one."""
    trades = (records[0].occupation, rng.choice(records).occupation)
    return [replace(it, postcode=town.postcode(rng), occupation=rng.choice(trades)) for it in records]


HABITS: Mapping[str, Habit] = {
    "recurring": recurring, "titled": titled, "undated": undated, "sparse": sparse, "moving": moving,
}  # fmt: skip
