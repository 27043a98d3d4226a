"""Emergency attendances after assaults."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from partners.population.happenings import Attendance, Crime
from partners.population.people import Person

_METHODS = ("fist", "foot", "head butt", "push", "bottle", "glass", "blunt object", "unknown")
_METHOD_WEIGHTS = (46, 14, 4, 16, 5, 3, 6, 6)
_UNREPORTED_IS_LIKELIER = 1.7  # those who go to hospital and not to the police are found there


@dataclass
class EmergencyDepartment:
    """Says who of a crime's people came to the hospital."""

    rng: Random
    _serial: Iterator[int] = field(default_factory=lambda: count(700_001))

    def attend(self, crime: Crime) -> Iterator[Attendance]:
        """Attendances after one crime: its victims', and now and then a suspect's who was hurt as well."""
        chance = crime.offence.injury * (1.0 if crime.recorded_on else _UNREPORTED_IS_LIKELIER)
        for person in crime.victims:
            if self.rng.random() < chance:
                yield self._attendance(person, crime)
        for person in crime.suspects:
            if self.rng.random() < 0.06 * crime.offence.injury:
                yield self._attendance(person, crime)

    def _attendance(self, person: Person, crime: Crime) -> Attendance:
        rng = self.rng
        wait = rng.randint(15, 150) if rng.random() < 0.8 else rng.randint(150, 2400)
        method = rng.choices(_METHODS, weights=_METHOD_WEIGHTS)[0]
        return Attendance(
            attendance_id=f"ED{next(self._serial):08}",
            person=person,
            crime=crime,
            arrived_at=crime.committed_to + timedelta(minutes=wait),
            method="knife" if crime.knife else method,
        )
