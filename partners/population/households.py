"""The whole population: families in homes, with identifiers, former homes and their share of risk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random

from partners.population import identifiers
from partners.population.addresses import Home, Housing
from partners.population.areas import Area
from partners.population.causes import draw_traits
from partners.population.errors import PopulationError
from partners.population.families import Family, Member, family
from partners.population.people import Couple, Person, Population

FEWEST = 50
_ALWAYS = date(1900, 1, 1)
_MOVED = 0.3  # of households, since 2018
_LEAVES_HOME = 0.25  # of grown children, in the years that are lived through
_ABUSIVE = 0.5  # of couples, among people whom services know
_SEPARATED = 0.4  # of abusive couples
_RISKIEST = 4.0  # beside an average near 2: nobody's quarter is to hold fifty crimes


@dataclass
class _Registry:
    """Hands out identifiers, each once."""

    rng: Random
    taken: set[str] = field(default_factory=set)
    serial: Iterator[int] = field(default_factory=lambda: count(1))

    def people(self) -> int:
        """The next number of a person, from 1."""
        return next(self.serial)

    def _fresh(self, made: Iterator[str]) -> str:
        found = next(value for value in made if value not in self.taken)
        self.taken.add(found)
        return found

    def nhs_number(self) -> str:
        return self._fresh(
            number for number in iter(lambda: identifiers.nhs_number(self.rng.randrange(1_000_000)), "") if number
        )

    def pnc_id(self, born: int) -> str:
        year = min(born + 12 + int(self.rng.expovariate(0.15)), 2023) if born < 2011 else 2023
        return self._fresh(iter(lambda: identifiers.pnc_id(year, self.rng.randrange(10_000, 700_000)), ""))

    def crn(self) -> str:
        return self._fresh(iter(lambda: identifiers.crn(self.rng), ""))

    def noms_number(self) -> str:
        return self._fresh(iter(lambda: identifiers.noms_number(self.rng), ""))

    def upn(self, born: int) -> str:
        school = self.rng.randint(2000, 4099)
        return self._fresh(iter(lambda: identifiers.upn(school, born + 5, self.rng.randrange(1000)), ""))


def make_population(people: int, seed: int) -> Population:
    """A population of exactly ``people``, the same for the same seed; raises PopulationError below 50."""
    if people < FEWEST:
        raise PopulationError(
            "The population is too small",
            where=f"people = {people}",
            why=f"a life course needs at least {FEWEST} people around it",
            fix=f"Ask for {FEWEST} or more",
        )
    rng = Random(f"{seed}/population")
    builder = _Builder(rng, Housing(rng), _Registry(rng), Random(f"{seed}/traits"))
    while len(builder.people) < people:
        builder.settle(family(rng), room=people - len(builder.people))
    return Population(tuple(builder.people), tuple(builder.couples), tuple(builder.households))


@dataclass
class _Builder:
    rng: Random
    housing: Housing
    registry: _Registry
    traits: Random
    people: list[Person] = field(default_factory=list)
    couples: list[Couple] = field(default_factory=list)
    households: list[tuple[Person, ...]] = field(default_factory=list)
    area_risk: dict[Area, float] = field(default_factory=dict)

    def settle(self, family: Family, room: int) -> None:
        """Let a family move in; of a family too large for the room left, the first members."""
        homes = self._homes()
        risk = self._area_risk(homes[-1].spot.area) * self.rng.lognormvariate(0, 0.5)
        abusive = [pair for pair in family.couples if max(pair) < room and self.rng.random() < _ABUSIVE]
        left = {first: self._day_between(2024, 2026) for first, _ in abusive if self.rng.random() < _SEPARATED}
        members = tuple(
            self._person(member, self._own_homes(member, homes, left.get(place)), risk)
            for place, member in enumerate(family.members[:room])
        )
        self.people.extend(members)
        self.households.append(members)
        for first, second in abusive:
            self.couples.append(self._couple(members[first], members[second]))

    def _couple(self, first: Person, second: Person) -> Couple:
        he_is_first = first.sex == "M"
        harms_first = self.rng.random() < (0.86 if he_is_first else 0.14)
        pair = (first, second) if harms_first else (second, first)
        age = min(first.age_on(date(2024, 1, 1)), second.age_on(date(2024, 1, 1)))
        return Couple(*pair, abuse=self.rng.gammavariate(1.3, 1.0) * (1.0 if age < 60 else 0.25))

    def _homes(self) -> tuple[Home, ...]:
        if self.rng.random() >= _MOVED:
            return (self.housing.find(_ALWAYS),)
        return self.housing.find(_ALWAYS), self.housing.find(self._day_between(2018, 2026))

    def _own_homes(self, member: Member, homes: tuple[Home, ...], left: date | None) -> tuple[Home, ...]:
        grown = 1998 <= member.born_on.year <= 2007
        if left is None and grown and self.rng.random() < _LEAVES_HOME:
            left = self._day_between(2024, 2026)
        if left is None:
            return homes
        own = self.housing.find(max(left, homes[-1].since + timedelta(days=90)))
        return (*homes, own)

    def _area_risk(self, area: Area) -> float:
        if area not in self.area_risk:
            self.area_risk[area] = self.rng.gammavariate(6, 1 / 6)
        return self.area_risk[area]

    def _day_between(self, first_year: int, last_year: int) -> date:
        first = date(first_year, 1, 1)
        return first + timedelta(days=self.rng.randrange((date(last_year, 9, 30) - first).days))

    def _person(self, member: Member, homes: tuple[Home, ...], household_risk: float) -> Person:
        born = member.born_on.year
        return Person(
            person_id=f"P{self.registry.people():06}",
            forename=member.forename,
            middle_name=member.middle_name,
            surnames=member.surnames,
            sex=member.sex,
            born_on=member.born_on,
            culture=member.culture,
            ethnicity=member.ethnicity,
            homes=homes,
            household=len(self.households),
            risk=min(household_risk * self.rng.lognormvariate(0, 0.5), _RISKIEST),
            nhs_number=self.registry.nhs_number(),
            pnc_id=self.registry.pnc_id(born),
            crn=self.registry.crn(),
            noms_number=self.registry.noms_number(),
            upn=self.registry.upn(born),
            traits=draw_traits(self.traits),
        )
