# ruff: noqa: E501 - tables are drawn as wide as they are
"""What the hospital holds in clear, and what it delivers instead."""

import base64

from drawn import check

from hub.periods import Quarter
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR

CLEAR = {
    "ATTENDANCE IDENTIFIER": "ED0000",
    "SITE CODE (OF TREATMENT)": "RAX01",
    "ARRIVAL DATE": "2026-08-01",
    "ARRIVAL TIME": "01:20:00",
    "ASSAULT DATE": "2026-08-01",
    "ASSAULT TIME": "00:30:00",
    "ASSAULT LOCATION TYPE": "60",
    "ASSAULT LOCATION DESCRIPTION": "",
    "ASSAULT METHOD": "fist",
    "INJURY INTENT": "assault",
    "ALCOHOL INVOLVED": "Y",
    "NHS NUMBER": "9434765919",
    "PERSON GIVEN NAME": "Ada",
    "PERSON FAMILY NAME": "Example",
    "PERSON BIRTH DATE": "2001-03-17",
    "PERSON STATED GENDER CODE": "2",
    "ETHNIC CATEGORY": "A",
    "POSTCODE OF USUAL ADDRESS": "KT1 1EU",
    "LSOA OF INCIDENT": "E01002915",
}

DELIVERED = {
    "reference": "0" * 32,
    "reference_sealed": base64.b64encode(bytes(24)).decode(),
    "site_code": "RAX01",
    "arrival_on": "2026-08-01",
    "assault_location": "public",
    "assault_method": "fist",
    "injury_intent": "assault",
    "alcohol": "true",
    "occurred_at": "2026-07-31T23:30:00.000000Z",
    "occurred_on": "2026-08-01",
    "lsoa_code": "E01002915",
    "ward_code": "E05013936",
    "sex": "female",
    "ethnic_group": "white",
    "birth_year": "2001",
    "token_surname": "ab" * 16,
    "encoding_surname": base64.b64encode(bytes(64)).decode(),
}


def test_a_patient_does_not_arrive_before_the_assault() -> None:
    check(
        HEALTH_CLEAR,
        CLEAR,
        """
        ARRIVAL DATE | ARRIVAL TIME | ASSAULT DATE | ASSAULT TIME => verdict                    | occurred_on | occurred_at
        2026-08-01   | 01:20:00     | 2026-08-01   | 00:30:00     => taken                      | 2026-08-01  | 2026-07-31 23:30:00+00:00
        2026-08-01   | 01:20:00     | 2026-08-01   | 01:21:00     => inconsistent: ARRIVAL DATE |             |
        2026-08-01   | 01:20:00     | 2026-08-02   |              => inconsistent: ARRIVAL DATE |             |
        2026-08-01   | 01:20:00     | 2026-08-01   |              => taken                      | 2026-08-01  |
        2026-08-01   | 01:20:00     |              |              => taken                      | 2026-08-01  |
        2026-08-01   |              | 2026-07-31   | 23:59:59     => taken                      | 2026-07-31  | 2026-07-31 22:59:59+00:00
        2026-08-01   | 25:00:00     | 2026-07-31   | 23:59:59     => wrong_type: ARRIVAL TIME   |             |
        """,
    )


def test_in_the_night_with_an_hour_twice_an_arrival_before_its_assault_is_in_the_second() -> None:
    check(
        HEALTH_CLEAR,
        CLEAR,
        """
        ARRIVAL DATE | ARRIVAL TIME | ASSAULT DATE | ASSAULT TIME => verdict                    | occurred_at
        2025-10-26   | 01:10:00     | 2025-10-26   | 01:50:00     => taken                      | 2025-10-26 00:50:00+00:00
        2025-10-26   | 00:50:00     | 2025-10-26   | 01:50:00     => inconsistent: ARRIVAL DATE |
        """,
        Quarter(2025, 4),
    )


def test_codes_of_the_standard_become_words() -> None:
    check(
        HEALTH_CLEAR,
        CLEAR,
        """
        ASSAULT LOCATION TYPE | PERSON STATED GENDER CODE | ETHNIC CATEGORY => verdict                            | assault_location | sex     | ethnic_group
        10                    | 1                         | J               => taken                              | home             | male    | asian
        91                    | 9                         | 99              => taken                              | other            | other   | unknown
                              | X                         | Z               => taken                              |                  | unknown | unknown
        20                    | 2                         | A               => unknown_code: ASSAULT LOCATION TYPE |                 |         |
        60                    | 3                         | A               => unknown_code: PERSON STATED GENDER CODE | | |
        60                    | 2                         | AA              => unknown_code: ETHNIC CATEGORY      |                  |         |
        """,
    )


def test_an_area_that_is_not_the_boroughs_is_left_blank_and_the_row_kept() -> None:
    checked = check(
        HEALTH_CLEAR,
        CLEAR,
        """
        LSOA OF INCIDENT => verdict | lsoa_code | ward_code
        E01002915        => taken   | E01002915 | E05013936
        E01009999        => taken   |           |
        E05000400        => taken   |           |
                         => taken   |           |
        """,
    )
    assert [(str(count.remark), count.rows) for count in checked.remarks] == [("unknown_area", 2)]


def test_what_is_delivered_holds_tokens_in_place_of_names() -> None:
    assert not EMERGENCY_CARE.identifiers
    assert not {"forename", "surname", "date_of_birth", "postcode", "nhs_number"} & set(EMERGENCY_CARE.columns)
    check(
        EMERGENCY_CARE,
        DELIVERED,
        """
        reference                        | token_surname                    | birth_year => verdict
        00000000000000000000000000000001 | abababababababababababababababab | 2001       => taken
        00000000000000000000000000000002 |                                  |            => taken
        00000000000000000000000000000003 | Example                          | 2001       => wrong_form: token_surname
        00000000000000000000000000000004 | ABABABABABABABABABABABABABABABAB | 1001       => wrong_form: token_surname, out_of_range: birth_year
        ED00000001                       | abababababababababababababababab | 2001       => wrong_form: reference
        """,
    )


def test_a_delivered_attendance_keeps_what_the_hospital_found() -> None:
    check(
        EMERGENCY_CARE,
        DELIVERED,
        """
        alcohol | occurred_at                 | occurred_on | lsoa_code => verdict                  | alcohol | occurred_at               | ward_code
        true    | 2026-07-31T23:30:00.000000Z | 2026-08-01  | E01002915 => taken                    | True    | 2026-07-31 23:30:00+00:00 | E05013936
                |                             | 2026-08-01  |           => taken                    |         |                           |
        false   | 31/07/2026                  | 2026-08-01  | E01002915 => wrong_type: occurred_at  |         |                           |
        false   |                             | 2026-08-02  | E01002915 => inconsistent: arrival_on |         |                           |
        """,
    )
