"""The hospital's return of assaults (DCB1594): the same attendances, without persons and without keys."""

from pathlib import Path

from hub.periods import Quarter
from partners.extracts.health import attendance
from partners.extracts.rows import Extract, Row, Weak, spoil, write_csv
from partners.population.happenings import LifeCourses

FEED = "health.assault_attendances"
COLUMNS = (
    "REPORTING PERIOD START DATE", "REPORTING PERIOD END DATE", "SITE CODE (OF TREATMENT)", "ARRIVAL DATE",
    "ARRIVAL TIME", "ASSAULT DATE", "ASSAULT TIME", "ASSAULT METHOD", "ASSAULT LOCATION TYPE",
    "ASSAULT LOCATION DESCRIPTION",
)  # fmt: skip
_WEAK = Weak(
    key="SITE CODE (OF TREATMENT)",
    codes={"ASSAULT LOCATION TYPE": "20"},
    dates={"ARRIVAL DATE": "2026-02-31"},
    optional=("ASSAULT METHOD",),
    texts=("ASSAULT METHOD", "ASSAULT LOCATION DESCRIPTION"),
)


def extract(lives: LifeCourses, quarter: Quarter, seed: int) -> Extract:
    """Attendances whose patient arrived in the quarter, in order of arrival."""
    within = [one for one in lives.attendances if Quarter.containing(one.arrived_at.date()) == quarter]
    within.sort(key=lambda one: (one.arrived_at, one.attendance_id))
    header: Row = {
        "REPORTING PERIOD START DATE": quarter.starts_on.isoformat(),
        "REPORTING PERIOD END DATE": quarter.ends_on.isoformat(),
    }
    told = [header | attendance(one, seed) for one in within]
    rows = [{name: row[name] for name in COLUMNS} for row in told]
    return spoil(Extract(FEED, str(quarter), rows), _WEAK, seed)


def write(path: Path, made: Extract) -> None:
    """The CSV file that the hospital sends."""
    write_csv(path, COLUMNS, made.rows)
