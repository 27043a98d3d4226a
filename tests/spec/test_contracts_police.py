# ruff: noqa: E501 - tables are drawn as wide as they are
"""What the police send, and what the hub makes of it."""

from drawn import check

from hub.periods import Quarter
from schemas.police import RECORDED_CRIME, STREET_CRIME

CRIME = {
    "Crime Reference": "01/100000/26",
    "HO Code": "008/01",
    "Committed From": "01/08/2026 22:15",
    "Committed To": "01/08/2026 22:15",
    "Recorded Date": "02/08/2026",
    "DA Flag": "N",
    "Knife Flag": "N",
    "Gang Flag": "N",
    "Hate Flag": "N",
    "Alcohol Flag": "N",
    "Person Role": "VICTIM",
    "Person Number": "1",
    "Forename": "Ada",
    "Surname": "Example",
    "Date of Birth": "17/03/2001",
    "Sex": "F",
    "Ethnicity": "W1",
    "PNC ID": "",
    "Address": "1 Example Road",
    "Postcode": "KT1 1EU",
    "UPRN": "100021000001",
    "Easting": "518100",
    "Northing": "169200",
}

STREET = {
    "category": "violent-crime",
    "location_type": "Force",
    "location.latitude": "51.379986",
    "location.street.id": "929654",
    "location.street.name": "On or near Broad Oaks",
    "location.longitude": "-0.282376",
    "context": "",
    "outcome_status.category": "Status update unavailable",
    "outcome_status.date": "2026-08",
    "persistent_id": "f" * 64,
    "id": "46147726",
    "location_subtype": "",
    "month": "2026-07",
}


def test_local_times_become_instants_in_utc() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Committed From   | Committed To     | Recorded Date => verdict | occurred_at               | occurred_on
        01/08/2026 00:15 |                  | 02/08/2026    => taken   | 2026-07-31 23:15:00+00:00 | 2026-08-01
        10/01/2026 23:30 | 11/01/2026 01:00 | 03/07/2026    => taken   | 2026-01-10 23:30:00+00:00 | 2026-01-10
        25/10/2025 01:30 |                  | 01/07/2026    => taken   | 2025-10-25 00:30:00+00:00 | 2025-10-25
        """,
    )


def test_a_crime_ends_after_it_starts_and_is_recorded_after_that() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Committed From   | Committed To     | Recorded Date => verdict
        01/08/2026 22:15 | 01/08/2026 22:15 | 01/08/2026    => taken
        01/08/2026 22:15 | 01/08/2026 22:14 | 02/08/2026    => inconsistent: Committed To
        01/08/2026 22:15 |                  | 31/07/2026    => inconsistent: Recorded Date
        01/08/2026 22:15 | 31/07/2026 22:15 | 31/07/2026    => inconsistent: Committed To, inconsistent: Recorded Date
        """,
    )


def test_in_the_night_with_an_hour_twice_an_end_before_its_start_is_in_the_second() -> None:
    sound = CRIME | {"Recorded Date": "26/10/2025"}
    check(
        RECORDED_CRIME,
        sound,
        """
        Committed From   | Committed To     => verdict                    | occurred_at
        26/10/2025 01:50 | 26/10/2025 01:10 => taken                      | 2025-10-26 00:50:00+00:00
        26/10/2025 01:50 | 26/10/2025 00:59 => inconsistent: Committed To |
        26/10/2025 01:10 | 26/10/2025 01:50 => taken                      | 2025-10-26 00:10:00+00:00
        25/10/2025 01:50 | 25/10/2025 01:10 => inconsistent: Committed To |
        """,
        Quarter(2025, 4),
    )


def test_no_text_holds_a_control_character() -> None:
    """A database takes none: one in a single row would stop a whole release."""
    for control in "\x00", "\x07", "\x1b", "\x1f":
        checked = check(
            STREET_CRIME,
            STREET,
            f"""
            location.street.name | outcome_status.category | id => verdict
            On or n{control}ear  | Offender fined          | 1  => wrong_form: location.street.name
            On or near           | Offen{control}der fined | 2  => wrong_form: outcome_status.category
            On or near           | Offender fined          | 3{control}4 => wrong_form: id
            On or near           | Offender\tfined         | 5  => taken
            """,
        )
        assert checked.valid.height == 1


def test_a_row_belongs_to_the_quarter_in_which_the_crime_was_recorded() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Committed From   | Committed To | Recorded Date => verdict
        30/06/2026 23:59 |              | 01/07/2026    => taken
        30/06/2026 23:00 |              | 30/06/2026    => outside_period: Recorded Date
        01/08/2026 22:15 |              | 01/10/2026    => outside_period: Recorded Date
        01/08/1899 22:15 |              | 01/07/2026    => out_of_range: Committed From
        """,
    )


def test_what_cannot_be_read_is_not_guessed() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        HO Code | Committed From      | Recorded Date | DA Flag | Easting  => verdict
        8/1     | 01/08/2026 22:15    | 02/08/2026    | N       | 518100   => unknown_code: HO Code
        008/01  | 2026-08-01T22:15:00 | 02/08/2026    | N       | 518100   => wrong_type: Committed From
        008/01  | 01/08/2026 22:15    | 31/09/2026    | N       | 518100   => wrong_type: Recorded Date
        008/01  | 01/08/2026 22:15    | 02/08/2026    | yes     | 518100   => unknown_code: DA Flag
        008/01  | 01/08/2026 22:15    | 02/08/2026    | N       | fifty    => wrong_type: Easting
        008/01  | 01/08/2026 22:15    | 02/08/2026    | N       | NaN      => wrong_type: Easting
        008/01  | 01/08/2026 22:15    | 02/08/2026    | N       | 518100.0 => taken
        """,
    )


def test_a_blank_flag_says_not_known_and_a_blank_code_unknown() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        DA Flag | Knife Flag | Sex | Ethnicity | Person Role => verdict                                 | domestic_abuse | knife | sex     | ethnic_group | role
        Y       | N          | F   | A9        | VICTIM      => taken                                   | True           | False | female  | asian        | victim
                |            |     |           | SUSPECT     => taken                                   |                |       | unknown | unknown      | suspect
         NULL   | Y          | U   | NS        | SUSPECT     => taken                                   |                | True  | unknown | unknown      | suspect
        N       | N          | M   | Z9        | WITNESS     => unknown_code: Person Role, unknown_code: Ethnicity | | | | |
        N       | N          | F   | W1        |             => missing: Person Role                    |                |       |         |              |
        """,
    )


def test_a_bad_identifier_costs_the_identifier_and_not_the_row() -> None:
    checked = check(
        RECORDED_CRIME,
        CRIME,
        """
        Date of Birth | PNC ID       | Postcode | UPRN         => verdict | date_of_birth | pnc_id       | postcode | uprn
        17/03/2001    | 2019/123456A | KT1 1EU  | 100021000001 => taken   | 2001-03-17    | 2019/123456A | KT1 1EU  | 100021000001
        31/02/2001    | 19-123       | KT1      | 1.00021E+11  => taken   |               | 19-123       | KT1      |
        17/03/1001    |              |          | 10002.0      => taken   |               |              |          | 10002
        17/03/2101    | NULL         | null     | n/k          => taken   |               |              |          |
        """,
    )
    assert {(count.remark, count.column): count.rows for count in checked.remarks} == {
        ("unreadable", "Date of Birth"): 3,
        ("unusual_form", "PNC ID"): 1,
        ("unusual_form", "Postcode"): 1,
        ("lost_precision", "UPRN"): 1,
        ("unreadable", "UPRN"): 1,
    }


def test_a_row_that_names_nobody_is_of_no_use() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Forename | Surname | Date of Birth | PNC ID       | Postcode => verdict
        Ada      |         |               |              |          => taken
                 |         | 17/03/2001    |              |          => taken
                 |         |               | 2019/123456A |          => taken
                 |         |               |              | KT1 1EU  => no_identifiers: (identifiers)
                 |         | 99/99/9999    |              | KT1 1EU  => no_identifiers: (identifiers)
        """,
    )


def test_of_rows_with_one_key_the_last_stands() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Crime Reference | Person Number | Surname => verdict                                    | surname
        01/000001/26    | 1             | Exampel => repeated: Crime Reference + Person Number  |
        01/000001/26    | 2             | Other   => taken                                      | Other
        01/000001/26    | 1             | Example => taken                                      | Example
        01/000002/26    | 1             | Example => taken                                      | Example
        """,
    )


def test_a_row_that_is_refused_does_not_push_out_a_sound_one() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Crime Reference | Person Number | HO Code => verdict             | offence_code
        01/000001/26    | 1             | 008/01  => taken               | 008/01
        01/000001/26    | 1             | 8/1     => unknown_code: HO Code |
        """,
    )


def test_a_place_belongs_to_the_area_whose_point_is_nearest() -> None:
    checked = check(
        RECORDED_CRIME,
        CRIME,
        """
        Easting | Northing => verdict | lsoa_code | ward_code
        520300  | 166540   => taken   | E01002915 | E05013936
        519490  | 166560   => taken   | E01002916 | E05013928
        530000  | 180000   => taken   |           |
                |          => taken   |           |
        """,
    )
    assert [(count.remark, count.column, count.rows) for count in checked.remarks] == [("unknown_area", "Easting", 1)]


def test_an_offence_must_exist() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        HO Code => verdict
        008/79  => taken
        999/99  => unknown_code: HO Code
        000/00  => unknown_code: HO Code
        008/1   => unknown_code: HO Code
        8/01    => unknown_code: HO Code
                => missing: HO Code
        """,
    )


def test_an_age_is_that_of_the_date_of_birth() -> None:
    """The crime was on 1 August and recorded on 2 August 2026: who had the birthday between may be of either age."""
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Date of Birth | Age => verdict
        17/03/2001    | 25  => taken
        17/03/2001    | 24  => inconsistent: Age
        17/03/2001    | 26  => inconsistent: Age
        02/08/2001    | 24  => taken
        02/08/2001    | 25  => taken
        03/08/2001    | 25  => inconsistent: Age
        29/02/2004    | 22  => taken
                      | 25  => taken
        31/02/2001    | 25  => taken
        17/03/2001    |     => taken
        17/03/2001    | 131 => out_of_range: Age, inconsistent: Age
        17/03/2001    | old => wrong_type: Age
        """,
    )


def test_what_was_found_out_agrees_with_the_flags_and_dates() -> None:
    check(
        RECORDED_CRIME,
        CRIME,
        """
        Knife Flag | Weapon      | Relationship | Location Type     | Outcome Type | Outcome Date => verdict                     | weapon      | crime_outcome
        Y          | Knife       | Ex-partner   | Licensed Premises | 16           | 30/09/2026   => taken                       | knife       | evidential difficulties, victim does not support action
                   | Knife       |              |                   |              |              => taken                       | knife       |
        N          | Knife       |              |                   |              |              => inconsistent: Knife Flag    |             |
        Y          | Other Sharp |              |                   |              |              => taken                       | other sharp |
        N          | Sword       | Ex-partner   |                   |              |              => unknown_code: Weapon        |             |
        N          |             | Ex partner   |                   |              |              => unknown_code: Relationship  |             |
        N          |             |              | Pub               |              |              => unknown_code: Location Type |             |
        N          |             |              |                   | 23           |              => unknown_code: Outcome Type  |             |
        N          |             |              |                   | 1            | 02/08/2026   => taken                       |             | charged or summonsed
        N          |             |              |                   | 1            | 01/08/2026   => inconsistent: Outcome Date  |             |
        """,
    )


def test_an_older_file_may_lack_what_was_found_out_and_how_it_was_done_is_never_read() -> None:
    later = {"Age", "Location Type", "Weapon", "Relationship", "Outcome Type", "Outcome Date"}
    assert later == RECORDED_CRIME.optional
    assert "MO" in RECORDED_CRIME.ignored
    assert "MO" not in RECORDED_CRIME.source_names


def test_street_crime_as_it_is_in_real_life() -> None:
    check(
        STREET_CRIME,
        STREET,
        """
        category              | location_type | location_subtype | persistent_id | outcome_status.category | outcome_status.date => verdict | location_type    | persistent_id | outcome
        anti-social-behaviour | Force         |                  |               |                         |                     => taken   | territorial force |              |
        violent-crime         | BTP           | STATION          |               | Offender fined          | 2026-11             => taken   | transport police |               | Offender fined
        """,
    )


def test_street_crime_that_no_contract_knows() -> None:
    check(
        STREET_CRIME,
        STREET,
        """
        category  | month   | location.latitude | id => verdict
        witchcraft | 2026-07 | 51.38            | 1  => unknown_code: category
        drugs     | 2026-06 | 51.38             | 2  => outside_period: month
        drugs     | July    | 51.38             | 3  => wrong_type: month
        drugs     | 2026-07 | north             | 4  => wrong_type: location.latitude
        drugs     | 2026-07 |                   | 5  => taken
        drugs     | 2026-07 | 51.38             |    => missing: id
        """,
    )


def test_a_record_that_two_wards_answered_with_is_kept_once() -> None:
    check(
        STREET_CRIME,
        STREET,
        """
        id       | category => verdict
        46147726 | drugs    => repeated: id
        46147726 | drugs    => taken
        46147727 | drugs    => taken
        """,
    )
