"""Who is likely to do or to suffer something this quarter: everyone, with a weight."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from random import Random

from partners.population.offences import Setting, Youth
from partners.population.people import Person

# Peaks of the age-crime curve, as (last age, weight).
_OFFENDING = ((9, 0.0), (12, 0.5), (14, 1.8), (17, 3.2), (20, 3.0), (24, 2.4), (34, 1.5), (44, 0.8), (59, 0.35), (120, 0.05))
_SUFFERING = ((4, 0.1), (9, 0.25), (12, 0.8), (17, 2.0), (24, 2.2), (34, 1.6), (44, 1.1), (59, 0.7), (120, 0.3))
_GOING_OUT = ((15, 0.05), (17, 0.8), (24, 3.0), (34, 2.0), (44, 1.0), (59, 0.5), (120, 0.1))
_WOMEN_OFFEND = 0.28  # for one man of the same age
_EXCLUDED_CHILD, _SUPERVISED = 9.0, 2.5  # times as likely to offend
_AGE_OF_RESPONSIBILITY = 10


def by_age(curve: tuple[tuple[int, float], ...], age: int) -> float:
    """The weight of an age on a curve of steps."""
    return next(weight for last, weight in curve if age <= last)


@dataclass(frozen=True)
class Pool:
    """People with cumulative weights; empty where no one has any."""

    people: tuple[Person, ...]
    cumulative: tuple[float, ...]

    @classmethod
    def of(cls, people: Iterable[Person], weight: Callable[[Person], float]) -> "Pool":
        """Everyone whose weight is above nothing."""
        return cls.weighted((person, weight(person)) for person in people)

    @classmethod
    def weighted(cls, pairs: Iterable[tuple[Person, float]]) -> "Pool":
        """Everyone of these whose weight is above nothing."""
        kept = [(person, value) for person, value in pairs if value > 0]
        return cls(tuple(person for person, _ in kept), tuple(accumulate(value for _, value in kept)))

    def draw(self, rng: Random) -> Person | None:
        """One of them, or None of an empty pool."""
        return rng.choices(self.people, cum_weights=self.cumulative)[0] if self.people else None


@dataclass(frozen=True)
class Standing:
    """What is remembered of people and changes what happens to them next."""

    excluded: dict[Person, date] = field(default_factory=dict)  # the first exclusion
    supervised_until: dict[Person, date] = field(default_factory=dict)
    suspected: dict[Person, int] = field(default_factory=dict)  # how often
    victimised: dict[Person, int] = field(default_factory=dict)  # how often

    def offending(self, person: Person, on: date) -> float:
        """How likely, beside others, a person is to be a suspect: an excluded child far more, an offender again."""
        age = person.age_on(on)
        weight = by_age(_OFFENDING, age) * person.risk * (1.0 if person.sex == "M" else _WOMEN_OFFEND)
        weight *= 1 + 0.4 * min(self.suspected.get(person, 0), 5)
        if age < 18 and person in self.excluded:
            weight *= _EXCLUDED_CHILD
        return weight * (_SUPERVISED if self.supervised_until.get(person, date.min) >= on else 1.0)

    def suffering(self, person: Person, on: date) -> float:
        """How likely, beside others, a person is to be a victim: one who was before or who offends, more so."""
        repeated = 1 + 0.4 * min(self.victimised.get(person, 0) + self.suspected.get(person, 0), 8)
        return by_age(_SUFFERING, person.age_on(on)) * person.risk**0.7 * repeated


@dataclass(frozen=True)
class Pools:
    """The pools of one quarter, by typical age, by setting, and for sexual offences by sex."""

    suspects: dict[Youth, Pool]
    suspected_men: dict[Youth, Pool]
    victims: dict[Youth, Pool]
    patrons: Pool
    women: Pool
    girls: Pool
    men: Pool

    @classmethod
    def on(cls, people: tuple[Person, ...], standing: Standing, day: date) -> "Pools":
        """The pools as they stand on a day."""
        ages = [(person, person.age_on(day)) for person in people]
        doing = [(person, age, standing.offending(person, day)) for person, age in ages]
        suffering = [(person, age, standing.suffering(person, day)) for person, age in ages]
        return cls(
            suspects=_by_youth(doing),
            suspected_men=_by_youth([known for known in doing if known[0].sex == "M"]),
            victims=_by_youth(suffering),
            patrons=Pool.weighted((person, by_age(_GOING_OUT, age) * weight) for person, age, weight in suffering),
            women=Pool.weighted((who, weight) for who, age, weight in suffering if who.sex == "F" and age >= 16),
            girls=Pool.weighted((who, weight) for who, age, weight in suffering if who.sex == "F" and 11 <= age < 16),
            men=Pool.weighted((who, weight) for who, age, weight in suffering if who.sex == "M" and age >= 13),
        )

    def victims_of(self, youth: Youth, setting: Setting) -> Pool:
        """Who suffers an offence of a typical age in a setting."""
        return self.patrons if setting is Setting.NIGHT and youth is not Youth.YOUNG else self.victims[youth]


def _by_youth(weighted: list[tuple[Person, int, float]]) -> dict[Youth, Pool]:
    ages = {Youth.ANY: (0, 120), Youth.YOUNG: (_AGE_OF_RESPONSIBILITY, 24), Youth.ADULT: (18, 120)}
    return {
        youth: Pool.weighted((person, weight) for person, age, weight in weighted if first <= age <= last)
        for youth, (first, last) in ages.items()
    }
