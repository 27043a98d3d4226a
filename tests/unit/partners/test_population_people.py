"""The people of the synthetic borough: homes, families, names and identifiers."""

from collections import Counter
from datetime import date
from itertools import combinations

import pytest

from partners.population.areas import load_areas, spot_in
from partners.population.cultures import CULTURES
from partners.population.errors import PopulationError
from partners.population.households import make_population
from partners.population.identifiers import PNC_LETTERS, UPN_LETTERS, nhs_check_digit, nhs_number, pnc_id, upn
from partners.population.names import draw_surname, nicknames, surname_for, variants
from partners.population.people import Population

NOW = date(2026, 9, 30)


@pytest.fixture(scope="module")
def population() -> Population:
    return make_population(3000, seed=4)


def test_there_are_as_many_people_as_asked_for(population: Population) -> None:
    assert len(population.people) == 3000
    assert sum(len(household) for household in population.households) == 3000


def test_too_small_a_population_is_refused() -> None:
    with pytest.raises(PopulationError, match="50 or more"):
        make_population(10, seed=1)


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    def names(seed: int) -> list[tuple[str, str, date, str]]:
        return [(p.forename, p.surname_on(NOW), p.born_on, p.nhs_number) for p in make_population(300, seed).people]

    assert names(1) == names(1)
    assert names(1) != names(2)


def test_the_ninety_nine_areas_lie_in_nineteen_wards() -> None:
    areas = load_areas()
    assert len(areas) == 99
    assert len({area.ward_code for area in areas}) == 19
    assert all(area.district.startswith("KT") for area in areas)


def test_people_live_in_nearly_every_area(population: Population) -> None:
    lived_in = {person.home_on(NOW).spot.area for person in population.people}
    assert len(lived_in) >= 95


def test_a_place_made_in_an_area_is_nearest_to_that_areas_point() -> None:
    from random import Random

    rng = Random(1)
    areas = load_areas()
    for area in areas:
        for _ in range(20):
            spot = spot_in(area, rng)
            nearest = min(areas, key=lambda a: (a.easting_m - spot.easting) ** 2 + (a.northing_m - spot.northing) ** 2)
            assert nearest is area


def test_a_postcode_belongs_to_one_area(population: Population) -> None:
    area_of = {(home.postcode, home.spot.area) for person in population.people for home in person.homes}
    assert len({postcode for postcode, _ in area_of}) == len(area_of)


def test_people_of_one_uprn_are_of_one_household(population: Population) -> None:
    households = {(person.homes[0].uprn, person.household) for person in population.people}
    assert len({uprn for uprn, _ in households}) == len(households)


def test_identifiers_are_each_persons_own(population: Population) -> None:
    for field in ("person_id", "nhs_number", "pnc_id", "crn", "noms_number", "upn"):
        assert len({getattr(person, field) for person in population.people}) == 3000


def test_nhs_numbers_are_of_the_range_never_issued_and_have_their_check_digit(population: Population) -> None:
    for person in population.people:
        assert len(person.nhs_number) == 10
        assert person.nhs_number.startswith("999")
        assert nhs_check_digit(person.nhs_number[:9]) == int(person.nhs_number[9])


def test_check_digits_agree_with_published_examples() -> None:
    assert nhs_check_digit("943476591") == 9  # the data dictionary's own example, 943 476 5919
    assert nhs_number(0) is None  # its check digit would be 10, which is never issued
    assert nhs_number(1) is not None


def test_pnc_letters_follow_the_remainder_by_23() -> None:
    assert pnc_id(2003, 12_345)[-1] == PNC_LETTERS[(3 * 10_000_000 + 12_345) % 23]
    assert pnc_id(1999, 1) == "1999/0000001" + PNC_LETTERS[990_000_001 % 23]
    assert set("IOS").isdisjoint(PNC_LETTERS)


def test_a_pupil_number_has_the_councils_number_and_a_check_letter() -> None:
    number = upn(2001, 2015, 7)
    assert number[1:] == "314200115007"
    total = sum(int(digit) * weight for digit, weight in zip(number[1:], range(2, 14), strict=True))
    assert number[0] == UPN_LETTERS[total % 23]


def test_there_are_twins_and_no_two_siblings_bear_one_forename(population: Population) -> None:
    twins = 0
    for household in population.households:
        for one, other in combinations(household, 2):
            if one.born_on == other.born_on and one.surname_on(one.born_on) == other.surname_on(one.born_on):
                twins += 1
                assert one.forename != other.forename
    assert twins >= 5


def test_some_sons_bear_their_fathers_whole_name(population: Population) -> None:
    found = 0
    for household in population.households:
        for one, other in combinations(household, 2):
            same_name = (one.forename, one.surname_on(NOW)) == (other.forename, other.surname_on(NOW))
            found += same_name and abs(one.born_on.year - other.born_on.year) > 15
    assert found >= 3


def test_every_culture_has_people_and_the_white_british_are_most(population: Population) -> None:
    counts = Counter(person.culture for person in population.people)
    assert set(counts) == {culture.name for culture in CULTURES}
    assert 0.35 < counts["british"] / 3000 < 0.55
    assert counts["korean"] / 3000 > 0.03


def test_names_are_skewed_as_real_ones_are(population: Population) -> None:
    surnames = Counter(person.surname_on(NOW) for person in population.people if person.culture == "british")
    [(_, commonest), *_] = surnames.most_common(1)
    assert commonest >= 3 * surnames.most_common(100)[-1][1]


def test_some_have_married_and_some_have_moved(population: Population) -> None:
    assert sum(person.former_surname(NOW) is not None for person in population.people) > 100
    moved = [person for person in population.people if person.former_home(NOW)]
    assert 0.2 < len(moved) / 3000 < 0.6
    person = moved[0]
    before = person.homes[-1].since.replace(year=person.homes[-1].since.year - 1)
    assert person.home_on(before) is not person.home_on(NOW)


def test_surnames_take_the_form_that_a_womans_has() -> None:
    assert surname_for("Kowalski", "polish", "F") == "Kowalska"
    assert surname_for("Kowalski", "polish", "M") == "Kowalski"
    assert surname_for("Singh", "indian", "F") == "Kaur"
    assert surname_for("Smith", "british", "F") == "Smith"


def test_spellings_and_short_forms_are_known_both_ways() -> None:
    assert "Mohamed" in variants("forename")["Muhammad"]
    assert "Muhammad" in variants("forename")["Mohamed"]
    assert "Gim" in variants("surname")["Kim"]
    assert "Liz" in nicknames()["Elizabeth"]


def test_every_culture_can_give_a_surname() -> None:
    from random import Random

    assert all(draw_surname(culture.name, Random(1)) for culture in CULTURES)
