"""Crimes of one quarter: in public places, and between partners at home."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate, count
from random import Random

from hub.periods import Quarter
from partners.population.areas import TOWN_CENTRE_WARD, Area, Spot, deciles, load_areas, spot_in
from partners.population.causes import causes
from partners.population.happenings import Crime
from partners.population.offences import (
    COMMON_ASSAULT,
    DAMAGE,
    DOMESTIC,
    HARASSMENT,
    PATTERNS,
    RAPE_OF_CHILD,
    SEXUAL_ASSAULT_MALE,
    Offence,
    Pattern,
    Setting,
)  # fmt: skip
from partners.population.people import Couple, Person, Population
from partners.population.pools import Pools
from partners.population.timing import moment, round_about

_DOMESTIC_A_QUARTER = 330.0  # for 5,000 people
_REPORTED_AT_HOME = 0.85
_BY_OWN_CHILD = 0.12  # of domestic offences: a grown or teenage child against a parent
_ALCOHOL = {Setting.NIGHT: 0.6, Setting.HOME: 0.3, Setting.STREET: 0.12, Setting.SCHOOL: 0.0, Setting.SHOP: 0.05}


@dataclass
class CrimeScene:
    """Makes the crimes of any quarter for one population. ``scale``: people / 5,000."""

    population: Population
    scale: float
    rng: Random
    _serial: Iterator[int] = field(default_factory=lambda: count(100_001))

    def __post_init__(self) -> None:
        self.centre = [area for area in load_areas() if area.ward_name == TOWN_CENTRE_WARD]
        self.schools = self.rng.sample(load_areas(), 40)
        self.near = _neighbours(self.population)

    def quarter(self, quarter: Quarter, pools: Pools) -> list[Crime]:
        """All crimes committed in the quarter, told to the police or not, in order of time."""
        made = [
            crime
            for pattern in PATTERNS
            for _ in range(round_about(pattern.count * self.scale, self.rng))
            if (crime := self._public(pattern, quarter, pools))
        ]
        return sorted([*made, *self._domestic(quarter)], key=lambda crime: (crime.committed_from, crime.reference))

    def _public(self, pattern: Pattern, quarter: Quarter, pools: Pools) -> Crime | None:
        offence, setting, rng = pattern.offence, pattern.setting, self.rng
        at = moment(setting, quarter, rng)
        suspects = self._suspects(pattern, pools)
        victims = self._victims(pattern, pools, suspects)
        known = suspects if rng.random() < offence.known else ()
        spot = self._spot(setting, victims or suspects, at.date())
        group = len(suspects) > 1 and pattern.youth.value == "10 to 24"
        return self._crime(
            offence,
            setting,
            spot,
            at,
            victims,
            known,
            reported=rng.random() < pattern.reported,
            gang=group and rng.random() < 0.25,
            hate=rng.random() < 0.04 and offence.category in ("violent-crime", "public-order"),
        )

    def _suspects(self, pattern: Pattern, pools: Pools) -> tuple[Person, ...]:
        """A first offender, and friends of like age from nearby who come along, the likelier to offend the rather."""
        drawn_from = pools.suspected_men if pattern.offence.sexual else pools.suspects
        first = drawn_from[pattern.youth].draw(self.rng)
        if first is None:
            return ()
        wanted = self.rng.randint(1, pattern.suspects)
        friends = [friend for friend in self.near.get(first, ()) if friend is not first]
        pull = [pools.pull.get(friend, 0.0) for friend in friends]
        along = self.rng.choices(friends, weights=pull, k=wanted - 1) if wanted > 1 and any(pull) else ()
        return (first, *dict.fromkeys(along))

    def _victims(self, pattern: Pattern, pools: Pools, suspects: tuple[Person, ...]) -> tuple[Person, ...]:
        offence = pattern.offence
        if self.rng.random() >= offence.victim:
            return ()
        pool = pools.victims_of(pattern.youth, pattern.setting)
        if offence.sexual:
            pool = {SEXUAL_ASSAULT_MALE: pools.men, RAPE_OF_CHILD: pools.girls}.get(offence, pools.women)
        wanted = 2 if self.rng.random() < 0.12 and not offence.sexual else 1
        drawn = [pool.draw(self.rng) for _ in range(wanted)]
        return tuple(dict.fromkeys(person for person in drawn if person and person not in suspects))

    def _spot(self, setting: Setting, people: tuple[Person, ...], on: date) -> Spot:
        rng = self.rng
        if people and (setting is Setting.HOME or (setting is Setting.STREET and rng.random() < 0.12)):
            return people[0].home_on(on).spot
        if setting is Setting.SCHOOL:
            return spot_in(rng.choice(self.schools), rng)
        if setting is Setting.NIGHT or rng.random() < 0.3:
            return spot_in(rng.choice(self.centre) if rng.random() < 0.85 else self._anywhere(), rng)
        return spot_in(people[0].home_on(on).spot.area if people and rng.random() < 0.25 else self._anywhere(), rng)

    def _anywhere(self) -> Area:
        """A small area, a deprived one more often than another (``partners/drivers.yaml``)."""
        return self.rng.choices(load_areas(), cum_weights=_crimes_by_area())[0]

    def _domestic(self, quarter: Quarter) -> Iterator[Crime]:
        couples = self.population.couples
        if not couples:
            return
        cumulative = list(accumulate(couple.abuse for couple in couples))
        offences, shares = zip(*DOMESTIC, strict=True)
        for _ in range(round_about(_DOMESTIC_A_QUARTER * self.scale, self.rng)):
            couple: Couple = self.rng.choices(couples, cum_weights=cumulative)[0]
            offence: Offence = self.rng.choices(offences, weights=shares)[0]
            yield self._at_home(couple, offence, quarter)

    def _at_home(self, couple: Couple, offence: Offence, quarter: Quarter) -> Crime:
        rng = self.rng
        at = moment(Setting.HOME, quarter, rng)
        by_child = self._child_of(couple, at.date()) if rng.random() < _BY_OWN_CHILD else None
        if by_child:
            suspect, offence = by_child, rng.choice((COMMON_ASSAULT, DAMAGE, HARASSMENT))
        else:
            suspect = couple.first
            offence = HARASSMENT if offence.sexual and (suspect.sex, couple.second.sex) != ("M", "F") else offence
        known = (suspect,) if rng.random() < 0.97 else ()
        spot = couple.second.home_on(at.date()).spot
        return self._crime(
            offence,
            Setting.HOME,
            spot,
            at,
            (couple.second,),
            known,
            reported=rng.random() < _REPORTED_AT_HOME,
            domestic=True,
        )

    def _child_of(self, couple: Couple, on: date) -> Person | None:
        home = self.population.households[couple.second.household]
        able = [who for who in home if who not in (couple.first, couple.second) and 12 <= who.age_on(on) <= 28]
        return self.rng.choice(able) if able else None

    def _crime(
        self,
        offence: Offence,
        setting: Setting,
        spot: Spot,
        at: datetime,
        victims: tuple[Person, ...],
        suspects: tuple[Person, ...],
        *,
        reported: bool,
        domestic: bool = False,
        gang: bool = False,
        hate: bool = False,
    ) -> Crime:
        rng = self.rng
        exact = rng.random() < 0.75
        until = at if exact else at + timedelta(minutes=rng.choice((15, 30, 60, 120, 240)))
        return Crime(
            reference=f"01/{next(self._serial):06}/{at.year % 100:02}",
            offence=offence,
            setting=setting,
            spot=spot,
            committed_from=at,
            committed_to=until,
            recorded_on=_recorded(offence, until, rng) if reported else None,
            victims=victims,
            suspects=suspects,
            domestic=domestic,
            knife=rng.random() < offence.knife,
            gang=gang,
            hate=hate,
            alcohol=rng.random() < _ALCOHOL[setting],
        )


def _recorded(offence: Offence, until: datetime, rng: Random) -> date:
    """The day on which the police record a crime: mostly at once, sexual offences often much later."""
    if offence.sexual and rng.random() < 0.35:
        return until.date() + timedelta(days=rng.randint(7, 500))
    return until.date() + timedelta(days=rng.choices((0, 1, 2, 5, 14), weights=(70, 18, 6, 4, 2))[0])


def _neighbours(population: Population) -> dict[Person, tuple[Person, ...]]:
    """For everyone under 40: a few of like age who live nearby, with whom they would offend together."""
    by_place: dict[tuple[Area, int], list[Person]] = {}
    for person in population.people:
        by_place.setdefault((person.homes[0].spot.area, person.born_on.year // 4), []).append(person)
    young = [person for person in population.people if person.born_on.year >= 1985]
    return {person: tuple(by_place[person.homes[0].spot.area, person.born_on.year // 4][:8]) for person in young}


@cache
def _crimes_by_area() -> list[float]:
    place = causes().places["deprived neighbourhood"]
    weights = (place.crimes if deciles()[area.lsoa_code] in place.deciles else 1.0 for area in load_areas())
    return list(accumulate(weights))
