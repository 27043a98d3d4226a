"""Street-level crime without persons, as the data.police.uk API gives it: from the same crimes, or genuine records."""

import gzip
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.police import recorded_in
from partners.extracts.rows import write_text
from partners.layout import extract_path
from partners.population.areas import Area, Spot, load_areas, spot_in
from partners.population.happenings import Crime, LifeCourses

FEED = "police.street_crime"
_DISTURBANCES_A_MONTH = 250  # anti-social behaviour, for 5,000 people
_STREETS_AN_AREA = 12
_REPEATED = 0.003  # of a month's records
_AT_STATIONS = 0.04  # of disturbances: records of the transport police
_STATIONS = (
    "Kingston", "Norbiton", "New Malden", "Berrylands", "Surbiton", "Tolworth", "Malden Manor", "Chessington North",
    "Chessington South",
)  # fmt: skip
_PLACES = ("Parking Area", "Supermarket", "Park/Open Space", "Petrol Station", "Nightclub", "Shopping Area")
_ROADS = ("Road", "Avenue", "Close", "Gardens", "Lane", "Crescent", "Way", "Drive", "Grove", "Hill")
_STEMS = (
    "Acre", "Bourne", "Cedar", "Dale", "Ewell", "Fern", "Glebe", "Hogsmill", "Ivy", "Jubilee", "Kingfisher", "Laurel",
    "Mead", "Norbury", "Oakhill", "Pine",
)  # fmt: skip
_OUTCOMES = (
    ("Under investigation", 30),
    ("Investigation complete; no suspect identified", 34),
    ("Unable to prosecute suspect", 22),
    ("Awaiting court outcome", 6),
    ("Local resolution", 4),
    ("Offender given a caution", 4),
)


class _Map:
    """The points that crimes are snapped to, each with a street's number and name; the same for every seed."""

    def __init__(self) -> None:
        rng = Random("street map")
        self.points = {
            area: [self._street(area, number, rng) for number in range(_STREETS_AN_AREA)] for area in load_areas()
        }

    @staticmethod
    def _street(area: Area, number: int, rng: Random) -> tuple[Spot, dict[str, object]]:
        spot, stem = spot_in(area, rng), rng.choice(_STEMS)
        name = rng.choice(_PLACES) if rng.random() < 0.12 else f"{stem} {rng.choice(_ROADS)}"
        street_id = 1_480_000 + int(area.lsoa_code[-5:]) % 5_000 * _STREETS_AN_AREA + number
        return spot, {"id": street_id, "name": f"On or near {name}"}

    def location(self, spot: Spot) -> dict[str, object]:
        """The nearest point of the spot's area, never the spot itself."""
        points = self.points[spot.area]
        point, street = min(points, key=lambda p: abs(p[0].easting - spot.easting) + abs(p[0].northing - spot.northing))
        latitude, longitude = point.degrees
        return {"latitude": f"{latitude:.6f}", "street": street, "longitude": f"{longitude:.6f}"}


def street_crime(lives: LifeCourses, quarter: Quarter, seed: int, people: int) -> dict[str, list[dict[str, object]]]:
    """By month of the quarter, its records: crimes by the month of their recording, and anti-social behaviour."""
    streets, crimes = _Map(), recorded_in(lives, quarter)
    months: dict[str, list[dict[str, object]]] = {}
    for month in quarter.months:
        rng = Random(f"{seed}/{FEED}/{month}")
        found = [_record(crime, month, streets, rng, seed) for crime in crimes if f"{crime.recorded_on:%Y-%m}" == month]
        found += [_disturbance(month, streets, rng) for _ in range(_DISTURBANCES_A_MONTH * people // 5_000)]
        rng.shuffle(found)
        months[month] = _numbered(found, month, rng)
    return months


def _numbered(found: list[dict[str, object]], month: str, rng: Random) -> list[dict[str, object]]:
    """Records with numbers of their own, but for a few that the force has sent twice."""
    first = 100_000_000 + int(month.replace("-", "")) % 10_000 * 10_000
    numbered = [record | {"id": first + number} for number, record in enumerate(found)]
    return numbered + rng.sample(numbered, round(_REPEATED * len(numbered)))


def _record(crime: Crime, month: str, streets: _Map, rng: Random, seed: int) -> dict[str, object]:
    outcomes, weights = zip(*_OUTCOMES, strict=True)
    return {
        "category": crime.offence.category,
        "location_type": "Force",
        "location": streets.location(crime.spot),
        "context": "",
        "outcome_status": {"category": rng.choices(outcomes, weights=weights)[0], "date": month},
        "persistent_id": sha256(f"{seed}/{crime.reference}".encode()).hexdigest(),
        "id": 0,
        "location_subtype": "",
        "month": month,
    }


def _disturbance(month: str, streets: _Map, rng: Random) -> dict[str, object]:
    location = streets.location(spot_in(rng.choice(load_areas()), rng))
    station = rng.random() < _AT_STATIONS
    if station:
        location["street"] = {
            "id": 1_470_000 + (number := rng.randrange(len(_STATIONS))),
            "name": f"{_STATIONS[number]} (station)",
        }
    return {
        "category": "anti-social-behaviour",
        "location_type": "BTP" if station else "Force",
        "location": location,
        "context": "",
        "outcome_status": None,
        "persistent_id": "",
        "id": 0,
        "location_subtype": "STATION" if station else "",
        "month": month,
    }


def replay_street_crime(jsonl_gz: Path, folder: Path) -> dict[str, int]:
    """Write genuine records (gzipped JSON lines) as the API's monthly answers; returns records by month.

    ``_ward_code``, which tells whose boundary was asked for, is not part of the API's answer and is left out.
    """
    months: dict[str, list[dict[str, object]]] = {}
    for record in _genuine(jsonl_gz):
        months.setdefault(str(record["month"]), []).append(record)
    for month, records in months.items():
        write_text(extract_path(folder, FEED, month), json.dumps(records))
    return {month: len(records) for month, records in months.items()}


def _genuine(jsonl_gz: Path) -> Iterator[dict[str, object]]:
    with gzip.open(jsonl_gz, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield {name: value for name, value in json.loads(line).items() if name != "_ward_code"}
