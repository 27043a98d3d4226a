"""Who lives together: couples, lone parents, three generations, shared houses, and children with twins among them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from partners.population.cultures import CULTURE, CULTURES, Culture, NameCustom, ethnicity_of_child
from partners.population.names import draw_forename, draw_surname, surname_for
from partners.population.people import Surname

CENSUS_YEAR = 2024  # households are as they stood when it began
_BIRTH = date(1900, 1, 1)
_SHARES = tuple(accumulate(culture.share for culture in CULTURES))
_TWINS = 0.03  # of births; real 0.016, raised so that a small population has some
_NAMED_AFTER_FATHER = 0.06  # of eldest sons
_WIFE_TAKES_NAME = 0.75
_UNMARRIED_OR_MIXED = 0.15


@dataclass(frozen=True)
class Member:
    """One person of a household before identifiers and homes are given out."""

    sex: str
    born_on: date
    culture: str
    ethnicity: str
    forename: str
    middle_name: str
    surnames: tuple[Surname, ...]

    @property
    def surname(self) -> str:
        """The surname borne now."""
        return self.surnames[-1].surname


@dataclass
class Family:
    """A household being put together; couples by the places of their members."""

    members: list[Member] = field(default_factory=list)
    couples: list[tuple[int, int]] = field(default_factory=list)

    def add(self, *members: Member) -> None:
        """Let people move in."""
        self.members.extend(members)

    def add_couple(self, first: Member, second: Member) -> None:
        """Let two people move in together."""
        self.couples.append((len(self.members), len(self.members) + 1))
        self.add(first, second)


def draw_culture(rng: Random) -> Culture:
    """One culture, by its share."""
    return rng.choices(CULTURES, cum_weights=_SHARES)[0]


def born_at_age(age: int, rng: Random) -> date:
    """A birthday of somebody of that age when the census year began."""
    return date(CENSUS_YEAR - age - 1, 1, 1) + timedelta(days=rng.randrange(365))


def adult(culture: Culture, sex: str, age: int, rng: Random, surname: str | None = None) -> Member:
    """An adult with a name of their own."""
    born = born_at_age(age, rng)
    name = surname_for(surname or draw_surname(culture.name, rng), culture.name, sex)
    return Member(
        sex, born, culture.name, culture.ethnicity, *_forenames(culture.name, sex, born, rng), (Surname(_BIRTH, name),)
    )


def _forenames(culture: str, sex: str, born: date, rng: Random) -> tuple[str, str]:
    first = draw_forename(culture, sex, born.year, rng)
    middle = draw_forename(culture, sex, born.year, rng) if rng.random() < 0.6 else ""
    return first, "" if middle == first else middle


def couple(culture: Culture, age: int, rng: Random) -> tuple[Member, Member]:
    """Two adults of like age; most of one culture, most married, a wife often under her husband's name."""
    other = draw_culture(rng) if rng.random() < _UNMARRIED_OR_MIXED else culture
    he = adult(culture, "M", age, rng)
    she = adult(other, "F", max(18, age - rng.randint(-2, 5)), rng)
    takes = culture.custom in (NameCustom.FATHERS_SURNAME, NameCustom.GENDERED) and rng.random() < _WIFE_TAKES_NAME
    return he, married(she, he, rng) if takes else she


def married(she: Member, he: Member, rng: Random) -> Member:
    """The wife under her husband's name, since a wedding that may lie in the years that are lived through."""
    wedding = she.born_on + timedelta(days=round(365.25 * rng.uniform(20, 36)))
    wedding = min(wedding, date(2026, 6, 30))
    return replace(she, surnames=(*she.surnames, Surname(wedding, surname_for(he.surname, he.culture, "F"))))


def children(mother: Member, father: Member | None, rng: Random, most: int = 4) -> list[Member]:
    """Children still young enough to live at home, twins among them, the eldest son sometimes of his father's name."""
    found: list[Member] = []
    mother_age = CENSUS_YEAR - mother.born_on.year
    births = rng.choices(range(1, most + 1), weights=(38, 42, 15, 5)[:most])[0]
    for age in sorted(rng.sample(range(27), births), reverse=True):
        if 17 <= mother_age - age <= 44:
            found.extend(_birth(mother, father, age, rng, [child.forename for child in found]))
    return found


def _birth(mother: Member, father: Member | None, age: int, rng: Random, taken: list[str]) -> list[Member]:
    eldest = not taken
    first = child(mother, father, born_at_age(age, rng), rng, taken)
    if father and eldest and first.sex == "M" and rng.random() < _NAMED_AFTER_FATHER:
        first = replace(first, forename=father.forename)
    if rng.random() >= _TWINS:
        return [first]
    return [first, child(mother, father, first.born_on, rng, [*taken, first.forename])]


def child(mother: Member, father: Member | None, born_on: date, rng: Random, taken: list[str]) -> Member:
    """A child with its parents' culture and the surname that culture hands on; no sibling's forename."""
    parent = father or mother
    sex = rng.choice("FM")
    forename, middle = _forenames(parent.culture, sex, born_on, rng)
    while forename in taken:
        forename, middle = _forenames(parent.culture, sex, born_on, rng)
    by_forename = CULTURE[parent.culture].custom is NameCustom.FATHERS_FORENAME and father is not None
    handed = parent.forename if by_forename and rng.random() < 0.6 else parent.surname
    surname = _base_form(handed, parent, sex)
    ethnicity = ethnicity_of_child(mother.ethnicity, parent.ethnicity)
    return Member(sex, born_on, parent.culture, ethnicity, forename, middle, (Surname(_BIRTH, surname),))


def _base_form(surname: str, parent: Member, sex: str) -> str:
    if parent.sex == "F" and sex == "M" and parent.culture == "polish" and surname.endswith("ska"):
        return surname[:-1] + "i"
    if parent.sex == "F" and sex == "M" and surname == "Kaur":
        return "Singh"
    return surname_for(surname, parent.culture, sex)


def _with_children(rng: Random) -> Family:
    culture = draw_culture(rng)
    he, she = couple(culture, rng.randint(26, 54), rng)
    family = Family()
    if rng.random() < 4 * culture.generations_together:
        family.add_couple(*_grandparents(he, culture, rng))
    family.add_couple(he, she)
    family.add(*children(she, he, rng))
    return family


def _grandparents(he: Member, culture: Culture, rng: Random) -> tuple[Member, Member]:
    age = CENSUS_YEAR - he.born_on.year + rng.randint(21, 32)
    grandfather = adult(culture, "M", min(age, 94), rng, surname=he.surname)
    return grandfather, adult(culture, "F", min(age, 94) - rng.randint(0, 6), rng)


def _lone_parent(rng: Random) -> Family:
    culture = draw_culture(rng)
    parent = adult(culture, "F" if rng.random() < 0.88 else "M", rng.randint(22, 52), rng)
    family = Family([parent])
    family.add(*children(parent, None, rng, most=3))
    return family


def _childless(rng: Random) -> Family:
    family = Family()
    family.add_couple(*couple(draw_culture(rng), rng.randint(21, 79), rng))
    return family


def _alone(rng: Random) -> Family:
    return Family([adult(draw_culture(rng), rng.choice("FM"), rng.randint(18, 88), rng)])


def _shared(rng: Random) -> Family:
    return Family(
        [adult(draw_culture(rng), rng.choice("FM"), rng.randint(18, 27), rng) for _ in range(rng.randint(3, 5))]
    )


_KINDS: tuple[tuple[Callable[[Random], Family], float], ...] = (
    (_with_children, 0.40),
    (_lone_parent, 0.20),
    (_childless, 0.18),
    (_alone, 0.14),
    (_shared, 0.08),
)


def family(rng: Random) -> Family:
    """One household of any kind; families with children, whom services know better, are commoner than in the census."""
    kinds, shares = zip(*_KINDS, strict=True)
    chosen: Callable[[Random], Family] = rng.choices(kinds, weights=shares)[0]
    return chosen(rng)
