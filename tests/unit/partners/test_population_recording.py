"""How authorities record people: errors at the rates that are configured, and the same each time."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import pytest

from hub.errors import ConfigurationError
from partners.population import misspelling
from partners.population.households import make_population
from partners.population.people import Person
from partners.population.rates import RATES, dirt_rates, recording_rates
from partners.population.recording import Recorded, Recorder

TODAY = date(2026, 8, 1)
FEED = "council.marac"


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Person, Recorded]]:
    desk = Recorder(FEED, seed=1)
    return [
        (person, desk.record(person, TODAY, str(place))) for place, person in enumerate(make_population(5000, 3).people)
    ]


def share(
    pairs: list[tuple[Person, Recorded]],
    met: Callable[[Person, Recorded], bool],
    able: Callable[[Person], bool] = lambda _: True,
) -> float:
    found = [met(person, recorded) for person, recorded in pairs if able(person)]
    return sum(found) / len(found)


def test_most_records_are_right_in_date_and_postcode(pairs: list[tuple[Person, Recorded]]) -> None:
    assert share(pairs, lambda person, recorded: recorded.born_on == person.born_on) > 0.92
    right = share(pairs, lambda p, r: r.postcode.replace(" ", "").upper() == p.home_on(TODAY).postcode.replace(" ", ""))
    assert 0.85 < right < 0.97


@pytest.mark.parametrize(
    ("rate", "met", "able"),
    [
        ("birth_missing", lambda p, r: r.born_on is None, lambda p: True),
        ("ethnicity_missing", lambda p, r: r.ethnicity == "NS", lambda p: True),
        ("uprn_missing", lambda p, r: r.uprn == "", lambda p: True),
        ("former_home", lambda p, r: r.address != p.home_on(TODAY).line, lambda p: p.former_home(TODAY) is not None),
        ("postcode_missing", lambda p, r: r.postcode == "", lambda p: True),
        ("nhs_missing", lambda p, r: r.nhs_number == "", lambda p: True),
    ],
)
def test_errors_come_about_as_often_as_configured(
    pairs: list[tuple[Person, Recorded]],
    rate: str,
    met: Callable[[Person, Recorded], bool],
    able: Callable[[Person], bool],
) -> None:
    expected = getattr(recording_rates(FEED), rate)
    count = sum(able(person) for person, _ in pairs)
    assert share(pairs, met, able) == pytest.approx(expected, abs=4 * (expected * (1 - expected) / count) ** 0.5)


def test_a_held_record_is_taken_over_with_its_errors(pairs: list[tuple[Person, Recorded]]) -> None:
    desk = Recorder("council.exclusions", seed=1)  # takes over nearly every record
    people = [person for person, _ in pairs[:500]]
    same = [desk.record(person, TODAY, "one") == desk.record(person, TODAY, "two") for person in people]
    assert sum(same) / len(same) > 0.9


def test_a_record_is_the_same_each_time(pairs: list[tuple[Person, Recorded]]) -> None:
    desk = Recorder(FEED, seed=1)
    assert all(desk.record(person, TODAY, str(place)) == made for place, (person, made) in enumerate(pairs[:200]))


def test_married_women_are_sometimes_found_under_their_former_name(pairs: list[tuple[Person, Recorded]]) -> None:
    def former(person: Person, recorded: Recorded) -> bool:
        return recorded.surname.strip().casefold() == (person.former_surname(TODAY) or "-").casefold()

    assert 0.1 < share(pairs, former, lambda person: person.former_surname(TODAY) is not None) < 0.4


@pytest.mark.parametrize("name", ["Katherine", "Kowalczyk", "Park", "Okonkwo"])
def test_a_slip_of_the_fingers_changes_a_name_by_a_letter_or_two(name: str) -> None:
    for seed in range(50):
        slipped = misspelling.typo(name, Random(seed))
        assert slipped[0] == name[0]
        assert abs(len(slipped) - len(name)) <= 1


def test_misspellings_are_what_they_say() -> None:
    assert misspelling.without_accents("Łukasz Gołębiowski") == "Lukasz Golebiowski"
    assert misspelling.swapped_day(date(2001, 4, 9)) == date(2001, 9, 4)
    assert misspelling.swapped_day(date(2001, 4, 19)) == date(2001, 4, 19)
    assert misspelling.other_hyphen("Smith-Jones", Random(1)) in ("SmithJones", "Smith Jones")
    assert misspelling.misheard("Stephen", Random(1)) != "Stephen"


def test_a_wrong_digit_leaves_the_rest_and_makes_the_nhs_number_invalid() -> None:
    wrong = misspelling.other_digit("9434765919", Random(3))
    assert sum(a != b for a, b in zip(wrong, "9434765919", strict=True)) == 1


def test_a_misspelt_rate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rates.yaml"
    path.write_text(
        RATES.read_text(encoding="utf-8").replace("forename_typo: 0.018", "forename_typo: 18"), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="forename_typo"):
        recording_rates(FEED, path)


def test_tables_with_typed_columns_get_no_rows_that_cannot_be_loaded() -> None:
    for feed in ("council.exclusions", "council.marac"):
        rates = dirt_rates(feed)
        assert rates.missing_key == rates.repeated_row == rates.impossible_date == rates.float_for_integer == 0
