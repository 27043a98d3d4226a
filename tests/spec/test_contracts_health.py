# ruff: noqa: E501 - tables are drawn as wide as they are
"""What the hospital holds in clear, and what it delivers instead."""

import base64

import polars as pl
from drawn import check

from hub.periods import Quarter
from schemas.codes import CodeList
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR
from schemas.health_assaults import ASSAULT_ATTENDANCES
from schemas.validation import validate

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

ASSAULT = {
    "REPORTING PERIOD START DATE": "2026-07-01",
    "REPORTING PERIOD END DATE": "2026-09-30",
    "SITE CODE (OF TREATMENT)": "RAX01",
    "ARRIVAL DATE": "2026-08-01",
    "ARRIVAL TIME": "01:20:00",
    "ASSAULT DATE": "2026-08-01",
    "ASSAULT TIME": "00:30:00",
    "ASSAULT METHOD": "fist",
    "ASSAULT LOCATION TYPE": "60",
    "ASSAULT LOCATION DESCRIPTION": "outside the Quillfeather Arms",
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


def test_an_nhs_number_with_a_wrong_last_digit_is_remarked_on_and_the_row_kept() -> None:
    checked = check(
        HEALTH_CLEAR,
        CLEAR,
        """
        NHS NUMBER   => verdict
        9434765919   => taken
        943 476 5919 => taken
        9434765918   => taken
        943476       => taken
                     => taken
        """,
    )
    assert [(str(count.remark), count.column, count.rows) for count in checked.remarks] == [
        ("unusual_form", "NHS NUMBER", 1),
        ("wrong_check_digit", "NHS NUMBER", 1),
    ]


PLACE, MECHANISM = "EMERGENCY CARE PLACE OF INJURY (SNOMED CT)", "EMERGENCY CARE INJURY MECHANISM (SNOMED CT)"
SUBSTANCES = "EMERGENCY CARE INJURY ALCOHOL OR DRUG INVOLVEMENT (SNOMED CT)"


def test_the_reference_sets_of_the_emergency_care_data_set_become_words() -> None:
    check(
        HEALTH_CLEAR,
        CLEAR,
        f"""
        INJURY INTENT | {PLACE}           | {MECHANISM}  | {SUBSTANCES}      => verdict                     | injury_intent | place_of_injury   | injury_mechanism | substances
        52684005      | 264362003         | knife        | alcohol           => taken                       | assault       | home              | knife            | alcohol
        276853009     | 257698009         |              | none              => taken                       | self-harm     | education         |                  | none
        assault       | licensed premises | sharp object | alcohol and drugs => taken                       | assault       | licensed premises | sharp object     | alcohol and drugs
        418019003     | 285141008         |              |                   => taken                       | accident      | work              |                  |
        52684006      |                   |              |                   => unknown_code: INJURY INTENT |               |                   |                  |
        52684005      | 52684005          |              |                   => unknown_code: {PLACE}       |               |                   |                  |
        """,
    )


def test_each_code_list_says_where_it_comes_from() -> None:
    known = {
        str(reading.codes.source).rpartition("reference set ")[2].partition(";")[0]: name
        for name, reading in HEALTH_CLEAR.readings.items()
        if isinstance(reading.codes, CodeList) and "reference set" in reading.codes.source
    }
    assert known == {
        "991291000000101": "place_of_injury",
        "991431000000101": "injury_intent",
        "991281000000103": "injury_mechanism",
        "1024501000000108": "injury_activity",
        "991421000000103": "substances",
    }


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


def test_what_is_delivered_of_the_reference_sets_are_the_hubs_words() -> None:
    check(
        EMERGENCY_CARE,
        DELIVERED,
        """
        place_of_injury | injury_mechanism | injury_activity | substances => verdict                       | place_of_injury
        street          | knife            | leisure         | alcohol    => taken                         | street
                        |                  |                 |            => taken                         |
        264362003       |                  |                 |            => unknown_code: place_of_injury |
        """,
    )
    assert {"place_of_injury", "injury_mechanism", "injury_activity", "substances"} <= EMERGENCY_CARE.optional


def test_the_return_of_assaults_is_for_the_period_that_its_header_says() -> None:
    check(
        ASSAULT_ATTENDANCES,
        ASSAULT,
        """
        REPORTING PERIOD START DATE | REPORTING PERIOD END DATE | ARRIVAL DATE | ASSAULT DATE => verdict
        2026-07-01                  | 2026-09-30                | 2026-07-01   | 2026-06-30   => taken
        2026-08-01                  | 2026-08-31                | 2026-08-31   | 2026-08-31   => taken
        2026-08-01                  | 2026-08-31                | 2026-09-01   | 2026-08-31   => outside_period: ARRIVAL DATE
        2026-07-01                  | 2026-10-31                | 2026-08-01   | 2026-08-01   => outside_period: REPORTING PERIOD END DATE
        2026-07-31                  | 2026-07-01                | 2026-07-31   | 2026-07-31   => outside_period: REPORTING PERIOD END DATE, outside_period: ARRIVAL DATE
        2026-04-01                  | 2026-06-30                | 2026-06-01   | 2026-06-01   => outside_period: REPORTING PERIOD START DATE
                                    | 2026-09-30                | 2026-08-01   | 2026-08-01   => missing: REPORTING PERIOD START DATE
        """,
    )


def test_an_assault_comes_before_the_arrival_and_its_place_is_one_of_five() -> None:
    check(
        ASSAULT_ATTENDANCES,
        ASSAULT,
        """
        ARRIVAL TIME | ASSAULT DATE | ASSAULT TIME | ASSAULT LOCATION TYPE | ASSAULT METHOD | SITE CODE (OF TREATMENT) => verdict                             | assault_location | occurred_on
        01:20:00     | 2026-08-01   | 00:30:00     | 10                    | knife          | RAX01                    => taken                               | home             | 2026-08-01
        01:20:00     |              |              | 91                    |                | RAX01                    => taken                               | other            | 2026-08-01
        01:20:00     | 2026-08-01   | 01:30:00     | 10                    | fist           | RAX01                    => inconsistent: ARRIVAL DATE          |                  |
        01:20:00     | 2026-07-31   | 23:00:00     | 20                    | fist           | RAX01                    => unknown_code: ASSAULT LOCATION TYPE |                  |
        01:20:00     | 2026-07-31   | 23:00:00     | 60                    | tickling       | RAX01                    => unknown_code: ASSAULT METHOD        |                  |
        01:20:00     | 2026-07-31   | 23:00:00     | 60                    | fist           | KINGSTON                 => wrong_form: SITE CODE (OF TREATMENT) |                 |
        """,
    )


def test_two_rows_that_are_the_same_are_two_attendances() -> None:
    """Nothing in the return tells them apart but their number: neither is dropped as a double of the other."""
    frame = pl.DataFrame([ASSAULT, ASSAULT, ASSAULT | {"ASSAULT METHOD": "foot"}]).with_row_index("row_number", 1)
    checked = validate(frame, ASSAULT_ATTENDANCES, Quarter(2026, 3))
    assert checked.valid.height == checked.valid["record"].n_unique() == 3
    again = validate(frame.reverse(), ASSAULT_ATTENDANCES, Quarter(2026, 3))
    assert set(again.valid["record"]) == set(checked.valid["record"])


def test_what_the_patient_told_of_the_place_is_in_no_reference_and_cannot_be_published() -> None:
    frame = pl.DataFrame([ASSAULT]).with_row_index("row_number", 1)
    [record] = validate(frame, ASSAULT_ATTENDANCES, Quarter(2026, 3)).valid["record"]
    assert "Quillfeather" not in record
    assert not ASSAULT_ATTENDANCES.personal
    assert not {"assault_location_description", "record"} & set(ASSAULT_ATTENDANCES.publishable)
