"""``hub assess``: the needs assessment of a quarter's release, permitted, made, logged and written. Edge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl

from agreement.policy import load_agreement
from assessment.needs.report import Report, assess, files
from assessment.needs.source import Source
from assessment.release import newest_release, read_tables
from assessment.telling import log_telling
from audit.events import Action
from definition.model import load_definition
from disclosure.questions import Terms
from documents.write import require_own, write
from factors.model import load_factors
from hub.periods import Quarter
from hub.settings import Settings
from publish.releases import Release
from schemas.area_boundaries import load_boundaries
from schemas.published import published_schema
from schemas.reference import reference_table

PURPOSE = "needs-assessment"
_PLACES = {"lsoa_code": pl.String(), "easting_m": pl.Int64(), "northing_m": pl.Int64()}
WANTED: Mapping[str, tuple[str, ...]] = {
    "person": ("person_id", "sex", "age_band"),
    "event": ("event_id", "feed", "occurred_on", "violence_kind", "definition_clauses"),
    "involvement": ("event_id", "person_id", "feed", "role"),
    "factor": ("person_id", "area_code", "factor", "level", "direction", "known_from", "feed"),
    "intervention": ("person_id", "intervention", "prevention", "provider"),
    "area": ("area_code", "kind", "name", "ward_code", "population", "population_10_24", "population_source",
             "deprivation_decile", "deprivation_source", "synthetic"),
    "release": ("feed", "state", "rows_received", "accepted_share", "linkage_precision", "linkage_precision_low",
                "linkage_precision_high", "linkage_recall", "linkage_recall_low", "linkage_recall_high", "harm_unit"),
}  # fmt: skip
"""No more is read than the assessment rests on (UK GDPR Art 5(1)(c))."""
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "event": ("incident_id", "occurred_at", "lsoa_code", "ward_code", "place_type", "assault_method", "harm")
}
_BLANK = ("occurred_at", "lsoa_code", "ward_code", "place_type")


@dataclass(frozen=True)
class Written:
    """What was written, and where. ``digest``: what the log calls it."""

    release: str
    folder: Path
    files: tuple[str, ...]
    digest: str
    report: Report


def write_assessment(settings: Settings, quarter: Quarter, recipient: str, folder: Path, on: date) -> Written:
    """The assessment of the newest published release of a quarter to a recipient, in a folder.

    1. The release is published and as its manifest says, and each reading is permitted for the purpose and logged.
    2. Every figure passes the gate, under the threshold of the agreement in force.
    3. Before anything is written, the agreement in force still permits it, and the log says what is written by its
       hash, with the decisions of disclosure control, under a signed checkpoint.
    4. The folder's files are put in place of those of an earlier assessment; others are left alone.

    Raises AssessmentRefused, ReadingRefused, AgreementRefusal and FolderRefused.
    """
    release = newest_release(settings, quarter, recipient)
    tables = read_tables(settings, release, PURPOSE, WANTED, on, OPTIONAL)  # (1)
    report = assess(source_of(settings, release, tables))  # (2)
    made = files(report, _stated(settings, release))
    require_own(folder, made)  # what cannot be written is not said to have been
    told = {name: sha256(content).hexdigest() for name, content in made.items()}
    digest = log_telling(
        settings, release, Action.ASSESS, "needs assessment", PURPOSE, told, report.decisions, on
    )  # (3)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, made)  # (4)
    return Written(release.name, folder, tuple(made), digest, report)


def source_of(settings: Settings, release: Release, tables: Mapping[str, pl.DataFrame]) -> Source:
    """What is assessed, from these tables of a release."""
    places = reference_table(settings.config, "areas", _PLACES).select(*_PLACES).rename({"lsoa_code": "area_code"})
    return Source(
        release=release.name,
        quarter=Quarter.parse(release.quarter),
        tables={**tables, "event": _with_blanks(tables["event"])},
        definition=load_definition(settings.config),
        factors=load_factors(settings.config),
        places=places,
        terms=Terms.of(load_agreement(settings).disclosure),
        boundaries=load_boundaries(settings.config),
    )


def _with_blanks(event: pl.DataFrame) -> pl.DataFrame:
    """Columns that the agreement does not grant are blank: what rests on them says that it is not known."""
    columns = published_schema("event").columns
    lacking = [name for name in _BLANK if name not in event.columns]
    return event.with_columns(pl.lit(None, columns[name].dtype.type).alias(name) for name in lacking)


def _stated(settings: Settings, release: Release) -> dict[str, str]:
    """What the assessment was made from, for its foot."""
    return {
        "manifest": release.manifest.hash,
        "agreement": load_agreement(settings).hash,
        "code commit": settings.code_commit,
    }
