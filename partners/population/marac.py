"""Referrals of victims of high-risk domestic abuse to the multi-agency conference (MARAC)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from partners.population.happenings import Crime, MaracReferral
from partners.population.offences import HIGH_RISK
from partners.population.people import Person, Population

_FIRST_MEETING = date(2023, 1, 4)
_EVERY = timedelta(days=14)
_GAP = timedelta(days=60)  # between two referrals of one victim
_YEAR = timedelta(days=365)
_TOO_OFTEN = 4  # earlier incidents within a year
_REFERRED = 0.56  # of victims whose case meets the threshold
_OTHERS = ("IDVA", "Health", "Children's Services", "Housing", "Probation", "Voluntary sector")


@dataclass
class Conference:
    """Remembers each victim's incidents of a year and says who is referred."""

    population: Population
    rng: Random
    _serial: Iterator[int] = field(default_factory=lambda: count(301))
    _incidents: dict[Person, list[date]] = field(default_factory=dict)
    _heard: dict[Person, date] = field(default_factory=dict)

    def hear(self, crime: Crime) -> Iterator[MaracReferral]:
        """The referral after a domestic crime, if it is of high risk or one too many within a year."""
        if not crime.domestic:
            return
        day = crime.recorded_on or crime.committed_to.date()
        for person in crime.victims:
            recent = [past for past in self._incidents.get(person, []) if day - past <= _YEAR]
            self._incidents[person] = [*recent, day]
            high = crime.offence.code in HIGH_RISK or len(recent) >= _TOO_OFTEN
            if high and self.rng.random() < _REFERRED * (1.0 if crime.recorded_on else 0.5):
                yield from self._refer(person, day, "Police" if crime.recorded_on else self.rng.choice(_OTHERS))

    def _refer(self, person: Person, day: date, agency: str) -> Iterator[MaracReferral]:
        earliest = day + timedelta(days=7)
        meeting = _FIRST_MEETING + -(-(earliest - _FIRST_MEETING) // _EVERY) * _EVERY
        before = self._heard.get(person)
        if before is not None and meeting - before < _GAP:
            return
        self._heard[person] = meeting
        children = sum(who.age_on(day) < 18 for who in self.population.households[person.household])
        repeat = before is not None and meeting - before <= _YEAR
        if agency == "Police" and self.rng.random() < 0.3:
            agency = self.rng.choice(_OTHERS)
        yield MaracReferral(f"MARAC{next(self._serial):05}", person, meeting, agency, repeat, children)
