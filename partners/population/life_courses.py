"""Lives, quarter by quarter: what happened before changes what happens next.

1. A quarter begins with exclusions from school: an excluded child is likelier to offend from then on.
2. Crimes are committed: offenders and victims of earlier quarters more often than others.
3. Those hurt go to the emergency department, whether or not the police know.
4. Suspects are dealt with: children by the youth offending team, which may give them something, adults by probation.
5. Victims of repeated or dangerous domestic abuse are referred to MARAC; children who set fires, to the fire brigade.
6. Children come to the notice of social care or are exploited, those of earlier rules more often; a few go into care.
7. Anti-social behaviour is reported, without names.

A later quarter never changes an earlier one, so that a quarter is the same whichever others are made.
"""

from collections.abc import Iterator
from random import Random

from hub.periods import Quarter
from partners.population.childhood import Childhood
from partners.population.crimes import CrimeScene
from partners.population.exploitation import Exploitation
from partners.population.happenings import Crime, LifeCourses, YouthCase
from partners.population.injuries import EmergencyDepartment
from partners.population.justice import Justice
from partners.population.marac import Conference
from partners.population.nuisance import Neighbourhood
from partners.population.people import Population
from partners.population.pools import Ages, Pools, Standing
from partners.population.safeguarding import Safeguarding
from partners.population.support import Services

BEGINNING = Quarter(2023, 1)  # a year before the first quarter that can be asked for, to give everyone a past
FIRST = Quarter(2024, 1)
_FULL_SIZE = 5_000


def live(population: Population, seed: int, until: Quarter) -> LifeCourses:
    """All that happens to the population from the beginning to the end of a quarter."""
    course = _Course(population, seed)
    for quarter in _quarters(BEGINNING, until):
        course.live_through(quarter)
    return course.lives


def _quarters(first: Quarter, last: Quarter) -> Iterator[Quarter]:
    while first <= last:
        yield first
        first = first.next()


class _Course:
    def __init__(self, population: Population, seed: int) -> None:
        scale = len(population.people) / _FULL_SIZE
        self.people, self.lives = population.people, LifeCourses()
        self.standing = Standing(services=Services(Random(f"{seed}/services")))
        self.crimes = CrimeScene(population, scale, Random(f"{seed}/crimes"))
        self.childhood = Childhood(self.standing, scale, Random(f"{seed}/childhood"))
        self.emergency = EmergencyDepartment(Random(f"{seed}/injuries"))
        self.justice = Justice(self.standing, Random(f"{seed}/justice"))
        self.conference = Conference(population, Random(f"{seed}/marac"))
        self.safeguarding = Safeguarding(self.standing, scale, Random(f"{seed}/safeguarding"))
        self.exploitation = Exploitation(self.standing, scale, Random(f"{seed}/exploitation"))
        self.neighbourhood = Neighbourhood(scale, Random(f"{seed}/nuisance"))
        self.lives.supervisions.extend(self.justice.caseload_before(population, BEGINNING.starts_on, scale))

    def live_through(self, quarter: Quarter) -> None:
        ages = [(person, person.age_on(quarter.starts_on)) for person in self.people]
        self.lives.exclusions.extend(self.childhood.exclusions(quarter, ages))  # (1)
        pools = Pools.on(ages, self.standing, quarter.starts_on)
        crimes = self.crimes.quarter(quarter, pools)  # (2)
        for crime in crimes:
            self._after(crime)
        self.lives.crimes.extend(crimes)
        self.lives.fire_referrals.extend(self.childhood.fire_referrals(quarter, ages, crimes))  # (5)
        self._notice_children(quarter, ages, crimes)  # (6)
        self.lives.nuisances.extend(self.neighbourhood.quarter(quarter))  # (7)

    def _notice_children(self, quarter: Quarter, ages: Ages, crimes: list[Crime]) -> None:
        self.lives.child_referrals.extend(self.safeguarding.referrals(quarter, ages))
        self.lives.care_episodes.extend(self.safeguarding.episodes(quarter, ages))
        exploited = self.exploitation.referrals(quarter, ages)
        self.lives.exploitation_referrals.extend(exploited)
        self.lives.nrm_referrals.extend(self.exploitation.to_nrm(exploited, crimes, quarter))

    def _after(self, crime: Crime) -> None:
        self.lives.attendances.extend(self.emergency.attend(crime))  # (3)
        for outcome in self.justice.follow(crime):  # (4)
            if isinstance(outcome, YouthCase):
                self.lives.youth_cases.append(outcome)
            else:
                self.lives.supervisions.append(outcome)
        self.lives.marac_referrals.extend(self.conference.hear(crime))  # (5)
        for person in crime.suspects:
            self.standing.suspected[person] = self.standing.suspected.get(person, 0) + 1
        for person in crime.victims:
            self.standing.victimised[person] = self.standing.victimised.get(person, 0) + 1
