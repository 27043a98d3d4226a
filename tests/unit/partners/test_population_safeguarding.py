"""Children in need, in care, exploited; anti-social behaviour: what happens to the synthetic borough besides crime."""

from collections import Counter

import polars as pl
import pytest

from hub.periods import Quarter
from partners.population.areas import load_areas
from partners.population.happenings import LifeCourses
from partners.population.households import make_population
from partners.population.life_courses import BEGINNING, live
from partners.population.offences import SLAVERY
from schemas.codes import children, council
from schemas.upn import UPN, rightly_lettered

UNTIL = Quarter(2026, 3)


@pytest.fixture(scope="module")
def lives() -> LifeCourses:
    return live(make_population(2000, 5), 5, UNTIL)


def test_children_are_referred_and_taken_into_care_as_children(lives: LifeCourses) -> None:
    assert len(lives.child_referrals) > 200
    assert len(lives.care_episodes) > 20
    assert all(0 <= one.person.age_on(one.referred_on) < 18 for one in lives.child_referrals)
    assert all(0 <= one.person.age_on(one.began_on) < 18 for one in lives.care_episodes)


def test_a_child_has_one_reference_in_both_returns_and_begins_one_thing_a_day(lives: LifeCourses) -> None:
    both = [*lives.child_referrals, *lives.care_episodes]
    references = {(one.person.person_id, one.child_id) for one in both}
    assert len(references) == len({person for person, _ in references}) == len({name for _, name in references})
    for days in (
        [(one.child_id, one.referred_on) for one in lives.child_referrals],
        [(one.child_id, one.began_on) for one in lives.care_episodes],
    ):
        assert Counter(days).most_common(1)[0][1] == 1


def test_a_child_is_moved_only_while_in_care(lives: LifeCourses) -> None:
    seen: set[str] = set()
    for one in sorted(lives.care_episodes, key=lambda one: (one.began_on, one.number)):
        assert (one.reason == "S") or one.child_id in seen
        seen.add(one.child_id)


def test_only_codes_of_the_lists_are_used(lives: LifeCourses) -> None:
    for one in lives.child_referrals:
        assert one.source in children.REFERRAL_SOURCE
        assert one.need in children.PRIMARY_NEED
        assert set(one.factors) <= set(children.ASSESSMENT_FACTOR)
        assert bool(one.plan_on) == (one.abuse in children.CATEGORY_OF_ABUSE)
        assert bool(one.closed_on) == (one.closure in children.CLOSURE_REASON)
    for one in lives.care_episodes:
        assert one.place in children.PLACEMENT
        assert one.legal_status in children.LEGAL_STATUS
        assert bool(one.ended_on) == (one.outcome in children.EPISODE_END)
    for one in lives.nuisances:
        kind = council.ASB_TYPE[one.kind]
        assert (
            council.ASB_CATEGORY_OF_TYPE.get(kind, council.ASB_CATEGORY[one.category])
            == council.ASB_CATEGORY[one.category]
        )
        assert one.place in council.ASB_PLACE
        assert one.action in council.ASB_ACTION


def test_the_exploited_are_ten_to_seventeen_and_mostly_known_before(lives: LifeCourses) -> None:
    known = {person for crime in lives.crimes for person in (*crime.suspects, *crime.victims)}
    known |= {one.person for one in lives.exclusions}
    referred = lives.exploitation_referrals
    assert all(10 <= one.person.age_on(one.referred_on) < 18 for one in referred)
    assert sum(one.person in known for one in referred) / len(referred) > 0.5
    assert all(one.county_lines for one in referred if one.kind == "CL")


def test_a_potential_victim_was_exploited_before(lives: LifeCourses) -> None:
    exploited = {one.person for one in lives.exploitation_referrals}
    enslaved = {person for crime in lives.crimes if crime.offence is SLAVERY for person in crime.victims}
    assert lives.nrm_referrals
    for one in lives.nrm_referrals:
        assert one.person in (exploited if one.kind != "LABOUR" else exploited | enslaved)
        assert one.as_child == (one.person.age_on(one.referred_on) < 18)
        assert one.conclusive == "PENDING" or one.reasonable == "POSITIVE"


def test_nuisances_happen_in_the_borough_and_are_reported_afterwards(lives: LifeCourses) -> None:
    assert {one.spot.area.ward_code for one in lives.nuisances} == {area.ward_code for area in load_areas()}
    assert all(one.reported_at > one.at for one in lives.nuisances)
    assert len({one.reference for one in lives.nuisances}) == len(lives.nuisances)
    assert BEGINNING.starts_on <= min(one.at for one in lives.nuisances).date()


def test_every_pupils_number_is_rightly_lettered(lives: LifeCourses) -> None:
    upns = pl.DataFrame({"upn": sorted({one.person.upn for one in lives.child_referrals if one.person.upn})})
    assert upns["upn"].str.contains(UPN).all()
    assert upns.select(rightly_lettered(pl.col("upn"))).to_series().all()
