"""Who is likely to do or to suffer something this quarter: everyone, with a weight."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from random import Random

from partners.population.causes import EXCLUDED, EXPLOITED, LOOKED_AFTER, SETS_FIRES, of_events, of_traits
from partners.population.offences import Setting, Youth
from partners.population.people import Person
from partners.population.support import Services

OLDEST = 120


def steps(*curve: tuple[int, float]) -> tuple[float, ...]:
    """A weight for each age to 120, from steps given as (last age, weight)."""
    ages = [0, *(last + 1 for last, _ in curve)]
    return tuple(weight for first, (last, weight) in zip(ages, curve, strict=False) for _ in range(first, last + 1))


# The age-crime curve and its like.
_OFFENDING = steps(
    (9, 0.0), (12, 0.5), (14, 1.8), (17, 3.2), (20, 3.0), (24, 2.4), (34, 1.5), (44, 0.8), (59, 0.35), (120, 0.05)
)
_SUFFERING = steps((4, 0.1), (9, 0.25), (12, 0.8), (17, 2.0), (24, 2.2), (34, 1.6), (44, 1.1), (59, 0.7), (120, 0.3))
_GOING_OUT = steps((15, 0.05), (17, 0.8), (24, 3.0), (34, 2.0), (44, 1.0), (59, 0.5), (120, 0.1))
_WOMEN_OFFEND = 0.28  # for one man of the same age
_SUPERVISED = 2.0  # times as likely to offend
_MOST = 200.0  # a boy of 16 like most has about 4: nobody's quarter is to hold fifty crimes
_AGE_OF_RESPONSIBILITY, _GROWN_UP = 10, 25  # until when a childhood tells


Ages = Sequence[tuple[Person, int]]


@dataclass(frozen=True)
class Pool:
    """People with cumulative weights; empty where no one has any."""

    people: tuple[Person, ...]
    cumulative: tuple[float, ...]

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
    exploited: set[Person] = field(default_factory=set)
    sets_fires: set[Person] = field(default_factory=set)
    looked_after: set[Person] = field(default_factory=set)
    services: Services = field(default_factory=lambda: Services(Random(0)))

    def offending(self, person: Person, age: int, on: date) -> float:
        """How likely, beside others, a person is to be a suspect: by what was, by what they have, by what was done.

        An excluded child is so far more, and an offender again (``partners/drivers.yaml``).
        """
        weight = _OFFENDING[age] * person.risk * (1.0 if person.sex == "M" else _WOMEN_OFFEND)
        weight *= 1 + 0.1 * min(self.suspected.get(person, 0), 5)
        weight *= of_traits(person.traits) * of_events(self._happened(person, age)) * self.services.effect(person, on)
        weight *= _SUPERVISED if self.supervised_until.get(person, date.min) >= on else 1.0
        return min(weight, _MOST)

    def _happened(self, person: Person, age: int) -> list[str]:
        """What happened to a person that still tells."""
        young = age < _GROWN_UP
        return [
            name
            for name, tells in (
                (EXCLUDED, young and person in self.excluded),
                (LOOKED_AFTER, young and person in self.looked_after),
                (EXPLOITED, person in self.exploited),
                (SETS_FIRES, person in self.sets_fires),
            )
            if tells
        ]

    def suffering(self, person: Person, age: int) -> float:
        """How likely, beside others, a person is to be a victim: one who was before or who offends, more so."""
        repeated = 1 + 0.4 * min(self.victimised.get(person, 0) + self.suspected.get(person, 0), 8)
        return _SUFFERING[age] * float(person.risk**0.7) * repeated


@dataclass(frozen=True)
class Pools:
    """The pools of one quarter, by typical age, by setting, and for sexual offences by sex."""

    pull: dict[Person, float]  # how likely, beside others, each is to be a suspect
    suspects: dict[Youth, Pool]
    suspected_men: dict[Youth, Pool]
    victims: dict[Youth, Pool]
    patrons: Pool
    women: Pool
    girls: Pool
    men: Pool

    @classmethod
    def on(cls, ages: Ages, standing: Standing, day: date) -> "Pools":
        """The pools as they stand on a day, on which people have these ages."""
        doing = [(person, age, standing.offending(person, age, day)) for person, age in ages]
        suffering = [(person, age, standing.suffering(person, age)) for person, age in ages]
        return cls(
            pull={person: weight for person, _, weight in doing if weight},
            suspects=_by_youth(doing),
            suspected_men=_by_youth([known for known in doing if known[0].sex == "M"]),
            victims=_by_youth(suffering),
            patrons=Pool.weighted((person, _GOING_OUT[age] * weight) for person, age, weight in suffering),
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
