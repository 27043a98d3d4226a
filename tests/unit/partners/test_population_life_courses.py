"""Lives that make sense together: what comes before what, and where and when."""

from collections import Counter
from datetime import timedelta

import pytest

from hub.periods import Quarter
from partners.population.areas import TOWN_CENTRE_WARD
from partners.population.happenings import LifeCourses
from partners.population.households import make_population
from partners.population.life_courses import live
from partners.population.offences import DOMESTIC, PATTERNS, Setting
from partners.population.pools import Standing

LAST = Quarter(2025, 2)


@pytest.fixture(scope="module")
def lives() -> LifeCourses:
    return live(make_population(3000, seed=4), 4, LAST)


def test_a_crime_is_recorded_after_it_was_committed(lives: LifeCourses) -> None:
    for crime in lives.crimes:
        assert crime.committed_from <= crime.committed_to
        assert crime.recorded_on is None or crime.recorded_on >= crime.committed_to.date()


def test_no_one_is_victim_and_suspect_of_one_crime(lives: LifeCourses) -> None:
    assert not any(set(crime.victims) & set(crime.suspects) for crime in lives.crimes)


def test_suspects_are_old_enough_to_be_responsible(lives: LifeCourses) -> None:
    youngest = min(
        person.age_on(crime.committed_from.date())
        for crime in lives.crimes
        for person in crime.suspects
        if not crime.gang and len(crime.suspects) == 1
    )
    assert youngest >= 10


def test_many_suspects_are_victims_at_other_times(lives: LifeCourses) -> None:
    suspects = {person for crime in lives.crimes for person in crime.suspects}
    victims = {person for crime in lives.crimes for person in crime.victims}
    assert len(suspects & victims) / len(suspects) > 0.3


def test_domestic_abuse_is_repeated_and_happens_at_home(lives: LifeCourses) -> None:
    domestic = [crime for crime in lives.crimes if crime.domestic]
    assert all(crime.setting is Setting.HOME for crime in domestic)
    times = Counter(crime.victims[0] for crime in domestic)
    assert sum(count > 1 for count in times.values()) / len(times) > 0.4


def test_a_marac_victim_was_a_victim_of_domestic_abuse_before(lives: LifeCourses) -> None:
    first = {}
    for crime in lives.crimes:
        for person in crime.victims if crime.domestic else ():
            first.setdefault(person, crime.committed_from.date())
    assert lives.marac_referrals
    assert all(first[one.person] < one.meeting_on for one in lives.marac_referrals)
    assert 0.2 < sum(one.repeat for one in lives.marac_referrals) / len(lives.marac_referrals) < 0.8


def test_a_patient_arrives_after_the_assault_within_two_days(lives: LifeCourses) -> None:
    for one in lives.attendances:
        assert timedelta(0) < one.arrived_at - one.crime.committed_to < timedelta(days=2)
        assert one.person in one.crime.victims + one.crime.suspects


def test_some_of_those_hurt_never_told_the_police(lives: LifeCourses) -> None:
    unknown = sum(one.crime.recorded_on is None for one in lives.attendances)
    assert 0.2 < unknown / len(lives.attendances) < 0.55


def test_most_children_who_offend_were_excluded_before(lives: LifeCourses) -> None:
    first = {}
    for one in lives.exclusions:
        first[one.person] = min(first.get(one.person, one.starts_on), one.starts_on)
    cases = [case for case in lives.youth_cases if case.disposed_on >= Quarter(2024, 1).starts_on]
    before = sum(first.get(case.person, LAST.ends_on) < case.crime.committed_from.date() for case in cases)
    assert before / len(cases) > 0.7


def test_an_excluded_child_is_likelier_to_offend_but_an_older_adult_is_not() -> None:
    day = LAST.starts_on
    child = next(person for person in make_population(200, 4).people if person.age_on(day) == 14)
    excluded, never = Standing(excluded={child: day}), Standing()
    assert excluded.offending(child, 14, day) > 2.5 * never.offending(child, 14, day)
    assert excluded.offending(child, 30, day) == never.offending(child, 30, day)


def test_exclusions_are_of_school_age_and_on_school_days(lives: LifeCourses) -> None:
    for one in lives.exclusions:
        assert 4 <= one.person.age_on(one.starts_on) <= 17
        assert one.starts_on.weekday() < 5
        assert one.starts_on.month != 8


def test_a_youth_case_follows_an_offence_by_that_child(lives: LifeCourses) -> None:
    for case in lives.youth_cases:
        assert case.person in case.crime.suspects
        assert 10 <= case.person.age_on(case.crime.committed_from.date()) < 18
        assert case.crime.committed_to.date() < case.disposed_on < case.closes_on


def test_only_adults_are_supervised_and_some_were_youth_cases(lives: LifeCourses) -> None:
    assert all(one.person.age_on(one.starts_on) >= 18 for one in lives.supervisions)
    children = {case.person for case in lives.youth_cases}
    assert any(one.person in children for one in lives.supervisions)


def test_a_child_is_referred_on_or_after_the_day_of_the_fire(lives: LifeCourses) -> None:
    assert all(one.fire_on is None or one.fire_on <= one.referred_on for one in lives.fire_referrals)
    assert all(4 <= one.person.age_on(one.referred_on) <= 18 for one in lives.fire_referrals)


def test_the_night_time_economy_is_in_the_town_centre_at_weekend_nights(lives: LifeCourses) -> None:
    at_night = [crime for crime in lives.crimes if crime.setting is Setting.NIGHT]
    in_town = sum(crime.spot.area.ward_name == TOWN_CENTRE_WARD for crime in at_night)
    assert in_town / len(at_night) > 0.7
    hours = [crime.committed_from.hour for crime in at_night]
    assert all(hour >= 19 or hour <= 4 for hour in hours)
    weekend = sum((crime.committed_from - timedelta(hours=5)).weekday() in (4, 5) for crime in at_night)
    assert weekend / len(at_night) > 0.5


def test_a_quarter_is_the_same_whatever_comes_after_it() -> None:
    def first_quarter(until: Quarter) -> list[str]:
        made = live(make_population(200, seed=9), 9, until)
        return [f"{c.reference} {c.committed_from} {c.spot}" for c in made.crimes if c.committed_from.year == 2023]

    assert first_quarter(Quarter(2023, 4)) == first_quarter(Quarter(2024, 2))


def test_offence_codes_are_written_as_in_statistics() -> None:
    offences = [pattern.offence for pattern in PATTERNS] + [offence for offence, _ in DOMESTIC]
    assert all(len(one.code) == 6 and one.code.replace("/", "").isdigit() for one in offences)
