"""The fire and rescue service's incidents: the London Fire Brigade's 39 columns, one row an incident, and no persons.

Rows speak of property, so what would name a home (postcode, UPRN, exact place) is never kept; the brigade itself leaves
the exact place of a dwelling blank. The stop code tells a primary from a secondary fire, and a malicious false alarm
from a well-meant one. Whether a *fire* was deliberate these records do not say: that stays unknown.

Source: London Fire Brigade, incident records (London Datastore, Open Government Licence); stop codes *unverified*.
"""

from typing import Any

import polars as pl

from schemas import codes
from schemas.areas import GRID
from schemas.columns import Instant, Rows, column, derived, rule
from schemas.contract import Contract
from schemas.readings import code, day, number, text, time_of_day, to_utc, whole_number

_GROUPS = {
    "primary fire": "fire", "secondary fire": "fire", "chimney fire": "fire", "automatic alarm": "false alarm",
    "good intent": "false alarm", "malicious": "false alarm", "special service": "special service",
}  # fmt: skip
_ROUNDED_M = 50.0
_stop = pl.col("incident_type")


def _count(source: str, meaning: str) -> Any:
    return column(source, whole_number(), meaning, nullable=True, ge=0)


def _text(source: str, meaning: str, private: bool = False) -> Any:
    return column(source, text(), meaning, private=private, nullable=True)


def _place(source: str, meaning: str) -> Any:
    return column(source, number(), meaning, private=True, nullable=True)


class Incident(Rows):
    """One incident that the brigade was called to."""

    incident_number: str = column("IncidentNumber", text(), "The brigade's number of the incident")
    called_on: pl.Date = column("DateOfCall", day("%d %b %Y"), "The day of the first call")
    call_year: int = column("CalYear", whole_number(), "The year of the call")
    called_at: pl.Time = column("TimeOfCall", time_of_day(), "The time of the first call, local", private=True)
    call_hour: int = column("HourOfCall", whole_number(), "The hour of the call")
    incident_class: str = column("IncidentGroup", code(codes.INCIDENT_CLASS), "Fire, false alarm or special service")
    incident_type: str = column("StopCodeDescription", code(codes.STOP_CODE), "What the crew found")
    special_service: str = _text("SpecialServiceType", "What kind of special service it was")
    property_category: str = column(
        "PropertyCategory", code(codes.PROPERTY_CATEGORY), "Category of the property", nullable=True
    )
    property_type: str = _text("PropertyType", "Type of the property within its category")
    address_qualifier: str = _text("AddressQualifier", "How near the recorded address is to the incident")
    postcode: str = _text("Postcode_full", "Postcode of the incident; blank for dwellings", private=True)
    postcode_district: str = _text("Postcode_district", "Outward part of the postcode", private=True)
    uprn: str = _text("UPRN", "Unique property reference number; 0 where there is none", private=True)
    usrn: str = _text("USRN", "Unique street reference number", private=True)
    borough_code: str = column(
        "IncGeo_BoroughCode", text(), "Borough of the incident", nullable=True, str_matches=r"^E09\d{6}$"
    )
    borough_name: str = _text("IncGeo_BoroughName", "Name of the borough, in capitals")
    borough_proper_name: str = _text("ProperCase", "Name of the borough")
    given_ward_code: str = column(
        "IncGeo_WardCode",
        text(),
        "Ward as the brigade finds it, of any vintage",
        nullable=True,
        str_matches=r"^E05\d{6}$",
    )
    given_ward_name: str = _text("IncGeo_WardName", "Name of that ward")
    given_ward_new_name: str = _text("IncGeo_WardNameNew", "Its name after the last change")
    exact_easting: float = _place("Easting_m", "Easting, metres, British National Grid; blank for dwellings")
    exact_northing: float = _place("Northing_m", "Northing, metres, British National Grid; blank for dwellings")
    easting: float = _place("Easting_rounded", "Easting to 50 metres")
    northing: float = _place("Northing_rounded", "Northing to 50 metres")
    latitude: float = _place("Latitude", "Latitude, degrees; blank for dwellings")
    longitude: float = _place("Longitude", "Longitude, degrees; blank for dwellings")
    service: str = _text("FRS", "The fire and rescue service")
    station_ground: str = _text("IncidentStationGround", "The station on whose ground it happened")
    first_pump_s: int = _count("FirstPumpArriving_AttendanceTime", "Seconds until the first pump arrived")
    first_pump_station: str = _text("FirstPumpArriving_DeployedFromStation", "Where the first pump came from")
    second_pump_s: int = _count("SecondPumpArriving_AttendanceTime", "Seconds until the second pump arrived")
    second_pump_station: str = _text("SecondPumpArriving_DeployedFromStation", "Where the second pump came from")
    stations: int = _count("NumStationsWithPumpsAttending", "Stations that sent pumps")
    pumps_attending: int = _count("NumPumpsAttending", "Pumps in the first attendance")
    pumps: int = _count("PumpCount", "Pumps in all")
    pump_minutes: int = _count("PumpMinutesRounded", "Minutes of all pumps together, rounded")
    notional_cost_gbp: int = _count("Notional Cost (£)", "Notional cost of the pumps' time, pounds")
    calls: int = _count("NumCalls", "Calls about the incident")
    fire_kind: str = derived(
        pl.when(_stop == "secondary fire")
        .then(pl.lit("secondary"))
        .when((_stop == "primary fire") & (pl.col("property_category") == "road vehicle"))
        .then(pl.lit("primary, vehicle"))
        .when(_stop == "primary fire")
        .then(pl.lit("primary, other")),
        "Kind of fire, as SI 2007/1831 tells them apart: primary in a vehicle or elsewhere, or secondary",
    )
    deliberate: bool = derived(
        pl.when(_stop == "malicious").then(pl.lit(value=True)),
        "Whether it was deliberate, as far as the stop code tells: a malicious false alarm was",
    )
    occurred_at: Instant = derived(
        to_utc(pl.col("called_on").dt.combine(pl.col("called_at"))), "When the brigade was called, in UTC"
    )
    occurred_on: pl.Date = derived(pl.col("called_on"), "The day of the call")
    lsoa_code: str = derived(None, "Small area (LSOA 2021) by the rounded place; blank outside the borough")
    ward_code: str = derived(None, "Ward (2022) by the rounded place; blank outside the borough")

    @rule("call_year")
    def _year_is_that_of_the_date() -> pl.Expr:
        """The year of the call is that of its date."""
        return pl.col("call_year") == pl.col("called_on").dt.year()

    @rule("call_hour")
    def _hour_is_that_of_the_time() -> pl.Expr:
        """The hour of the call is that of its time."""
        return pl.col("call_hour") == pl.col("called_at").dt.hour()

    @rule("incident_type")
    def _stop_code_belongs_to_the_group() -> pl.Expr:
        """A stop code that names a fire, an alarm or a special service stands in the incident group of that name."""
        group = _stop.replace_strict(_GROUPS, default=None, return_dtype=pl.String)
        return pl.col("incident_class") == group

    @rule("postcode_district")
    def _district_is_that_of_the_postcode() -> pl.Expr:
        """The postcode's district is its outward part."""
        return pl.col("postcode_district") == pl.col("postcode").str.extract(r"^(\S+) ", 1)

    @rule("exact_easting")
    def _exact_place_is_near_the_rounded_one() -> pl.Expr:
        """Exact and rounded place are within 50 metres of each other on either axis."""
        east = (pl.col("exact_easting") - pl.col("easting")).abs() <= _ROUNDED_M
        return east & ((pl.col("exact_northing") - pl.col("northing")).abs() <= _ROUNDED_M)

    @rule("second_pump_s")
    def _second_pump_comes_after_the_first() -> pl.Expr:
        """The second pump does not arrive before the first."""
        return pl.col("second_pump_s") >= pl.col("first_pump_s")


INCIDENTS = Contract(
    feed="fire.incidents",
    model=Incident,
    event_type="fire incident",
    event_key=("incident_number",),
    period_column="called_on",
    place=GRID,
)
CONTRACTS = (INCIDENTS,)
