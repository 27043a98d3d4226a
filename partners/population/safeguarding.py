"""Children whom the council's social care comes to know: in need, looked after."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from hub.periods import Quarter
from partners.population.causes import causes
from partners.population.happenings import CareEpisode, ChildReferral
from partners.population.people import Person
from partners.population.pools import Ages, Pool, Standing, steps
from partners.population.timing import round_about

_REFERRALS_A_QUARTER, _INTO_CARE_A_QUARTER = 96.0, 9.0  # for 5,000 people
_BY_AGE = steps((0, 1.6), (4, 1.1), (9, 1.0), (15, 1.3), (17, 0.9), (120, 0.0))
_GROWN_UP = 18
_MOVES_A_QUARTER = 0.16  # of those in care
_SOURCES = {
    "6": 30,
    "2A": 22,
    "3A": 5,
    "3B": 4,
    "3E": 6,
    "1A": 8,
    "1B": 4,
    "4": 3,
    "5B": 5,
    "5D": 4,
    "7": 4,
    "9": 3,
    "10": 2,
}
_NEEDS = {"N1": 55, "N2": 6, "N3": 4, "N4": 9, "N5": 14, "N6": 6, "N7": 1, "N8": 3, "N0": 2}
_FACTORS = {
    "4B": 24, "17A": 20, "16A": 16, "18C": 9, "5A": 8, "14A": 8, "24A": 4, "11A": 4, "7A": 3, "19C": 3, "12A": 2,
    "20": 6,
}  # fmt: skip
_OF_TEENAGERS = frozenset({"24A", "11A", "12A", "14A"})
_NONE_FOUND, _ASSESSED, _PLANNED, _CLOSED = 0.12, 0.72, 0.11, 0.4
_SEEN = 0.85  # of what a child has, by an assessment
_ABUSE = {"NEG": 44, "EMO": 38, "PHY": 11, "SAB": 5, "MUL": 2}
_PLACES = {"U1": 10, "U4": 16, "U6": 30, "K2": 14, "H5": 12, "P1": 6, "P2": 2, "R5": 1, "Z1": 1}


@dataclass
class Safeguarding:
    """Makes the referrals and episodes of each quarter, for one population."""

    standing: Standing
    scale: float
    rng: Random
    _children: Iterator[int] = field(default_factory=lambda: count(4_001))
    _rows: Iterator[int] = field(default_factory=lambda: count(80_001))
    _episodes: Iterator[int] = field(default_factory=lambda: count(60_001))
    _ids: dict[Person, str] = field(default_factory=dict)
    _in_care: dict[Person, date] = field(default_factory=dict)  # since when they are where they are

    def referrals(self, quarter: Quarter, ages: Ages) -> Iterator[ChildReferral]:
        """Children referred in the quarter, each once in it; one known for offences or excluded is likelier to be."""
        pool = Pool.weighted((who, _BY_AGE[age] * self._known(who)) for who, age in ages)
        drawn = [pool.draw(self.rng) for _ in range(round_about(_REFERRALS_A_QUARTER * self.scale, self.rng))]
        for person in dict.fromkeys(child for child in drawn if child):
            first = max(quarter.starts_on, person.born_on)
            day = first + timedelta(days=self.rng.randint(0, (quarter.ends_on - first).days))
            if person.age_on(day) < _GROWN_UP:
                yield self._referral(person, day)

    def _known(self, person: Person) -> float:
        times = min(self.standing.suspected.get(person, 0) + self.standing.victimised.get(person, 0), 5)
        return person.risk * (1 + 1.0 * times) * (2.0 if person in self.standing.excluded else 1.0)

    def _referral(self, person: Person, on: date) -> ChildReferral:
        rng = self.rng
        assessed = rng.random() < _ASSESSED
        plan_on = on + timedelta(days=rng.randint(10, 45)) if assessed and rng.random() < _PLANNED else None
        closed_on = on + timedelta(days=rng.randint(3, 60)) if plan_on is None and rng.random() < _CLOSED else None
        return ChildReferral(
            child_id=self._child_id(person),
            number=next(self._rows),
            person=person,
            referred_on=on,
            source=_drawn(_SOURCES, rng),
            need=_drawn(_NEEDS, rng),
            factors=self._factors(person, person.age_on(on)) if assessed else (),
            closed_on=closed_on,
            closure=rng.choice(("RC7", "RC8", "RC8", "RC9")) if closed_on else "",
            plan_on=plan_on,
            abuse=_drawn(_ABUSE, rng) if plan_on else "",
        )

    def _factors(self, person: Person, age: int) -> tuple[str, ...]:
        """What an assessment finds: most of what the child has, and what has no part in what follows."""
        found = [self.rng.choice(codes) for codes in _found_in(person) if self.rng.random() < _SEEN]
        if self.rng.random() < _NONE_FOUND:
            return tuple(found) or ("21",)
        weights = {
            factor: weight * (3.0 if age >= 12 else 0.2) if factor in _OF_TEENAGERS else weight
            for factor, weight in _FACTORS.items()
        }
        return tuple(dict.fromkeys([*found, *(_drawn(weights, self.rng) for _ in range(self.rng.randint(1, 3)))]))

    def episodes(self, quarter: Quarter, ages: Ages) -> Iterator[CareEpisode]:
        """Episodes that begin in the quarter: children who come into care, and those in care who are moved."""
        days = (quarter.ends_on - quarter.starts_on).days + 1
        for person, since in list(self._in_care.items()):
            if person.age_on(quarter.ends_on) >= _GROWN_UP:
                del self._in_care[person]
            elif since < quarter.starts_on and self.rng.random() < _MOVES_A_QUARTER:
                yield self._episode(person, quarter.starts_on + timedelta(days=self.rng.randrange(days)), "P")
        pool = Pool.weighted(
            (who, _BY_AGE[age] * self._known(who)) for who, age in ages if age < 17 and who not in self._in_care
        )
        drawn = [pool.draw(self.rng) for _ in range(round_about(_INTO_CARE_A_QUARTER * self.scale, self.rng))]
        for person in dict.fromkeys(child for child in drawn if child and child.born_on <= quarter.starts_on):
            yield self._episode(person, quarter.starts_on + timedelta(days=self.rng.randrange(days)), "S")

    def _episode(self, person: Person, on: date, reason: str) -> CareEpisode:
        rng = self.rng
        home = reason == "S" and rng.random() < 0.15
        self._in_care[person] = on
        self.standing.looked_after.add(person)
        if home:
            del self._in_care[person]
        return CareEpisode(
            child_id=self._child_id(person),
            number=next(self._episodes),
            person=person,
            began_on=on,
            reason=reason,
            legal_status=rng.choices(("C1", "C2", "V2", "L1", "L2", "J1"), weights=(30, 24, 34, 3, 5, 4))[0],
            need=_drawn(_NEEDS, rng),
            place=_drawn(_PLACES, rng),
            ended_on=on + timedelta(days=rng.randint(2, 25)) if home else None,
            outcome="E4A" if home else "",
        )

    def _child_id(self, person: Person) -> str:
        """The council's one reference of a child, whichever return it stands in."""
        if person not in self._ids:
            self._ids[person] = f"K{next(self._children):06}"
        return self._ids[person]


def _drawn(weights: dict[str, float] | dict[str, int], rng: Random) -> str:
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _found_in(person: Person) -> list[tuple[str, ...]]:
    """The census's codes of each trait that the child has and that it has a code for, in the order of the file."""
    return [trait.assessed_as for name, trait in causes().traits.items() if name in person.traits and trait.assessed_as]
