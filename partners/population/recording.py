"""How an authority records a person: what it asks for, and what it gets wrong.

1. An authority that holds a record of the person mostly takes it over, errors included.
2. Otherwise it keys the person anew, with the errors of ``rates.yaml``, each by chance.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from partners.population import misspelling
from partners.population.addresses import Home
from partners.population.cultures import CULTURE
from partners.population.names import nicknames, variants
from partners.population.people import Person
from partners.population.rates import RecordingRates, recording_rates

_DEFAULT_BIRTH = date(1900, 1, 1)
_BIRTHDAYS_SELDOM_WRITTEN = ("somali", "afghan")


@dataclass(frozen=True)
class Recorded:
    """A person as an authority has them. Blank texts are missing; sex is F, M or U; ethnicity 16+1."""

    forename: str
    middle_name: str
    surname: str
    born_on: date | None
    sex: str
    ethnicity: str
    address: str
    postcode: str
    uprn: str
    nhs_number: str
    pnc_id: str


@dataclass(frozen=True)
class Recorder:
    """One authority's desk for one feed."""

    feed: str
    seed: int

    def record(self, person: Person, on: date, reference: str) -> Recorded:
        """The record of a person made on a day for the row of this reference; the same each time."""
        rates = recording_rates(self.feed)
        own = Random(f"{self.seed}/{self.feed}/{reference}/{person.person_id}")
        held = Random(f"{self.seed}/{self.feed}/{person.person_id}")
        return _key(person, on, rates, held if own.random() < rates.reuse else own)  # (1) (2)


def _key(person: Person, on: date, rates: RecordingRates, rng: Random) -> Recorded:
    forename, surname = _names(person, on, rates, rng)
    born_on = _birth(person, rates, rng)
    home = _home(person, on, rates, rng)
    return Recorded(
        forename=forename,
        middle_name=person.middle_name,
        surname=surname,
        born_on=born_on,
        sex=_sex(person, rates, rng),
        ethnicity="NS" if rng.random() < rates.ethnicity_missing else person.ethnicity,
        address=home.line,
        postcode=_postcode(home, rates, rng),
        uprn=_number(home.uprn, rates.uprn_missing, rates.uprn_typo, rng),
        nhs_number=_number(person.nhs_number, rates.nhs_missing, rates.nhs_typo, rng),
        pnc_id=_number(person.pnc_id, rates.pnc_missing, rates.pnc_typo, rng),
    )


def _names(person: Person, on: date, rates: RecordingRates, rng: Random) -> tuple[str, str]:
    forename = _written(_forename(person, rates, rng), rates, rng)
    surname = _written(_surname(person, on, rates, rng), rates, rng)
    swapped = rates.names_swapped if CULTURE[person.culture].surname_last else rates.names_swapped_eastern
    if rng.random() < rates.case_changed:
        forename, surname = (
            (forename.upper(), surname.upper()) if rng.random() < 0.8 else (forename.lower(), surname.lower())
        )
    return (surname, forename) if rng.random() < swapped else (forename, surname)


def _forename(person: Person, rates: RecordingRates, rng: Random) -> str:
    name = person.forename
    short, other = nicknames().get(name), variants("forename").get(name)
    if rng.random() < rates.forename_missing:
        return ""
    if rng.random() < rates.initial_only:
        return name[0]
    if short and rng.random() < rates.nickname:
        return rng.choice(short)
    if other and rng.random() < rates.forename_variant:
        return rng.choice(other)
    if person.middle_name and rng.random() < rates.middle_name_added:
        return f"{name} {person.middle_name}"
    return _misspelt(name, rates.forename_typo, rates.forename_phonetic, rng)


def _surname(person: Person, on: date, rates: RecordingRates, rng: Random) -> str:
    name, former = person.surname_on(on), person.former_surname(on)
    if rng.random() < rates.surname_missing:
        return ""
    if former and rng.random() < rates.former_surname:
        name = former
    halves = [half for half in name.replace("-", " ").split() if len(half) > 3]
    if len(halves) > 1 and rng.random() < rates.half_surname:
        name = rng.choice(halves)
    other = variants("surname").get(name)
    if other and rng.random() < rates.surname_variant:
        return rng.choice(other)
    return _misspelt(name, rates.surname_typo, rates.surname_phonetic, rng)


def _misspelt(name: str, slip: float, sound: float, rng: Random) -> str:
    if rng.random() < slip:
        return misspelling.typo(name, rng)
    return misspelling.misheard(name, rng) if rng.random() < sound else name


def _written(name: str, rates: RecordingRates, rng: Random) -> str:
    if not name.isascii() and rng.random() < rates.accents_lost:
        name = misspelling.without_accents(name)
    if ("-" in name or "'" in name) and rng.random() < rates.hyphen_changed:
        name = misspelling.other_hyphen(name, rng)
    return misspelling.with_blanks(name, rng) if name and rng.random() < rates.blanks_added else name


def _birth(person: Person, rates: RecordingRates, rng: Random) -> date | None:
    born = person.born_on
    if rng.random() < rates.birth_missing:
        return None
    if rng.random() < rates.birth_default:
        return _DEFAULT_BIRTH
    if person.culture in _BIRTHDAYS_SELDOM_WRITTEN and rng.random() < rates.birth_first_january:
        return date(born.year, 1, 1)
    if rng.random() < rates.birth_swapped:
        return misspelling.swapped_day(born)
    return misspelling.other_date(born, rng) if rng.random() < rates.birth_digit else born


def _sex(person: Person, rates: RecordingRates, rng: Random) -> str:
    if rng.random() < rates.sex_unknown:
        return "U"
    return {"F": "M", "M": "F"}[person.sex] if rng.random() < rates.sex_wrong else person.sex


def _home(person: Person, on: date, rates: RecordingRates, rng: Random) -> Home:
    former = person.former_home(on)
    return former if former and rng.random() < rates.former_home else person.home_on(on)


def _postcode(home: Home, rates: RecordingRates, rng: Random) -> str:
    if rng.random() < rates.postcode_missing:
        return ""
    postcode = misspelling.other_postcode(home.postcode, rng) if rng.random() < rates.postcode_typo else home.postcode
    if rng.random() < rates.postcode_form:
        return rng.choice((postcode.replace(" ", ""), postcode.lower()))
    return postcode


def _number(number: str, missing: float, slip: float, rng: Random) -> str:
    if rng.random() < missing:
        return ""
    return misspelling.other_digit(number, rng) if rng.random() < slip else number
