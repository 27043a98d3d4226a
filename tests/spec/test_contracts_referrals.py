# ruff: noqa: E501 - tables are drawn as wide as they are
"""What the fire brigade and the council send, and what the hub makes of it."""

from drawn import check

from schemas.council import EXCLUSIONS, MARAC
from schemas.fire import FIRE_SETTER_REFERRALS

CHILD = {
    "referralId": "FSIS-0000",
    "dateOfReferral": "2026-07-10",
    "dateOfFire": "2026-07-08",
    "incidentNumber": "",
    "incidentGroup": "Secondary Fire",
    "deliberate": "true",
    "referringAgency": "School",
    "riskLevel": "Low",
    "child.forename": "Ada",
    "child.surname": "Example",
    "child.dateOfBirth": "2013-03-17",
    "child.gender": "Female",
    "child.ethnicity": "W1",
}

PUPIL = {
    "exclusion_id": "EX0000",
    "forename": "Ada",
    "surname": "Example",
    "date_of_birth": "2011-03-17",
    "gender": "F",
    "ethnicity": "WBRI",
    "school_urn": "102560",
    "category": "SUSP",
    "reason": "PP",
    "start_date": "2026-07-06",
    "sessions": "4",
    "sen_provision": "K",
    "period": "2026-Q3",
}

VICTIM = {
    "referral_id": "MARAC0000",
    "meeting_date": "2026-07-15",
    "referring_agency": "Police",
    "repeat_case": "true",
    "children_count": "2",
    "victim_forename": "Ada",
    "victim_surname": "Example",
    "victim_gender": "F",
    "victim_ethnicity": "M2",
}


def test_a_referral_comes_after_the_fire_if_there_was_one() -> None:
    check(
        FIRE_SETTER_REFERRALS,
        CHILD,
        """
        dateOfReferral | dateOfFire | incidentGroup | deliberate => verdict                        | occurred_on | incident_group | deliberate
        2026-07-10     | 2026-07-08 | Primary Fire  | true       => taken                          | 2026-07-10  | primary fire   | True
        2026-07-10     |            | None          |            => taken                          | 2026-07-10  | none           |
        2026-07-10     | 2026-07-11 | None          | false      => inconsistent: dateOfReferral   |             |                |
        2026-07-10     | 2026-07-08 | Chimney Blaze | false      => unknown_code: incidentGroup    |             |                |
        2026-06-30     | 2026-06-08 | None          | false      => outside_period: dateOfReferral |             |                |
        """,
    )


def test_an_exclusion_is_told_in_the_departments_codes() -> None:
    check(
        EXCLUSIONS,
        PUPIL,
        """
        category | reason | sessions | ethnicity | school_urn => verdict                  | exclusion_type      | sessions_missed | ethnic_group
        SUSP     | OW     | 4        | CHNE      | 102560     => taken                    | suspension          | 4               | asian
        PERM     | PA     | 0.0      | REFU      |            => taken                    | permanent exclusion | 0               | unknown
        INT      | PP     | 4        | WBRI      | 102560     => unknown_code: category   |                     |                 |
        SUSP     | PP     | many     | WBRI      | 102560     => wrong_type: sessions     |                     |                 |
        SUSP     | PP     | 1.5      | WBRI      | 102560     => wrong_type: sessions     |                     |                 |
        SUSP     | PP     | 4        | WBRI      | 12         => out_of_range: school_urn |                     |                 |
        SUSP     | PP     | 4        | WHIT      | 102560     => unknown_code: ethnicity  |                     |                 |
        """,
    )


def test_a_victim_heard_by_the_conference() -> None:
    check(
        MARAC,
        VICTIM,
        """
        meeting_date | repeat_case | children_count | referring_agency => verdict                        | repeat_case | children_count | referring_agency
        2026-07-15   | true        | 2.0            | IDVA             => taken                          | True        | 2              | idva
        2026-07-15   |             |                | NULL             => taken                          |             |                |
        2026-07-15   | Y           | 99             | Police           => unknown_code: repeat_case, out_of_range: children_count | | |
        2026-07-15   | true        | 2              | Mrs Example      => unknown_code: referring_agency |           |                |
        """,
    )
