"""What a needs assessment is made of: the tables of one release, what their words mean, and the time it tells of. Pure.

1. Serious violence is what the police recorded of a kind of the definition; what hospitals tell of is counted beside
   it, since an attendance may be of a crime that the police know.
2. The time told of are the last four quarters up to the release's for which the police told of events; the four before
   are what they are compared with. A quarter with less than a third of the fullest quarter's events is not told of: a
   few crimes are recorded years later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from assessment.ages import with_birth_year
from assessment.cohort import number
from definition.model import Definition
from disclosure.questions import Terms
from factors.model import FactorRules
from hub.periods import Quarter
from schemas.area_boundaries import Rings

POLICE, HOSPITAL = "police.recorded_crime", "health.emergency_care"
UNKNOWN = "not known"
LONDON = ZoneInfo("Europe/London")
_YEAR = 4


@dataclass(frozen=True)
class Source:
    """A release as it is assessed.

    ``places``: area_code, easting_m, northing_m of the middle of each small area; ``boundaries``: the official lines
    around them, if any are loaded.
    """

    release: str
    quarter: Quarter
    tables: Mapping[str, pl.DataFrame]
    definition: Definition
    factors: FactorRules
    places: pl.DataFrame
    terms: Terms
    boundaries: Mapping[str, Rings] = field(default_factory=dict)

    @cached_property
    def violence(self) -> pl.DataFrame:
        """Every event of serious violence that the police told of in the quarters that are told of (1, 2)."""
        event = self.tables["event"].filter((pl.col("feed") == POLICE) & pl.col("violence_kind").is_not_null())
        rows = event.with_columns(number(pl.col("occurred_on")), month=pl.col("occurred_on").dt.truncate("1mo"))
        return rows.filter(pl.col("quarter").is_in(self.watched))

    @cached_property
    def watched(self) -> list[int]:
        """The quarters for which the police told of events, as numbers, oldest first (2)."""
        days = self.tables["event"].filter(pl.col("feed") == POLICE).select(number(pl.col("occurred_on")))
        many = days.filter(pl.col("quarter") <= numbered(self.quarter)).group_by("quarter").len()
        usual = many.filter(pl.col("len") * 3 >= pl.col("len").max())["quarter"]
        return list(range(int(usual.min()), numbered(self.quarter) + 1)) if usual.len() else []  # type: ignore[arg-type]

    @cached_property
    def now(self) -> pl.DataFrame:
        """The violence of the last four quarters."""
        return self.violence.filter(pl.col("quarter").is_in(self.watched[-_YEAR:]))

    @cached_property
    def before(self) -> pl.DataFrame:
        """The violence of the four quarters before, if all of them are told of; else none."""
        earlier = self.watched[-2 * _YEAR : -_YEAR]
        return self.violence.filter(pl.col("quarter").is_in(earlier if len(earlier) == _YEAR else []))

    @cached_property
    def parts(self) -> pl.DataFrame:
        """Who took which part in that violence: event_id, person_id, role, incident; patients are victims.

        One assault that the police and the hospital tell of is one incident, where the release has incidents.
        """
        involved = self.tables["involvement"].select("event_id", "person_id", "role")
        of = pl.col("incident_id" if "incident_id" in self.attended.columns else "event_id").alias("incident")
        told = involved.join(self.now.select("event_id", of), on="event_id")
        patients = involved.join(self.attended.select("event_id", of), on="event_id")
        return pl.concat([told, patients.with_columns(role=pl.lit("victim"))])

    @cached_property
    def attended(self) -> pl.DataFrame:
        """Attendances at hospital after an assault in the time told of."""
        event = self.tables["event"].filter(pl.col("feed") == HOSPITAL).with_columns(number(pl.col("occurred_on")))
        event = event.filter(pl.col("quarter").is_in(self.watched[-_YEAR:]))
        return event.filter(pl.col("violence_kind").is_not_null()) if "assault_method" in event.columns else event

    @cached_property
    def people(self) -> pl.DataFrame:
        """The table person, with ``birth_year`` and no blanks in sex and band."""
        person = with_birth_year(self.tables["person"], self.quarter.year)
        return person.with_columns(pl.col("sex", "age_band").fill_null(UNKNOWN))

    @cached_property
    def period(self) -> str:
        """The time told of, in words."""
        if not self.watched:
            return "no time at all"
        first = self.watched[-_YEAR:][0]
        began = date(first // 4, first % 4 * 3 + 1, 1)
        until = self.quarter.ends_on
        return f"{began.day} {began:%B %Y} to {until.day} {until:%B %Y}"


def numbered(quarter: Quarter) -> int:
    """A quarter as ``assessment.cohort.number`` counts it."""
    return quarter.year * 4 + quarter.number - 1


def named(quarter: int) -> str:
    """Its name again, such as 2026-Q3."""
    return str(Quarter(quarter // 4, quarter % 4 + 1))
