"""What follows from being a suspect: a youth offending case for a child, probation for an adult."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from partners.population.happenings import Crime, Supervision, YouthCase
from partners.population.offences import ABH, COMMON_ASSAULT, DRUG_SUPPLY, GBH, GBH_INTENT, ROBBERY, SHOPLIFTING
from partners.population.people import Person, Population
from partners.population.pools import Pool, Standing

_CHILD_DEALT_WITH, _ADULT_CONVICTED = 0.27, 0.16  # of suspects
_CASELOAD_BEFORE = 300.0  # adults under supervision when the first quarter begins, for 5,000 people
_LIMITED_ACCESS = 0.012
_DISPOSALS = ("YC", "YCC", "OUT22", "RO", "YRO", "DTO")
_DISPOSAL_WEIGHTS = (16, 22, 26, 24, 10, 2)
_ORDERS = ("Community Order", "Suspended Sentence Order", "Licence", "Post Sentence Supervision")


@dataclass
class Justice:
    """Opens cases and supervisions, each person at most one at a time."""

    standing: Standing
    rng: Random
    _cases: Iterator[int] = field(default_factory=lambda: count(2_001))
    _orders: dict[Person, int] = field(default_factory=dict)
    _open_until: dict[Person, date] = field(default_factory=dict)
    _limited: dict[Person, bool] = field(default_factory=dict)
    _recorded: dict[Person, int] = field(default_factory=dict)  # crimes that the police suspect them of

    def caseload_before(self, population: Population, on: date, scale: float) -> list[Supervision]:
        """Supervisions already running when the first quarter begins."""
        pool = Pool.weighted(
            (who, self.standing.offending(who, age, on)) for who in population.people if (age := who.age_on(on)) >= 18
        )
        drawn = [pool.draw(self.rng) for _ in range(round(_CASELOAD_BEFORE * scale))]
        people = [person for person in dict.fromkeys(drawn) if person]
        offences = (ABH, COMMON_ASSAULT, GBH, ROBBERY, DRUG_SUPPLY, SHOPLIFTING, GBH_INTENT)
        return [
            self._supervise(
                person,
                max(on - timedelta(days=self.rng.randint(1, 300)), _birthday(person, 18)),
                self.rng.choice(offences).code,
            )
            for person in people
        ]

    def follow(self, crime: Crime) -> Iterator[YouthCase | Supervision]:
        """What becomes of a recorded crime's suspects."""
        if crime.recorded_on is None:
            return
        for person in crime.suspects:
            age = person.age_on(crime.committed_from.date())
            self._recorded[person] = self._recorded.get(person, 0) + 1
            serious = 1.0 + 0.2 * (crime.offence.gravity - 3)
            if 10 <= age < 18 and self.rng.random() < _CHILD_DEALT_WITH * serious:
                yield from self._deal_with_child(person, crime)
            elif age >= 18 and self.rng.random() < _ADULT_CONVICTED * serious:
                yield from self._convict(person, crime)

    def _deal_with_child(self, person: Person, crime: Crime) -> Iterator[YouthCase | Supervision]:
        recorded_on = crime.recorded_on or crime.committed_to.date()
        disposed_on = recorded_on + timedelta(days=self.rng.randint(10, 75))
        if self._open_until.get(person, date.min) >= disposed_on:
            return
        closes_on = disposed_on + timedelta(days=self.rng.randint(60, 240))
        self._open_until[person] = closes_on
        disposal = self.rng.choices(_DISPOSALS, weights=_DISPOSAL_WEIGHTS)[0]
        rating, earlier = self._rating(person), self._recorded[person] - 1
        support = self.standing.services.offer(person, rating, earlier, disposed_on, "youth")
        reference = f"KYOT{next(self._cases):05}"
        yield YouthCase(reference, person, crime, disposal, disposed_on, closes_on, rating, support)
        eighteen = _birthday(person, 18)
        if disposed_on < eighteen <= closes_on and not self._supervised(person, eighteen):
            yield self._supervise(person, eighteen, crime.offence.code, order="Community Order")

    def _rating(self, person: Person) -> str:
        """How likely the child is found to offend again: by its own risk and by what was before."""
        worse = min(3.0, person.risk) + min(3, self._recorded[person] - 1)
        return self.rng.choices(("Low", "Medium", "High"), weights=(60 - 8 * worse, 34, 6 + 14 * worse))[0]

    def _convict(self, person: Person, crime: Crime) -> Iterator[Supervision]:
        starts_on = crime.committed_to.date() + timedelta(days=self.rng.randint(45, 210))
        if not self._supervised(person, starts_on):
            yield self._supervise(person, starts_on, crime.offence.code)

    def _supervised(self, person: Person, on: date) -> bool:
        return self.standing.supervised_until.get(person, date.min) >= on

    def _supervise(self, person: Person, starts_on: date, code: str, order: str | None = None) -> Supervision:
        rng = self.rng
        ends_on = starts_on + timedelta(days=rng.choice((274, 365, 365, 547, 547, 730)))
        self.standing.supervised_until[person] = ends_on
        self._orders[person] = self._orders.get(person, 0) + 1
        order_type = order or rng.choices(_ORDERS, weights=(46, 24, 20, 10))[0]
        limited = self._limited.setdefault(person, rng.random() < _LIMITED_ACCESS)
        return Supervision(person, self._orders[person], code, order_type, starts_on, ends_on, limited)


def _birthday(person: Person, age: int) -> date:
    born = person.born_on
    return born.replace(year=born.year + age, day=min(born.day, 28) if born.month == 2 else born.day)
