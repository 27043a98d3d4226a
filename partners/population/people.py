"""A person of the synthetic population, as they truly are."""

from dataclasses import dataclass
from datetime import date

from partners.population.addresses import Home


@dataclass(frozen=True)
class Surname:
    """A surname, and since when it is borne."""

    since: date
    surname: str


@dataclass(frozen=True, eq=False)
class Person:
    """One true person. Two persons are the same only if they are one object.

    ``sex`` is F or M; ``ethnicity`` a 16+1 code; ``risk`` how often, beside others of the same age
    and sex, violence meets this person (1: as often as most); ``traits`` what else the person has that
    ``partners/drivers.yaml`` names. ``surnames`` and ``homes`` are in order of time and never empty.
    """

    person_id: str
    forename: str
    middle_name: str
    surnames: tuple[Surname, ...]
    sex: str
    born_on: date
    culture: str
    ethnicity: str
    homes: tuple[Home, ...]
    household: int
    risk: float
    nhs_number: str
    pnc_id: str
    crn: str
    noms_number: str
    upn: str
    traits: frozenset[str] = frozenset()

    def age_on(self, day: date) -> int:
        """Age in whole years."""
        return day.year - self.born_on.year - ((day.month, day.day) < (self.born_on.month, self.born_on.day))

    def surname_on(self, day: date) -> str:
        """The surname borne on a day."""
        return next((name.surname for name in reversed(self.surnames) if name.since <= day), self.surnames[0].surname)

    def home_on(self, day: date) -> Home:
        """The home on a day."""
        return next((home for home in reversed(self.homes) if home.since <= day), self.homes[0])

    def former_surname(self, day: date) -> str | None:
        """The surname before the one borne on a day, if there was one."""
        past = [name.surname for name in self.surnames if name.since <= day]
        return past[-2] if len(past) > 1 else None

    def former_home(self, day: date) -> Home | None:
        """The home before that of a day, if there was one."""
        past = [home for home in self.homes if home.since <= day]
        return past[-2] if len(past) > 1 else None


@dataclass(frozen=True)
class Couple:
    """Two adults who live or lived together, of whom ``first`` hurts ``second``; ``abuse``: how often."""

    first: Person
    second: Person
    abuse: float


@dataclass(frozen=True)
class Population:
    """Everyone, by household, with the couples among whom there is abuse."""

    people: tuple[Person, ...]
    couples: tuple[Couple, ...]
    households: tuple[tuple[Person, ...], ...]
