"""Making a public release's files from the partnership's own release: read as any reader reads it. Edge.

1. The quarter's tables are of that quarter's events alone (``assessment.public.tables``).
2. The tables of the needs assessment tell of a year. They overlap with those of a year that begins in between, and so
   they are given once in four quarters at the most.
3. With them, the tables of the three quarters before that were published pass the same gate first: what was hidden
   there cannot be told from the year. That holds only while they would come out as they were published; if one would
   not, it is published again first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from sqlalchemy import Connection

from agreement.model import Agreement, Public
from assessment.errors import AssessmentRefused
from assessment.needs.report import assess
from assessment.needs.sheet import Sheet
from assessment.needs.writing import OPTIONAL, WANTED, source_of
from assessment.public.files import Stated, files
from assessment.public.kept import PublicRelease, published_near
from assessment.public.manifest import FileEntry, ProtectionEntry, PublicManifest
from assessment.public.tables import Made, Values, not_as_published, quarter_tables
from assessment.release import newest_release, read_tables
from assessment.safe import Gate
from definition.model import load_definition
from disclosure.questions import Terms
from hub.periods import Quarter
from hub.settings import Settings
from publish.database import ANALYSTS
from publish.folders import read_file
from publish.manifest import AgreementEntry
from publish.releases import Release
from schemas.offences import load_offences

NEEDS_SECTIONS = ("population", "scale", "kinds", "place", "time", "people", "gaps")
"""Not the drivers, cohorts and services: who is at risk, and who was reached, is for those who act on it."""
MORE = {"event": ("offence_code", "asb_category", "fire_kind")}


@dataclass(frozen=True)
class MadeRelease:
    """A public release's manifest, still without a version of its own, and its files."""

    manifest: PublicManifest
    files: Mapping[str, bytes]


def kinds_due(connection: Connection, public: Public, quarter: Quarter) -> tuple[str, ...]:
    """The kinds of tables that are given with a quarter (2)."""
    lately = {kind for one in published_near(connection, quarter) for kind in one.manifest.kinds}
    return tuple(kind for kind in public.tables if kind != "needs" or kind not in lately)


def make(
    settings: Settings, agreement: Agreement, public: Public, quarter: Quarter, kinds: Sequence[str],
    earlier: Sequence[PublicRelease], on: date,
) -> MadeRelease:  # fmt: skip
    """The files and the manifest from the newest release of the quarter. Raises AssessmentRefused and ReadingRefused.

    The reading is permitted for the first of the purposes that the agreement states for the public, and logged.
    """
    release = newest_release(settings, quarter, ANALYSTS)
    optional = {**OPTIONAL, "event": (*OPTIONAL["event"], *MORE["event"])}
    tables = read_tables(settings, release, public.purposes[0], WANTED, on, optional)
    terms = Terms(public.smallest_count, public.round_to)
    gate, values = Gate(terms), _values(settings, tables)
    event, groups = tables["event"], load_offences(settings.config)
    if "needs" in kinds:
        for one in earlier:  # (3)
            _require_same(one, quarter_tables(event, groups, values, Quarter.parse(one.quarter), gate))
    made = quarter_tables(event, groups, values, quarter, gate) if "quarter" in kinds else []  # (1)
    needs = _needs(settings, release, tables, terms, gate) if "needs" in kinds else []  # (2)
    partnership = release.manifest.partnership
    stated = Stated(partnership, quarter, release.name, public.smallest_count, public.round_to)
    held = files(stated, made, needs)
    manifest = PublicManifest(
        partnership=partnership,
        release="",
        quarter=str(quarter),
        kinds=tuple(kinds),
        source=release.name,
        source_manifest=release.manifest.hash,
        agreement=AgreementEntry(id=agreement.id, version=agreement.version, hash=agreement.hash),
        code_commit=settings.code_commit,
        smallest_count=public.smallest_count,
        round_to=public.round_to,
        files=tuple(FileEntry.of(name, content) for name, content in held.items()),
        protection=tuple(
            ProtectionEntry(table=one.table, cells=one.cells, small=one.small, beside=one.beside)
            for one in gate.decisions
        ),
    )
    return MadeRelease(manifest, held)


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


def _needs(
    settings: Settings, release: Release, tables: Mapping[str, pl.DataFrame], terms: Terms, gate: Gate
) -> list[Sheet]:
    source = replace(source_of(settings, release, tables), terms=terms)
    report = assess(source, gate)
    return [sheet for section in report.sections if section.slug in NEEDS_SECTIONS for sheet in section.sheets]


def _require_same(published: PublicRelease, made: Sequence[Made]) -> None:
    """Rule 3."""
    kept = {one.name: read_file(published.uri, one.name) or b"" for one in published.manifest.files}
    wrong = published.manifest.damaged(kept)
    other = not_as_published(made, kept) if not wrong else []
    if wrong or other:
        why = f"the file {wrong[0]} is not as it was published" if wrong else "the events of it were corrected since"
        raise AssessmentRefused(
            "The tables of the needs assessment cannot be given to the public",
            where=published.name,
            why=f"{why}, so that they cannot be held against it" + (f" ({', '.join(other)})" if other else ""),
            fix=f"Restore the folder, or build and publish {published.quarter} again first",
        )
