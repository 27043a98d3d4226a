# ruff: noqa: E501 - tables are drawn as wide as they are
"""What probation and the youth offending team send, and what the hub makes of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from drawn import check

from hub.periods import Quarter
from schemas.formats import parse
from schemas.probation import SUPERVISION
from schemas.quarantine import summary
from schemas.reasons import Remark
from schemas.validation import validate
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
    "riskPredictors.OGRS.ogrs31Year": "12",
    "riskPredictors.RSR.rsrPercentageScore": "2.31",
    "riskPredictors.RSR.scoreLevel": "Low",
    "rosh.public": "MEDIUM",
    "mappa.level": "",
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
        riskPredictors.RSR.rsrPercentageScore | rosh.public | mappa.level => verdict                                             | rsr  | rosh_public | mappa_level
        2.31                                  | VERY_HIGH   | 2           => taken                                               | 2.31 | very high   | 2
                                              |             | 2.0         => taken                                               |      |             | 2
        101                                   | LOW         |             => out_of_range: riskPredictors.RSR.rsrPercentageScore |      |             |
        Infinity                              | LOW         |             => wrong_type: riskPredictors.RSR.rsrPercentageScore   |      |             |
        2.31                                  | EXTREME     | 4           => unknown_code: rosh.public, out_of_range: mappa.level |      |             |
        """,
    )


def test_a_predictor_does_not_fall_with_time() -> None:
    check(
        SUPERVISION,
        SUPERVISED,
        """
        riskPredictors.OGRS.ogrs31Year | riskPredictors.OGRS.ogrs32Year | riskPredictors.OVP.ovp1Year | riskPredictors.OVP.ovp2Year | riskPredictors.OGP.ogp1Year | riskPredictors.OGP.ogp2Year => verdict
        12                             | 20                             | 4                           | 7                           | 4                           | 8                           => taken
        12                             |                                |                             | 7                           | 4                           |                             => taken
        12                             | 11                             | 4                           | 7                           | 4                           | 8                           => inconsistent: riskPredictors.OGRS.ogrs32Year
        12                             | 20                             | 8                           | 7                           | 9                           | 8                           => inconsistent: riskPredictors.OGP.ogp2Year, inconsistent: riskPredictors.OVP.ovp2Year
        """,
    )


def test_a_mappa_registration_has_a_level_and_ids_have_their_form() -> None:
    checked = check(
        SUPERVISION,
        SUPERVISED,
        """
        crn     | nomsNumber | mappa.category | mappa.level | supervision.mainOffenceCode => verdict                     | mappa_category   | offence_code
        X000001 | A1234BC    | 2              | 1           | 005/01                      => taken                       | violent offender | 005/01
        X000002 |            |                | 1           |                             => taken                       |                  |
        X000003 | unknown    |                |             |                             => taken                       |                  |
        X000004 |            | 2              |             |                             => inconsistent: mappa.level   |                  |
        X000005 |            | 7              | 1           |                             => unknown_code: mappa.category |                 |
        X00006  |            |                |             |                             => wrong_form: crn             |                  |
        X000007 |            |                |             | 005/99                      => unknown_code: supervision.mainOffenceCode | |
        """,
    )
    assert [(count.remark, count.column, count.rows) for count in checked.remarks] == [
        (Remark.UNUSUAL_FORM, "nomsNumber", 1)
    ]


def test_the_genuine_predictors_pass_in_their_older_and_their_newer_form(genuine: Path) -> None:
    answer = json.loads((genuine / "oasys_risk_predictors_stub.json").read_text())
    people = [
        {"crn": f"D00629{number}", "riskPredictors": {name: assessment[name] for name in told if name in assessment}}
        for number, assessment in enumerate(answer["assessments"])
        for told in [("assessmentType", "dateCompleted", "OGP", "OVP", "OGRS", "RSR", "OSP", "newActuarialPredictors")]
    ]
    rest = nested({name: SUPERVISED.get(name, "") for name in SUPERVISION.source_names if "risk" not in name})
    page = json.dumps({"content": [rest | person for person in people]}).encode()
    checked = validate(parse("json", page, SUPERVISION), SUPERVISION, Quarter(2026, 3))
    assert summary(checked.quarantined) == ()
    found = checked.valid.sort("crn").select("rsr", "rsr_level", "ovp_band", "ogrs4_violent_band", "osp_contact_level")
    assert found.rows() == [
        (50.1234, "medium", "low", None, "medium"),
        (0.32, "low", None, None, None),
        (4.12, "medium", "low", None, "medium"),
        (50.1234, "medium", "low", "low", None),
        (1.23, "low", "low", "low", None),
    ]
    assert checked.valid["assessed_at"].min() == datetime(2022, 4, 27, 11, 46, 39, tzinfo=UTC)


def nested(row: Mapping[str, str]) -> dict[str, object]:
    """An object as the API gives it: ``name.forename`` is forename within name."""
    found: dict[str, object] = {}
    for name, value in row.items():
        outer, _, inner = name.partition(".")
        if inner:
            found.setdefault(outer, {})[inner] = value or None  # type: ignore[index]
        else:
            found[name] = value or None
    return found


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


def test_indicators_of_a_youth_case_are_words_and_agree_with_disposal_and_gravity() -> None:
    check(
        CASES,
        CASE,
        """
        Disposal.code | KeyIndicators.outOfCourt | Offence.gravity | KeyIndicators.seriousViolence | KeyIndicators.widerServices | KeyIndicators.victims => verdict                                     | wider_services   | serious_violence
        YC            | completed                | 5               | true                          | child protection            | engaged               => taken                                       | child protection | True
        RO            |                          | 3               | false                         | none                        | no victim             => taken                                       | none             | False
        RO            | ongoing                  | 3               | false                         |                             |                       => inconsistent: KeyIndicators.outOfCourt      |                  |
        YC            |                          | 4               | true                          |                             |                       => inconsistent: KeyIndicators.seriousViolence |                  |
        YC            |                          |                 | true                          |                             |                       => taken                                       |                  | True
        ASBO          |                          | 3               |                               |                             |                       => unknown_code: Disposal.code                 |                  |
        YC            | lapsed                   | 3               |                               | foster care                 | angry                 => unknown_code: KeyIndicators.widerServices, unknown_code: KeyIndicators.outOfCourt, unknown_code: KeyIndicators.victims | |
        """,
    )


def test_an_older_return_lacks_the_indicators_of_2023() -> None:
    assert CASES.optional == {
        "KeyIndicators.widerServices", "KeyIndicators.outOfCourt", "KeyIndicators.seriousViolence",
        "KeyIndicators.victims", "AssetPlus.completed",
        "Intervention.kind", "Intervention.startDate", "Intervention.endDate", "Intervention.outcome",
    }  # fmt: skip


def test_an_intervention_ends_after_it_begins_and_has_words_of_the_list() -> None:
    check(
        CASES,
        CASE,
        """
        Intervention.kind | Intervention.startDate | Intervention.endDate | Intervention.outcome => verdict                                  | intervention_kind             | intervention_outcome
        CBT               | 2026-07-02             | 2026-09-02           | Completed            => taken                                    | cognitive behavioural programme | completed
        MENTOR            |                        |                      | Declined             => taken                                    | mentoring                     | declined
                          |                        |                      |                      => taken                                    |                               |
        CBT               | 2026-07-02             | 2026-07-01           | Ongoing              => inconsistent: Intervention.endDate       |                               |
        BOOT CAMP         | 2026-07-02             |                      | Survived             => unknown_code: Intervention.kind, unknown_code: Intervention.outcome | |
        """,
    )
    check(
        SUPERVISION,
        SUPERVISED,
        """
        requirement.type     | requirement.startDate | requirement.outcome => verdict                        | intervention_kind    | intervention_started_on
        Accredited Programme | 2026-06-01            | Ongoing             => taken                          | accredited programme | 2026-06-01
        Stocks               | 2026-06-01            |                     => unknown_code: requirement.type |                      |
        """,
    )


def test_a_youth_cases_offence_exists() -> None:
    check(
        CASES,
        CASE,
        """
        Offence.code => verdict
        008/01       => taken
        008/99       => unknown_code: Offence.code
        """,
    )
