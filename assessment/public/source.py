"""What a public release's tables are made of: the tables of a release as any reader reads them. Edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from agreement.model import Public
from assessment.needs.report import assess
from assessment.needs.sheet import Sheet
from assessment.needs.writing import OPTIONAL, WANTED, source_of
from assessment.public.tables import FEEDS, Made, Values, quarter_tables
from assessment.release import read_tables
from assessment.safe import Gate
from definition.model import load_definition
from disclosure.questions import Terms
from hub.periods import Quarter
from hub.settings import Settings
from publish.releases import Release
from schemas.offences import load_offences

NEEDS_SECTIONS = ("population", "scale", "kinds", "place", "time", "people", "gaps")
"""Not the drivers, cohorts and services: who is at risk, and who was reached, is for those who act on it."""
MORE = {"event": ("offence_code", "asb_category", "fire_kind")}


@dataclass(frozen=True)
class PublicSource:
    """The tables of one release, and what each column of theirs may hold."""

    settings: Settings
    release: Release
    terms: Terms
    tables: Mapping[str, pl.DataFrame] = field(repr=False)
    values: Values = field(repr=False)

    @classmethod
    def read(cls, settings: Settings, release: Release, public: Public, on: date) -> "PublicSource":
        """Read them for the first of the purposes that the agreement states for the public: permitted, and logged."""
        optional = {**OPTIONAL, "event": (*OPTIONAL["event"], *MORE["event"])}
        tables = read_tables(settings, release, public.purposes[0], WANTED, on, optional)
        terms = Terms(public.smallest_count, public.round_to)
        return cls(settings, release, terms, tables, _values(settings, tables))

    def of(self, quarter: Quarter, gate: Gate) -> list[Made]:
        """The tables of a quarter; of the release's own those whose feed was delivered: no crime is not no feed."""
        groups, state = load_offences(self.settings.config), self.tables["release"]
        there = state.filter(pl.col("state") == "admitted")["feed"].to_list()
        feeds = there if str(quarter) == self.release.quarter else FEEDS
        return quarter_tables(self.tables["event"], groups, self.values, quarter, gate, feeds)

    def needs(self, gate: Gate) -> list[Sheet]:
        """The tables of the needs assessment."""
        source = replace(source_of(self.settings, self.release, self.tables), terms=self.terms)
        report = assess(source, gate)
        return [sheet for section in report.sections if section.slug in NEEDS_SECTIONS for sheet in section.sheets]


def _values(settings: Settings, tables: Mapping[str, pl.DataFrame]) -> Values:
    """What each column may hold: by the configuration and the public figures, not by what occurred."""
    area = tables["area"]
    wards = area.filter(pl.col("kind") == "ward").sort("area_code")
    kinds = sorted(load_definition(settings.config).kinds)
    return {
        "ward": tuple(wards["area_code"].to_list()),
        "offence_group": tuple(load_offences(settings.config)["group"].unique().sort().to_list()),
        "violence_kind": tuple(kinds),
        "asb_category": ("environmental", "nuisance", "personal"),
        "fire_kind": ("primary, other", "primary, vehicle", "secondary"),
    }
