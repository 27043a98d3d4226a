"""The council's view of anti-social behaviour, from which persons are left out."""

from pathlib import Path
from random import Random

from hub.periods import Quarter
from partners.extracts.rows import Extract, Row, Weak, spoil, write_csv
from partners.population.happenings import LifeCourses, Nuisance

FEED = "council.antisocial_behaviour"
COLUMNS = (
    "incident_reference", "incident_at", "reported_at", "category", "incident_type", "location_type", "young_people",
    "alcohol", "drugs", "weapon_seen", "action_taken", "easting", "northing", "ward_code", "period",
)  # fmt: skip
_WEAK = Weak(
    key="incident_reference",
    codes={"category": "OTHER", "ward_code": "E05000199", "action_taken": "ASBO"},
    optional=("location_type", "ward_code"),
    texts=("incident_type", "location_type"),
)
_NOT_UPDATED = 0.12  # of rows that still bear a ward of before 2022
_OLD_WARDS = tuple(f"E05{number:06}" for number in range(400, 416))


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Incidents that happened in the quarter."""
    within = [one for one in lives.nuisances if Quarter.containing(one.at.date()) == quarter]
    rows = [_row(one, Random(f"{seed}/{FEED}/{one.reference}")) | {"period": str(quarter)} for one in within]
    return spoil(Extract(FEED, str(quarter), rows), _WEAK, seed)


def _row(one: Nuisance, rng: Random) -> Row:
    placed = rng.random() < 0.93
    old = rng.random() < _NOT_UPDATED
    return {
        "incident_reference": one.reference,
        "incident_at": one.at.isoformat(),
        "reported_at": one.reported_at.isoformat(),
        "category": one.category,
        "incident_type": one.kind,
        "location_type": one.place,
        "young_people": "true" if one.young else "false",
        "alcohol": "true" if one.alcohol else "false",
        "drugs": "true" if one.drugs else "false",
        "weapon_seen": "true" if one.weapon else "false",
        "action_taken": one.action,
        "easting": one.spot.easting if placed else "",
        "northing": one.spot.northing if placed else "",
        "ward_code": rng.choice(_OLD_WARDS) if old else one.spot.area.ward_code,
    }


def write(path: Path, made: Extract) -> None:
    """The table public.antisocial_behaviour, to be loaded into the council's database."""
    write_csv(path, COLUMNS, made.rows)
