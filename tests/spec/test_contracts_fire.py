# ruff: noqa: E501 - tables are drawn as wide as they are
"""What the fire brigade publishes of its incidents, and what the hub makes of it."""

from pathlib import Path

import polars as pl
from drawn import check

from hub.periods import Quarter
from schemas.fire_incidents import INCIDENTS
from schemas.quarantine import summary
from schemas.reasons import Remark
from schemas.validation import validate

INCIDENT = {
    "IncidentNumber": "000123-01082026",
    "DateOfCall": "01 Aug 2026",
    "CalYear": "2026",
    "TimeOfCall": "00:31:07",
    "HourOfCall": "0",
    "IncidentGroup": "Fire",
    "StopCodeDescription": "Secondary Fire",
    "PropertyCategory": "Outdoor",
    "PropertyType": "Loose refuse ",
    "Postcode_full": "KT1 1EU",
    "Postcode_district": "KT1",
    "IncGeo_BoroughCode": "E09000021",
    "IncGeo_WardCode": "E05013936",
    "Easting_m": "520301.0",
    "Northing_m": "166538.0",
    "Easting_rounded": "520300",
    "Northing_rounded": "166550",
    "FirstPumpArriving_AttendanceTime": "319.0",
    "SecondPumpArriving_AttendanceTime": "342.0",
    "NumPumpsAttending": "2.0",
}


def test_the_stop_code_tells_the_kind_of_fire_and_whether_an_alarm_was_malicious() -> None:
    check(
        INCIDENTS,
        INCIDENT,
        """
        IncidentGroup   | StopCodeDescription      | PropertyCategory => verdict | incident_type   | fire_kind        | deliberate
        Fire            | Primary Fire             | Road Vehicle     => taken   | primary fire    | primary, vehicle |
        Fire            | Primary Fire             | Dwelling         => taken   | primary fire    | primary, other   |
        Fire            | Primary Fire             |                  => taken   | primary fire    | primary, other   |
        Fire            | Secondary Fire           | Road Vehicle     => taken   | secondary fire  | secondary        |
        Fire            | Chimney Fire             | Dwelling         => taken   | chimney fire    |                  |
        False Alarm     | AFA                      | Dwelling         => taken   | automatic alarm |                  |
        False Alarm     | False alarm - Malicious  | Non Residential  => taken   | malicious       |                  | True
        Special Service | Special Service          | Road Vehicle     => taken   | special service |                  |
        """,
    )


def test_codes_must_be_known_and_the_stop_code_must_belong_to_the_group() -> None:
    check(
        INCIDENTS,
        INCIDENT,
        """
        IncidentGroup | StopCodeDescription | PropertyCategory | IncGeo_BoroughCode => verdict
        False Alarm   | Secondary Fire      | Outdoor          | E09000021          => inconsistent: StopCodeDescription
        Fire          | AFA                 | Outdoor          | E09000021          => inconsistent: StopCodeDescription
        Fire          | Bonfire             | Outdoor          | E09000021          => unknown_code: StopCodeDescription
        Rescue        | Secondary Fire      | Outdoor          | E09000021          => unknown_code: IncidentGroup
        Fire          | Secondary Fire      | Caravan          | E09000021          => unknown_code: PropertyCategory
        Fire          | Secondary Fire      | Outdoor          | KINGSTON           => wrong_form: IncGeo_BoroughCode
        Fire          |                     | Outdoor          | E09000021          => missing: StopCodeDescription
        """,
    )


def test_year_and_hour_are_those_of_date_and_time() -> None:
    check(
        INCIDENTS,
        INCIDENT,
        """
        DateOfCall  | CalYear | TimeOfCall | HourOfCall => verdict                  | occurred_at
        01 Aug 2026 | 2026.0  | 00:31:07   | 0.0        => taken                    | 2026-07-31 23:31:07+00:00
        01 Aug 2026 | 2025    | 00:31:07   | 0          => inconsistent: CalYear    |
        01 Aug 2026 | 2026    | 01:31:07   | 0          => inconsistent: HourOfCall |
        2026-08-01  | 2026    | 00:31:07   | 0          => wrong_type: DateOfCall   |
        30 Jun 2026 | 2026    | 23:59:59   | 23         => outside_period: DateOfCall |
        """,
    )


def test_places_agree_with_each_other_and_the_area_comes_from_the_rounded_one() -> None:
    checked = check(
        INCIDENTS,
        INCIDENT,
        """
        Easting_m | Northing_m | Easting_rounded | Northing_rounded | Postcode_full | Postcode_district => verdict                         | lsoa_code | ward_code
        520301.0  | 166538.0   | 520300          | 166550           | KT1 1EU       | KT1               => taken                           | E01002915 | E05013936
                  |            | 520300          | 166550           |               | KT1               => taken                           | E01002915 | E05013936
        520301.0  | 166601.0   | 520300          | 166550           | KT1 1EU       | KT1               => inconsistent: Easting_m         |           |
        520301.0  | 166538.0   | 520300          | 166550           | KT1 1EU       | KT11              => inconsistent: Postcode_district |           |
        530485.0  | 179007.0   | 530450          | 179050           | SE1 7SG       | SE1               => taken                           |           |
        """,
    )
    assert [(count.remark, count.column, count.rows) for count in checked.remarks] == [
        (Remark.UNKNOWN_AREA, "Easting_rounded", 1)
    ]


def test_counts_are_whole_and_the_second_pump_comes_second() -> None:
    check(
        INCIDENTS,
        INCIDENT,
        """
        FirstPumpArriving_AttendanceTime | SecondPumpArriving_AttendanceTime | NumPumpsAttending => verdict                                         | first_pump_s | pumps_attending
        319.0                            | 342.0                             | 2.0               => taken                                           | 319          | 2
        319.0                            |                                   |                   => taken                                           | 319          |
        319.0                            | 318.0                             | 2.0               => inconsistent: SecondPumpArriving_AttendanceTime |              |
        319.5                            |                                   | 2.0               => wrong_type: FirstPumpArriving_AttendanceTime    |              |
        319.0                            |                                   | -1                => out_of_range: NumPumpsAttending                 |              |
        """,
    )


def test_the_genuine_incidents_pass_with_all_their_39_columns(genuine: Path) -> None:
    body = (genuine / "lfb_incidents_sample.csv").read_bytes()
    frame = pl.read_csv(body, infer_schema=False).with_row_index("row_number", 1)
    assert frame.columns[1:] == list(INCIDENTS.source_names)
    checked = validate(frame, INCIDENTS, Quarter(2009, 1))
    assert (checked.valid.height, summary(checked.quarantined)) == (20, ())
    assert checked.valid["incident_type"].value_counts().sort("incident_type").rows() == [
        ("automatic alarm", 3), ("good intent", 1), ("primary fire", 2), ("secondary fire", 6), ("special service", 8),
    ]  # fmt: skip
    assert not INCIDENTS.personal
    homes = checked.valid.filter(property_category="dwelling")
    assert homes["exact_easting"].null_count() == homes.height
    assert homes["postcode"].null_count() == homes.height
