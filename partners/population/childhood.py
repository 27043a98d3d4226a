"""Exclusions from school and fire-setting, which tend to come before offending."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from hub.periods import Quarter
from partners.population.causes import SPECIAL_NEEDS
from partners.population.happenings import Crime, Exclusion, FireReferral
from partners.population.offences import ARSON
from partners.population.people import Person
from partners.population.pools import Ages, Pool, Standing, steps
from partners.population.timing import round_about, school_day

_EXCLUSIONS_A_QUARTER, _FIRE_REFERRALS_A_QUARTER = 124.0, 34.0  # for 5,000 people
_BY_AGE = steps((4, 0.0), (7, 0.15), (10, 0.5), (11, 1.6), (13, 3.0), (15, 3.2), (16, 0.8), (120, 0.0))
_FIRE_BY_AGE = steps((3, 0.0), (7, 0.6), (11, 1.3), (15, 2.0), (17, 0.8), (120, 0.0))
_REASONS = {
    "PP": 22,
    "DB": 30,
    "VA": 14,
    "PA": 9,
    "VP": 7,
    "OW": 4,
    "DA": 4,
    "BU": 2,
    "RA": 2,
    "SM": 1,
    "TH": 1,
    "DM": 3,
    "OT": 4,
}
_VIOLENT = ("PP", "PA", "OW")
_AGENCIES = ("School", "Children's Services", "Police", "Parent or carer", "Fire crew", "Youth Offending Team")


@dataclass
class Childhood:
    """Makes the exclusions and fire-setting referrals of each quarter, for one population."""

    standing: Standing
    scale: float
    rng: Random
    _exclusions: Iterator[int] = field(default_factory=lambda: count(10_001))
    _fires: Iterator[int] = field(default_factory=lambda: count(501))
    _sen: dict[Person, str] = field(default_factory=dict)
    _schools: dict[Person, int] = field(default_factory=dict)

    def exclusions(self, quarter: Quarter, ages: Ages) -> Iterator[Exclusion]:
        """Exclusions of the quarter: the likelier for a child excluded before, or suspected of a crime."""
        pool = Pool.weighted((who, self._unruly(who, age)) for who, age in ages)
        for _ in range(round_about(_EXCLUSIONS_A_QUARTER * self.scale, self.rng)):
            if person := pool.draw(self.rng):
                yield self._exclusion(person, school_day(quarter, self.rng))

    def _unruly(self, person: Person, age: int) -> float:
        weight = _BY_AGE[age] * person.risk * (1.0 if person.sex == "M" else 0.5)
        weight *= 1 + 0.4 * min(self.standing.suspected.get(person, 0), 4)
        return weight * (2.0 if person in self.standing.excluded else 1.0)

    def _exclusion(self, person: Person, starts_on: date) -> Exclusion:
        rng = self.rng
        reason = rng.choices(list(_REASONS), weights=list(_REASONS.values()))[0]
        permanent = rng.random() < (0.06 if reason in _VIOLENT else 0.015)
        first = self.standing.excluded.get(person, starts_on)
        self.standing.excluded[person] = min(first, starts_on)
        return Exclusion(
            exclusion_id=f"EX{next(self._exclusions):06}",
            person=person,
            school_urn=self._schools.setdefault(person, 102_560 + rng.randrange(45)),
            permanent=permanent,
            reason=reason,
            starts_on=starts_on,
            sessions=0 if permanent else rng.choices((1, 2, 4, 6, 10, 20), weights=(14, 34, 22, 14, 12, 4))[0],
            sen_provision=self._sen.setdefault(person, _provision(person, rng)),
        )

    def fire_referrals(self, quarter: Quarter, ages: Ages, crimes: list[Crime]) -> Iterator[FireReferral]:
        """Children whom the police suspect of arson, and others of whom a school or a parent tells the brigade."""
        for crime in crimes:
            for person in crime.suspects:
                if crime.offence is ARSON and crime.recorded_on and 4 <= person.age_on(crime.recorded_on) < 18:
                    yield self._referral(person, crime.recorded_on, crime.committed_from.date(), crime)
        pool = Pool.weighted((who, self._fire_risk(who, age)) for who, age in ages if age < 18)
        for _ in range(round_about(_FIRE_REFERRALS_A_QUARTER * self.scale, self.rng)):
            fire_on = quarter.starts_on + timedelta(days=self.rng.randrange(90))
            if child := pool.draw(self.rng):
                yield self._referral(child, fire_on, fire_on if self.rng.random() < 0.75 else None, None)

    def _fire_risk(self, person: Person, age: int) -> float:
        before = 1.0 + 1.5 * (person in self.standing.excluded) + min(self.standing.suspected.get(person, 0), 4)
        return _FIRE_BY_AGE[age] * person.risk * before * (1.0 if person.sex == "M" else 0.3)

    def _referral(self, person: Person, known_on: date, fire_on: date | None, crime: Crime | None) -> FireReferral:
        rng = self.rng
        self.standing.sets_fires.add(person)
        attended = fire_on is not None and (crime is not None or rng.random() < 0.4)
        group = rng.choices(("Primary Fire", "Secondary Fire"), weights=(35, 65))[0] if attended else "None"
        return FireReferral(
            referral_id=f"FSIS-{next(self._fires):05}",
            person=person,
            referred_on=known_on + timedelta(days=rng.randint(0, 12)),
            fire_on=fire_on,
            incident_number=f"{rng.randrange(1, 180_000):06}-{fire_on:%d%m%Y}" if attended and fire_on else None,
            incident_group=group,
            deliberate=crime is not None or rng.random() < 0.8,
            agency="Police" if crime else rng.choice(_AGENCIES),
            risk=rng.choices(("Low", "Medium", "High"), weights=(35, 45, 20))[0],
        )


def _provision(person: Person, rng: Random) -> str:
    """What a school provides for special needs: of those who have them, support or a plan."""
    return rng.choices("KE", weights=(72, 28))[0] if SPECIAL_NEEDS in person.traits else "N"
