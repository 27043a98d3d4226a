"""Names: drawn from the tables in ``partners/names``, and what else a name may be written as."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

from partners.population.cultures import CULTURE, NameCustom

TABLES = Path(__file__).parents[1] / "names"
_OLDER_BEFORE, _YOUNGER_FROM = 1968, 1996
_RANK_OFFSET = 12  # flattens the head of the list: the commonest name is 6 times as common as the sixtieth


@dataclass(frozen=True)
class Names:
    """A list of names, commonest first, from which one is drawn by a falling curve of frequency."""

    listed: tuple[str, ...]
    cumulative: tuple[float, ...]

    @classmethod
    def of(cls, listed: Sequence[str]) -> "Names":
        """Names with weights by rank: 1 / (rank + 12)."""
        return cls(tuple(listed), tuple(accumulate(1 / (rank + _RANK_OFFSET) for rank in range(len(listed)))))

    def draw(self, rng: Random) -> str:
        """One name."""
        return rng.choices(self.listed, cum_weights=self.cumulative)[0]


@cache
def _tables(culture: str) -> dict[tuple[str, str], Names]:
    with (TABLES / f"{culture}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = sorted({(row["kind"], row["era"]) for row in rows})
    return {kind: Names.of([row["name"] for row in rows if (row["kind"], row["era"]) == kind]) for kind in kinds}


def _era(born: int) -> str:
    if born < _OLDER_BEFORE:
        return "older"
    return "younger" if born >= _YOUNGER_FROM else "middle"


def draw_forename(culture: str, sex: str, born: int, rng: Random) -> str:
    """A forename for a culture, a sex (F or M) and a year of birth; some of the young have a British one."""
    kind = "female" if sex == "F" else "male"
    if culture != "british" and born >= _YOUNGER_FROM and rng.random() < 0.1:
        culture = "british"
    tables = _tables(culture)
    return (tables.get((kind, "")) or tables[kind, _era(born)]).draw(rng)


def draw_surname(culture: str, rng: Random) -> str:
    """A surname in its base form; a few British ones are made of two."""
    surname = _tables(culture)["surname", ""].draw(rng)
    if culture == "british" and rng.random() < 0.02:
        return f"{surname}-{_tables(culture)['surname', ''].draw(rng)}"
    return surname


def surname_for(surname: str, culture: str, sex: str) -> str:
    """The form of a surname that a person of this sex bears: Kowalska beside Kowalski, Kaur beside Singh."""
    if CULTURE[culture].custom is NameCustom.GENDERED and sex == "F" and surname.endswith(("ski", "cki", "dzki")):
        return surname[:-1] + "a"
    if culture == "indian" and surname == "Singh" and sex == "F":
        return "Kaur"
    return surname


@cache
def variants(kind: str) -> dict[str, tuple[str, ...]]:
    """By name, its other spellings; ``kind`` is forename or surname."""
    with (TABLES / "variants.csv").open(encoding="utf-8", newline="") as file:
        groups = [row["names"].split("|") for row in csv.DictReader(file) if row["kind"] == kind]
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        for name in group:
            found[name] = found.get(name, ()) + tuple(other for other in group if other != name)
    return found


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """By forename, what its bearers are called for short."""
    with (TABLES / "nicknames.csv").open(encoding="utf-8", newline="") as file:
        return {row["formal"]: tuple(row["short"].split("|")) for row in csv.DictReader(file)}
