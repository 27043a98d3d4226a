# ruff: noqa: E501 - tables are drawn as wide as they are
"""What probation and the youth offending team send, and what the hub makes of it."""

from drawn import check

from schemas.probation import SUPERVISION
from schemas.quarantine import summary
from schemas.yot import CASES

SUPERVISED = {
    "crn": "X000000",
    "nomsNumber": "",
    "pncNumber": "",
    "name.forename": "Ada",
    "name.surname": "Example",
    "name.middleName": "",
    "dateOfBirth": "1991-03-17",
    "gender": "Female",
    "ethnicity": "W1",
    "address.postcode": "KT1 1EU",
    "address.uprn": "100021000001",
    "limitedAccessOffender": "false",
    "supervision.eventNumber": "1",
    "supervision.startDate": "2026-05-01",
    "supervision.endDate": "2027-05-01",
    "supervision.orderType": "Community Order",
    "supervision.mainOffenceCode": "008/01",
    "riskPredictors.ogrs31Year": "12",
    "riskPredictors.rsrPercentageScore": "2.31",
    "riskPredictors.scoreLevel": "Low",
    "rosh.public": "MEDIUM",
    "mappaLevel": "",
}

CASE = {
    "id": "KYOT0000",
    "Person.Forename": "Ada",
    "Person.Surname": "Example",
    "Person.DateOfBirth": "2011-03-17",
    "Person.Sex": "F",
    "Person.Ethnicity": "W1",
    "Offence.code": "008/01",
    "Offence.date": "2026-05-01",
    "Offence.gravity": "3",
    "Disposal.code": "YC",
    "Disposal.date": "2026-07-01",
    "KeyIndicators.send": "true",
    "AssetPlus.riskOfSeriousHarm": "Low",
}


def test_a_barred_record_is_counted_and_nothing_of_it_is_kept() -> None:
    checked = check(
        SUPERVISION,
        SUPERVISED,
        """
        limitedAccessOffender | supervision.orderType => verdict
        false                 | Licence               => taken
        true                  | Licence               => limited_access: limitedAccessOffender
        true                  | Borstal               => limited_access: limitedAccessOffender
                              | Licence               => missing: limitedAccessOffender
        """,
    )
    barred = checked.quarantined.filter(checked.quarantined["reasons"].list.contains("limited_access"))
    assert barred.select(*SUPERVISION.source_names).null_count().row(0) == (2,) * len(SUPERVISION.source_names)
    assert [(str(count.reason), count.rows) for count in summary(checked.quarantined)] == [
        ("limited_access", 2),
        ("missing", 1),
    ]


def test_a_bar_on_one_order_bars_every_order_of_the_record() -> None:
    checked = check(
        SUPERVISION,
        SUPERVISED,
        """
        crn     | supervision.eventNumber | limitedAccessOffender => verdict
        X000001 | 1                       | false                 => limited_access: limitedAccessOffender
        X000001 | 2                       | true                  => limited_access: limitedAccessOffender
        X000001 |                         |                       => limited_access: limitedAccessOffender
        X000002 | 1                       | false                 => taken
                | 1                       | true                  => limited_access: limitedAccessOffender
                | 2                       | false                 => missing: crn
        """,
    )
    assert checked.barred.rows() == [("X000001",)]
    barred = checked.quarantined.filter(checked.quarantined["reasons"].list.contains("limited_access"))
    assert barred.select(*SUPERVISION.source_names).null_count().row(0) == (4,) * len(SUPERVISION.source_names)


def test_an_end_may_lie_ahead_but_not_before_the_start() -> None:
    check(
        SUPERVISION,
        SUPERVISED,
        """
        supervision.startDate | supervision.endDate => verdict                               | occurred_on
        2026-05-01            | 2029-05-01          => taken                                 | 2026-05-01
        2026-05-01            |                     => taken                                 | 2026-05-01
        2026-05-01            | 2026-04-30          => inconsistent: supervision.endDate     |
        2027-05-01            |                     => out_of_range: supervision.startDate   |
        """,
    )


def test_scores_are_per_cents_and_levels_are_words() -> None:
    check(
        SUPERVISION,
        SUPERVISED,
        """
        riskPredictors.rsrPercentageScore | rosh.public | mappaLevel => verdict                                         | rsr  | rosh_public | mappa_level
        2.31                              | VERY_HIGH   | 2          => taken                                           | 2.31 | very high   | 2
                                          |             | 2.0        => taken                                           |      |             | 2
        101                               | LOW         |            => out_of_range: riskPredictors.rsrPercentageScore |      |             |
        Infinity                          | LOW         |            => wrong_type: riskPredictors.rsrPercentageScore   |      |             |
        2.31                              | EXTREME     | 4          => unknown_code: rosh.public, out_of_range: mappaLevel | | |
        """,
    )


def test_one_person_may_have_several_orders() -> None:
    check(
        SUPERVISION,
        SUPERVISED,
        """
        crn     | supervision.eventNumber => verdict
        X000001 | 1                       => taken
        X000001 | 2                       => repeated: crn + supervision.eventNumber
        X000001 | 2.0                     => taken
        """,
    )


def test_a_youth_case_of_an_earlier_offence_is_this_quarters_case() -> None:
    check(
        CASES,
        CASE,
        """
        Offence.date | Disposal.date | Offence.gravity | KeyIndicators.send | AssetPlus.riskOfSeriousHarm => verdict | occurred_on | special_needs | serious_harm_risk
        2025-11-30   | 2026-07-01    | 8               | true               | Very High                   => taken   | 2025-11-30  | True          | very high
        2025-11-30   |               |                 |                    |                             => taken   | 2025-11-30  |               |
        2026-07-02   | 2026-07-01    | 3               | true               | Low                         => inconsistent: Disposal.date | | |
        2026-05-01   | 2026-07-01    | 9               | maybe              | Severe                      => out_of_range: Offence.gravity, unknown_code: KeyIndicators.send, unknown_code: AssetPlus.riskOfSeriousHarm | | |
        """,
    )
