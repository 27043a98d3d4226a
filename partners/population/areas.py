"""The borough's small areas, in which the people live and the crimes happen."""

import csv
from dataclasses import dataclass
from functools import cache
from math import hypot
from pathlib import Path
from random import Random

from hub.settings import PROJECT

REFERENCE = PROJECT / "config" / "reference" / "areas.csv"
FIGURES = PROJECT / "config" / "reference" / "area_figures.csv"  # made up
TOWN_CENTRE_WARD = "Kingston Town"

# Postcode districts by ward, roughly as they lie.
_DISTRICTS = {
    "KT1": ("Kingston Town", "Kingston Gate", "Norbiton", "St Mark's & Seething Wells"),
    "KT2": ("Canbury Gardens", "Tudor", "Coombe Hill", "King George's & Sunray"),
    "KT3": ("Coombe Vale", "New Malden Village", "Green Lane & St James", "Motspur Park & Old Malden East"),
    "KT4": ("Old Malden",),
    "KT5": ("Alexandra", "Berrylands", "Tolworth"),
    "KT6": ("Surbiton Hill",),
    "KT9": ("Hook & Chessington North", "Chessington South & Malden Rushett"),
}
DISTRICT_OF_WARD = {ward: district for district, wards in _DISTRICTS.items() for ward in wards}


@dataclass(frozen=True)
class Area:
    """A small area (LSOA 2021). ``radius_m``: how far from its point a place is surely nearer to it than to another."""

    lsoa_code: str
    ward_code: str
    ward_name: str
    latitude: float
    longitude: float
    easting_m: int
    northing_m: int
    radius_m: float

    @property
    def district(self) -> str:
        """The outward part of the area's postcodes."""
        return DISTRICT_OF_WARD[self.ward_name]


@dataclass(frozen=True)
class Spot:
    """A point on the ground: British National Grid, metres, and the area it lies in."""

    area: Area
    easting: int
    northing: int

    @property
    def degrees(self) -> tuple[float, float]:
        """Latitude and longitude; a plane around the area's own point, true to a few metres."""
        north, east = self.northing - self.area.northing_m, self.easting - self.area.easting_m
        return self.area.latitude + north / 111_260, self.area.longitude + east / 69_490


@cache
def load_areas(path: Path = REFERENCE) -> tuple[Area, ...]:
    """Every area of the reference table, in the order of its codes."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    points = [(int(row["easting_m"]), int(row["northing_m"])) for row in rows]
    return tuple(_area(row, point, points) for row, point in zip(rows, points, strict=True))


def _area(row: dict[str, str], point: tuple[int, int], points: list[tuple[int, int]]) -> Area:
    nearest = min(hypot(point[0] - x, point[1] - y) for x, y in points if (x, y) != point)
    return Area(
        lsoa_code=row["lsoa_code"],
        ward_code=row["ward_code"],
        ward_name=row["ward_name"],
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        easting_m=point[0],
        northing_m=point[1],
        radius_m=min(0.45 * nearest, 250.0),
    )


def spot_in(area: Area, rng: Random) -> Spot:
    """A place in the area, near enough to its point to be found in it again."""
    reach = area.radius_m * 0.7  # of both sides of a square, so that its corners stay within the radius
    return Spot(
        area,
        area.easting_m + round(rng.uniform(-reach, reach)),
        area.northing_m + round(rng.uniform(-reach, reach)),
    )


@cache
def deciles(column: str = "deprivation_decile") -> dict[str, int]:
    """The made-up tenth of each small area by its code: 1 is the most deprived."""
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return {row["lsoa_code"]: int(row[column]) for row in csv.DictReader(file)}
