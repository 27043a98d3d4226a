"""The fire brigade's incidents, as the London Fire Brigade publishes them: 39 columns, and no person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.rows import Extract, Row, Weak, spoil, write_csv
from partners.population.areas import load_areas, spot_in
from partners.population.happenings import LifeCourses

FEED = "fire.incidents"
COLUMNS = (
    "IncidentNumber", "DateOfCall", "CalYear", "TimeOfCall", "HourOfCall", "IncidentGroup", "StopCodeDescription",
    "SpecialServiceType", "PropertyCategory", "PropertyType", "AddressQualifier", "Postcode_full", "Postcode_district",
    "UPRN", "USRN", "IncGeo_BoroughCode", "IncGeo_BoroughName", "ProperCase", "IncGeo_WardCode", "IncGeo_WardName",
    "IncGeo_WardNameNew", "Easting_m", "Northing_m", "Easting_rounded", "Northing_rounded", "Latitude", "Longitude",
    "FRS", "IncidentStationGround", "FirstPumpArriving_AttendanceTime", "FirstPumpArriving_DeployedFromStation",
    "SecondPumpArriving_AttendanceTime", "SecondPumpArriving_DeployedFromStation", "NumStationsWithPumpsAttending",
    "NumPumpsAttending", "PumpCount", "PumpMinutesRounded", "Notional Cost (£)", "NumCalls",
)  # fmt: skip
_WEAK = Weak(
    key="IncidentNumber",
    codes={"StopCodeDescription": "Barbecue", "PropertyCategory": "Caravan"},
    dates={"DateOfCall": "31 Jun 2026"},
    optional=("PropertyCategory", "AddressQualifier"),
    texts=("PropertyType", "IncidentStationGround", "ProperCase"),
    integers=("PumpCount", "HourOfCall", "CalYear"),
)
_A_CRIME = 0.11  # incidents that no referral tells of, for each crime of the quarter
_KINDS = {
    ("Fire", "Primary Fire"): 11,
    ("Fire", "Secondary Fire"): 12,
    ("False Alarm", "AFA"): 38,
    ("False Alarm", "False alarm - Good intent"): 14,
    ("False Alarm", "False alarm - Malicious"): 3,
    ("Special Service", "Special Service"): 22,
}
_SERVICES = ("RTC", "Flooding", "Lift Release", "Effecting entry/exit", "Assist other agencies", "Medical Incident")
_PROPERTY = {
    "Dwelling": ("House - single occupancy ", "Purpose Built Flats/Maisonettes - Up to 3 storeys "),
    "Outdoor": ("Loose refuse ", "Park ", "Road surface/pavement "),
    "Outdoor Structure": ("Small refuse/rubbish container", "Wheelie Bin "),
    "Road Vehicle": ("Car ", "Motorcycle "),
    "Non Residential": ("Department Store ", "Secondary school "),
}
_OPEN_AIR = ("Outdoor", "Outdoor", "Outdoor Structure", "Road Vehicle")
_STATIONS = ("Kingston", "Surbiton", "New Malden")


@dataclass(frozen=True)
class _Call:
    number: str
    at: datetime
    group: str
    stop: str


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Calls of the quarter: those that a child was referred for, and others."""
    rng = Random(f"{seed}/{FEED}/{quarter}")
    calls = [*_told_of(lives, quarter, rng), *_others(lives, quarter, rng)]
    rows = [_row(call, rng) for call in sorted(calls, key=lambda call: (call.at, call.number))]
    return spoil(Extract(FEED, str(quarter), rows), _WEAK, seed)


def write(path: Path, made: Extract) -> None:
    """The CSV file that the brigade puts into the store."""
    write_csv(path, COLUMNS, made.rows)


def _told_of(lives: LifeCourses, quarter: Quarter, rng: Random) -> Iterator[_Call]:
    numbers = {
        case.incident_number: case
        for case in lives.fire_referrals
        if case.incident_number and case.fire_on and Quarter.containing(case.fire_on) == quarter
    }
    for number, case in numbers.items():
        yield _Call(number, _at(case.fire_on or quarter.starts_on, rng), "Fire", case.incident_group)


def _others(lives: LifeCourses, quarter: Quarter, rng: Random) -> Iterator[_Call]:
    crimes = sum(Quarter.containing(crime.committed_from.date()) == quarter for crime in lives.crimes)
    days = (quarter.ends_on - quarter.starts_on).days + 1
    for serial in range(round(crimes * _A_CRIME)):
        at = _at(quarter.starts_on + timedelta(days=rng.randrange(days)), rng)
        group, stop = rng.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
        yield _Call(f"{200_000 + serial:06}-{at:%d%m%Y}", at, group, stop)


def _at(day: date, rng: Random) -> datetime:
    """A time of the day that no change of the clocks skips."""
    return datetime.combine(day, time(rng.choice([0, *range(3, 24)]), rng.randrange(60), rng.randrange(60)))


def _row(call: _Call, rng: Random) -> Row:
    secondary = call.stop == "Secondary Fire"
    category = rng.choice(_OPEN_AIR if secondary else list(_PROPERTY))
    return {
        "IncidentNumber": call.number,
        "DateOfCall": f"{call.at:%d %b %Y}",
        "CalYear": call.at.year,
        "TimeOfCall": f"{call.at:%H:%M:%S}",
        "HourOfCall": call.at.hour,
        "IncidentGroup": call.group,
        "StopCodeDescription": call.stop,
        "SpecialServiceType": rng.choice(_SERVICES) if call.group == "Special Service" else "",
        "PropertyCategory": category,
        "PropertyType": rng.choice(_PROPERTY[category]),
        "AddressQualifier": "In street close to gazetteer location" if secondary else "Correct incident location",
        **_place(category == "Dwelling", rng),
        **_pumps(call.stop, rng),
    }


def _place(dwelling: bool, rng: Random) -> Row:
    """Where it was; of a dwelling only to 50 metres."""
    area = rng.choice(load_areas())
    spot = spot_in(area, rng)
    latitude, longitude = spot.degrees
    inward = f"{rng.randrange(1, 9)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"
    return {
        "Postcode_full": "" if dwelling else f"{area.district} {inward}",
        "Postcode_district": area.district,
        "UPRN": "0.0" if dwelling else "",
        "USRN": f"{20_500_000 + rng.randrange(99_999)}.0",
        "IncGeo_BoroughCode": "E09000021",
        "IncGeo_BoroughName": "KINGSTON UPON THAMES",
        "ProperCase": "Kingston Upon thames",
        "IncGeo_WardCode": area.ward_code,
        "IncGeo_WardName": area.ward_name,
        "IncGeo_WardNameNew": area.ward_name,
        "Easting_m": "" if dwelling else f"{spot.easting}.0",
        "Northing_m": "" if dwelling else f"{spot.northing}.0",
        "Easting_rounded": round(spot.easting / 50) * 50,
        "Northing_rounded": round(spot.northing / 50) * 50,
        "Latitude": "" if dwelling else f"{latitude:.10f}",
        "Longitude": "" if dwelling else f"{longitude:.10f}",
    }


def _pumps(stop: str, rng: Random) -> Row:
    first, pumps = rng.randint(90, 600), 1 if stop == "Secondary Fire" else rng.choice((1, 2, 2, 3))
    station = rng.choice(_STATIONS)
    minutes = 60 * pumps
    return {
        "FRS": "London",
        "IncidentStationGround": station,
        "FirstPumpArriving_AttendanceTime": f"{first}.0",
        "FirstPumpArriving_DeployedFromStation": station,
        "SecondPumpArriving_AttendanceTime": f"{first + rng.randint(5, 300)}.0" if pumps > 1 else "",
        "SecondPumpArriving_DeployedFromStation": rng.choice(_STATIONS) if pumps > 1 else "",
        "NumStationsWithPumpsAttending": f"{min(2, pumps)}.0",
        "NumPumpsAttending": f"{pumps}.0",
        "PumpCount": pumps,
        "PumpMinutesRounded": f"{minutes}.0",
        "Notional Cost (£)": f"{minutes * 388 // 60}.0",
        "NumCalls": f"{rng.choice((1, 1, 1, 2, 3))}.0",
    }
