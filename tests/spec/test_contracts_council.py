# ruff: noqa: E501 - tables are drawn as wide as they are
"""What the council sends of anti-social behaviour, children and exploited people, and what the hub makes of it."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from drawn import QUARTER, check

from hub.feeds import Form
from schemas.council_census import CENSUS
from schemas.council_children import CHILDREN_IN_NEED, LOOKED_AFTER
from schemas.council_exploitation import EXPLOITATION, NRM_REFERRALS
from schemas.council_streets import ANTISOCIAL_BEHAVIOUR
from schemas.drift import agreed_columns, drift_of
from schemas.errors import ContractError, FormatError
from schemas.formats import ROW_NUMBER, frames, parse
from schemas.validation import validate

INCIDENT = {
    "incident_reference": "ASB/0000",
    "incident_at": "2026-08-14T22:15:00",
    "reported_at": "2026-08-15T09:00:00",
    "category": "NUISANCE",
    "incident_type": "ROWDY",
    "location_type": "RIVERSIDE",
    "young_people": "true",
    "alcohol": "true",
    "drugs": "false",
    "weapon_seen": "false",
    "action_taken": "ADVICE",
    "easting": "517900",
    "northing": "169300",
    "ward_code": "E05013937",
    "period": "2026-Q3",
}
CHILD = {
    "EpisodeID": "80001",
    "LAchildID": "K004000",
    "UPN": "",
    "Forename": "Ada",
    "Surname": "Example",
    "PersonBirthDate": "2012-03-17",
    "GenderCurrent": "2",
    "Ethnicity": "WBRI",
    "Postcode": "KT1 1EU",
    "CINreferralDate": "2026-07-10",
    "ReferralSource": "6",
    "PrimaryNeedCode": "N1",
    "AssessmentFactors": "3B 17A",
    "period": "2026-Q3",
}
EPISODE = {
    "EPISODE": "60001",
    "CHILD": "K004000",
    "FORENAME": "Ada",
    "SURNAME": "Example",
    "DOB": "2012-03-17",
    "SEX": "2",
    "ETHNIC": "WBRI",
    "DECOM": "2026-07-10",
    "RNE": "S",
    "LS": "V2",
    "CIN": "N1",
    "PLACE": "U6",
    "period": "2026-Q3",
}
EXPLOITED = {
    "referral_id": "EXP00000",
    "referral_date": "2026-07-10",
    "referrer": "School",
    "exploitation_type": "CCE",
    "county_lines": "false",
    "gang_associated": "true",
    "missing_episodes": "2",
    "risk_level": "High",
    "panel_date": "2026-07-24",
    "panel_outcome": "SAFETY",
    "child_forename": "Ada",
    "child_surname": "Example",
    "child_date_of_birth": "2011-03-17",
    "child_gender": "F",
    "child_ethnicity": "WBRI",
    "period": "2026-Q3",
}
SLAVERY = {
    "nrm_reference": "NRM00000",
    "referral_date": "2026-07-10",
    "first_responder": "LA",
    "exploitation_type": "CRIMINAL",
    "exploited_as": "CHILD",
    "county_lines": "true",
    "reasonable_grounds": "POSITIVE",
    "reasonable_grounds_date": "2026-07-20",
    "conclusive_grounds": "PENDING",
    "forename": "Ada",
    "surname": "Example",
    "gender": "F",
    "ethnicity": "W1",
    "period": "2026-Q3",
}


def test_an_incident_is_of_the_quarter_in_which_it_happened_in_london() -> None:
    check(
        ANTISOCIAL_BEHAVIOUR,
        INCIDENT,
        """
        incident_at         | reported_at         => verdict                      | occurred_at               | occurred_on
        2026-08-14T22:15:00 | 2026-08-15T09:00:00 => taken                        | 2026-08-14 21:15:00+00:00 | 2026-08-14
        2026-07-01T00:10:00 | 2026-07-01T00:10:00 => taken                        | 2026-06-30 23:10:00+00:00 | 2026-07-01
        2026-06-30T23:59:00 | 2026-07-01T09:00:00 => outside_period: incident_at  |                           |
        2026-08-14T22:15:00 | 2026-08-14T22:00:00 => inconsistent: reported_at    |                           |
        2026-08-14T22:15:00 |                     => taken                        | 2026-08-14 21:15:00+00:00 | 2026-08-14
        14/08/2026 22:15    | 2026-08-15T09:00:00 => wrong_type: incident_at      |                           |
        """,
    )


def test_an_incidents_type_stands_under_its_category() -> None:
    check(
        ANTISOCIAL_BEHAVIOUR,
        INCIDENT,
        """
        category      | incident_type | action_taken => verdict                     | asb_category  | asb_type      | asb_action
        NUISANCE      | NOISE         | CPN          => taken                       | nuisance      | noise         | community protection notice
        PERSONAL      | NEIGHBOUR     | MEDIATION    => taken                       | personal      | neighbour dispute | mediation
        ENVIRONMENTAL | FLY_TIPPING   |              => taken                       | environmental | fly-tipping   |
        NUISANCE      | FLY_TIPPING   | NONE         => inconsistent: incident_type |               |               |
        PERSONAL      |               | NONE         => taken                       | personal      |               | none
        OTHER         | NOISE         | ASBO         => unknown_code: category, unknown_code: action_taken | | |
        """,
    )


def test_a_place_is_found_by_its_coordinates_and_a_ward_of_either_vintage_is_known() -> None:
    check(
        ANTISOCIAL_BEHAVIOUR,
        INCIDENT,
        """
        easting | northing | ward_code => verdict                | ward_code | ward_given
        517900  | 169300   | E05013937 => taken                  | E05013938 | E05013937
        517900  | 169300   | E05000407 => taken                  | E05013938 | E05000407
                |          | E05000407 => taken                  |           | E05000407
                |          | E05000408 => taken                  | E05013938 | E05000408
                |          | E05013937 => taken                  | E05013937 | E05013937
        517900  |          | E05013937 => inconsistent: northing |           |
        517900  | 169300   | E05000199 => wrong_form: ward_code  |           |
        530000  | 180000   |           => taken                  |           |
        """,
    )


def test_a_child_in_need_is_told_in_the_terms_of_the_census() -> None:
    check(
        CHILDREN_IN_NEED,
        CHILD,
        """
        GenderCurrent | Ethnicity | ReferralSource | PrimaryNeedCode => verdict                       | sex     | ethnic_group | referral_source      | primary_need
        2             | MWBC      | 6              | N1              => taken                         | female  | mixed        | police               | abuse or neglect
        M             | NOBT      | 3E             | N6              => taken                         | male    | unknown      | emergency department | socially unacceptable behaviour
        0             | REFU      | 10             |                 => taken                         | unknown | unknown      | unknown              | not stated
        3             | WBRI      | 6              | N1              => unknown_code: GenderCurrent   |         |              |                      |
        2             | WBRI      | 11             | N10             => unknown_code: ReferralSource, unknown_code: PrimaryNeedCode | | | |
        2             | WBRI      |                | N1              => missing: ReferralSource       |         |              |                      |
        """,
    )


def test_of_what_an_assessment_found_those_factors_are_kept_that_bear_on_violence() -> None:
    check(
        CHILDREN_IN_NEED,
        CHILD,
        """
        AssessmentFactors => verdict                         | factor_domestic_violence | factor_exploitation | factor_gangs | factor_harm_by_child
        3B 17A            => taken                           | True                     | False               | False        | False
        24A               => taken                           | False                    | True                | False        | False
        13A 11A 18B       => taken                           | False                    | True                | True         | True
        21                => taken                           | False                    | False               | False        | False
                          => taken                           |                          |                     |              |
        21 3B             => inconsistent: AssessmentFactors |                          |                     |              |
        3B,17A            => unknown_code: AssessmentFactors |                          |                     |              |
        3D                => unknown_code: AssessmentFactors |                          |                     |              |
        3                 => unknown_code: AssessmentFactors |                          |                     |              |
        """,
    )


def test_a_pupils_number_has_its_check_letter() -> None:
    check(
        CHILDREN_IN_NEED,
        CHILD,
        """
        UPN           => verdict
                      => taken
        D314200115003 => taken
        K314200115003 => wrong_form: UPN
        D314200115030 => wrong_form: UPN
        D31420011500A => wrong_form: UPN
        A31420011500B => taken
        I314200115003 => wrong_form: UPN
        D3142001      => wrong_form: UPN
        """,
    )


def test_a_case_is_closed_for_a_reason_and_a_plan_has_a_category() -> None:
    check(
        CHILDREN_IN_NEED,
        CHILD,
        """
        CINclosureDate | ReasonForClosure | CPPstartDate | InitialCategoryOfAbuse => verdict                        | child_protection_plan
        2026-08-01     | RC8              |              |                        => taken                          | False
                       |                  | 2026-08-01   | NEG                    => taken                          | True
        2026-07-09     | RC8              |              |                        => inconsistent: CINclosureDate   |
        2026-08-01     |                  |              |                        => inconsistent: ReasonForClosure |
                       |                  | 2026-08-01   |                        => inconsistent: InitialCategoryOfAbuse |
                       |                  |              | PHY                    => inconsistent: InitialCategoryOfAbuse |
        2027-03-01     | RC7              |              |                        => taken                          | False
        """,
    )


def test_an_episode_of_care_is_told_in_the_terms_of_ssda903() -> None:
    check(
        LOOKED_AFTER,
        EPISODE,
        """
        DECOM      | RNE | PLACE | DEC        | REC => verdict               | placement       | primary_need
        2026-07-10 | S   | U6    |            |     => taken                 | foster care     | abuse or neglect
        2026-07-10 | P   | K2    | 2026-08-01 | X1  => taken                 | children's home | abuse or neglect
        2026-07-10 | P   | K2    | 2026-07-09 | X1  => inconsistent: DEC     |                 |
        2026-07-10 | P   | K2    | 2026-08-01 |     => inconsistent: REC     |                 |
        2026-07-10 | X   | Q1    |            |     => unknown_code: RNE, unknown_code: PLACE | |
        2026-06-30 | S   | U6    |            |     => outside_period: DECOM |                 |
        """,
    )


def test_a_child_may_have_many_episodes_but_begins_one_a_day() -> None:
    check(
        LOOKED_AFTER,
        EPISODE,
        """
        CHILD   | DECOM      | PLACE => verdict                 | placement
        K004001 | 2026-07-10 | U6    => repeated: CHILD + DECOM |
        K004001 | 2026-07-24 | K2    => taken                   | children's home
        K004001 | 2026-07-10 | H5    => taken                   | supported accommodation
        """,
    )


def test_a_referral_for_exploitation() -> None:
    check(
        EXPLOITATION,
        EXPLOITED,
        """
        exploitation_type | county_lines | panel_date | panel_outcome | missing_episodes => verdict                         | exploitation_type           | county_lines
        CCE               | false        | 2026-07-24 | SAFETY        | 2                => taken                           | child criminal exploitation | False
        CL                | true         | 2026-07-24 | SAFETY        |                  => taken                           | county lines                | True
        CL                |              |            |               | 0.0              => taken                           | county lines                |
        CL                | false        | 2026-07-24 | SAFETY        | 2                => inconsistent: county_lines      |                             |
        CSE               | false        | 2026-07-09 | NFA           | 2                => inconsistent: panel_date        |                             |
        CSE               | false        |            | NFA           | 2                => inconsistent: panel_outcome     |                             |
        ICE               | yes          | 2026-07-24 | SAFETY        | 400              => unknown_code: exploitation_type, unknown_code: county_lines, out_of_range: missing_episodes | |
        """,
    )


def test_grounds_are_decided_in_their_order() -> None:
    check(
        NRM_REFERRALS,
        SLAVERY,
        """
        reasonable_grounds | reasonable_grounds_date | conclusive_grounds | conclusive_grounds_date => verdict                               | reasonable_grounds | conclusive_grounds
        POSITIVE           | 2026-07-20              | PENDING            |                         => taken                                 | positive           | pending
                           |                         |                    |                         => taken                                 | pending            | pending
        POSITIVE           | 2026-07-20              | POSITIVE           | 2026-12-01              => taken                                 | positive           | positive
        POSITIVE           | 2026-07-09              | PENDING            |                         => inconsistent: reasonable_grounds_date |                    |
        NEGATIVE           | 2026-07-20              | POSITIVE           | 2026-09-01              => inconsistent: conclusive_grounds      |                    |
        POSITIVE           | 2026-07-20              | NEGATIVE           | 2026-07-19              => inconsistent: conclusive_grounds_date |                    |
        MAYBE              | 2026-07-20              |                    |                         => unknown_code: reasonable_grounds      |                    |
        """,
    )


CANARY = b"Quillfeatherstonehaugh"


def census(*children: str) -> bytes:
    """A census return with these children."""
    header = "<Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header>"
    return f"<Message>{header}<Children>{''.join(children)}</Children></Message>".encode()


def child(name: str, *referrals: str, sex: str = "<GenderCurrent>2</GenderCurrent>", more: str = "") -> str:
    """A child of the census, without a birthday, as an unborn one has none."""
    identifiers = f"<ChildIdentifiers><LAchildID>{name}</LAchildID>{sex}{more}</ChildIdentifiers>"
    disabilities = "<Disabilities><Disability>HAND</Disability><Disability>HEAR</Disability></Disabilities>"
    characteristics = f"<ChildCharacteristics><Ethnicity>MWBC</Ethnicity>{disabilities}</ChildCharacteristics>"
    return f"<Child>{identifiers}{characteristics}{''.join(referrals)}</Child>"


def referral(day: str, *inside: str) -> str:
    """A referral of the census on a day."""
    said = f"<CINreferralDate>{day}</CINreferralDate><ReferralSource>6</ReferralSource>"
    return f"<CINdetails>{said}<ReferralNFA>false</ReferralNFA>{''.join(inside)}</CINdetails>"


def assessment(*factors: str) -> str:
    """An assessment of the census that found these factors."""
    found = "".join(f"<AssessmentFactors>{factor}</AssessmentFactors>" for factor in factors)
    return f"<Assessments><FactorsIdentifiedAtAssessment>{found}</FactorsIdentifiedAtAssessment></Assessments>"


def plan(day: str, category: str) -> str:
    """A protection plan of the census."""
    said = f"<CPPstartDate>{day}</CPPstartDate><InitialCategoryOfAbuse>{category}</InitialCategoryOfAbuse>"
    return f"<ChildProtectionPlans>{said}</ChildProtectionPlans>"


def read(body: bytes) -> pl.DataFrame:
    """The rows of a return, as the hub takes them; every one is taken."""
    checked = validate(parse("xml", body, CENSUS), CENSUS, QUARTER)
    assert checked.quarantined.is_empty(), checked.quarantined
    return checked.valid


def test_each_referral_of_the_census_is_a_row_with_its_own_child() -> None:
    found = read(
        census(
            child("K1", referral("2026-07-01"), referral("2026-08-01"), more="<UPN>D314200115003</UPN>"),
            child("K2", referral("2026-07-01")),
        )
    )
    assert found.select("child_id", "need_referred_on", "upn", "ethnic_group").rows() == [
        ("K1", date(2026, 7, 1), "D314200115003", "mixed"),
        ("K1", date(2026, 8, 1), "D314200115003", "mixed"),
        ("K2", date(2026, 7, 1), None, "mixed"),  # nothing of the child before it
    ]


def test_what_the_census_tells_several_times_is_taken_together() -> None:
    found = read(
        census(
            child(
                "K1",
                referral("2026-07-01", assessment("3B", "11A"), assessment(), assessment("21")),
                referral("2026-07-02", plan("2026-07-20", "NEG"), plan("2026-09-20", "EMO")),
                referral("2026-07-03"),
            )
        )
    )
    wanted = ("assessment_factors", "factor_exploitation", "plan_category", "child_protection_plan")
    assert found.select(wanted).rows() == [
        ("3B 11A 21", True, None, False),
        (None, None, "NEG EMO", True),
        (None, None, None, False),
    ]


def test_a_census_with_an_unknown_category_loses_that_row_alone() -> None:
    body = census(child("K1", referral("2026-07-01", plan("2026-07-20", "XXX")), referral("2026-07-02")))
    checked = validate(parse("xml", body, CENSUS), CENSUS, QUARTER)
    assert checked.valid["need_referred_on"].to_list() == [date(2026, 7, 2)]
    assert checked.quarantined["reasons"].to_list() == [["unknown_code"]]


def test_a_census_of_a_newer_year_is_read_by_its_new_names() -> None:
    body = census(child("K1", referral("2026-07-01", "<PPOutcome>A</PPOutcome>"), sex="<Sex>M</Sex>"))
    with pytest.raises(ContractError, match=r"ChildIdentifiers\.Sex"):
        parse("xml", body, CENSUS)
    [frame] = frames("xml", Form(), (body,), CENSUS, drift="report")
    drift = drift_of([name for name in frame.columns if name != ROW_NUMBER], CENSUS, "report")
    assert (drift.new, drift.renamed) == (
        ("PPOutcome",),
        (("ChildIdentifiers.Sex", "ChildIdentifiers.GenderCurrent"),),
    )
    taken = validate(agreed_columns(frame, drift), CENSUS, QUARTER).valid
    assert taken["sex"].to_list() == ["male"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"</Child>", b"", 1),
        lambda body: body.replace(b"<Children>", b"<Adults>").replace(b"</Children>", b"</Adults>"),
        lambda body: body.replace(b"<ReferralNFA>", b"<CINreferralDate>" + CANARY + b"</CINreferralDate><ReferralNFA>"),
        lambda body: body.replace(b"<Header>", b"<" + CANARY + b"/><Header>"),
        lambda body: b"<!DOCTYPE x [<!ENTITY n '" + CANARY + b"'>]>" + body,
        lambda body: body.replace(b"<Ethnicity>", b"<" + CANARY + b">x</" + CANARY + b"><Ethnicity>"),
    ],
    ids=["cut off", "another place", "told twice", "another element", "an entity", "another column"],
)
def test_a_census_that_is_refused_is_refused_without_a_value(spoil: Callable[[bytes], bytes]) -> None:
    body = spoil(census(child(CANARY.decode(), referral("2026-07-01"), more=f"<UPN>{CANARY.decode()}</UPN>")))
    with pytest.raises((ContractError, FormatError)) as refused:
        parse("xml", body, CENSUS)
    told = str(refused.value).replace(f"undeclared: ChildCharacteristics.{CANARY.decode()}", "")  # an element's name
    assert CANARY.decode() not in told
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_two_values_where_the_census_has_one_refuse_the_file() -> None:
    body = census(child("K1", referral("2026-07-01", "<PrimaryNeedCode>N1</PrimaryNeedCode>" * 2)))
    with pytest.raises(FormatError, match="twice"):
        parse("xml", body, CENSUS)
