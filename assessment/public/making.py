"""Making a public release's files from the partnership's own release: read as any reader reads it. Edge.

1. The quarter's tables are of that quarter's events alone (``assessment.public.tables``).
2. The tables of the needs assessment tell of a year. They overlap with those of a year that begins in between, and so
   they are given once in four quarters at the most.
3. All is held against what was out before (``assessment.public.holding``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from agreement.model import Agreement, Public
from assessment.public.files import Stated, files
from assessment.public.holding import Beside, hold, told_of
from assessment.public.kept import out_near
from assessment.public.manifest import FileEntry, ProtectionEntry, PublicManifest
from assessment.public.source import PublicSource
from assessment.release import newest_release
from assessment.safe import Gate
from assessment.told_before import ToldBefore
from hub.periods import Quarter
from hub.settings import Settings
from publish.database import ANALYSTS
from publish.manifest import AgreementEntry


@dataclass(frozen=True)
class MadeRelease:
    """A public release's manifest, still without a version of its own, its files, and what its tables tell."""

    manifest: PublicManifest
    files: Mapping[str, bytes]
    told: ToldBefore


def kinds_due(connection: Connection, public: Public, quarter: Quarter) -> tuple[str, ...]:
    """The kinds of tables that are given with a quarter (2)."""
    lately = {kind for one in out_near(connection, quarter) for kind in one.manifest.kinds}
    return tuple(kind for kind in public.tables if kind != "needs" or kind not in lately)


def make(
    settings: Settings, agreement: Agreement, public: Public, quarter: Quarter, kinds: Sequence[str], known: Beside,
    on: date,
) -> MadeRelease:  # fmt: skip
    """The files and the manifest from the newest release of the quarter. Raises AssessmentRefused and ReadingRefused.

    The reading is permitted for the first of the purposes that the agreement states for the public, and logged.
    """
    release = newest_release(settings, quarter, ANALYSTS)
    source = PublicSource.read(settings, release, public, on)
    gate = Gate(source.terms)
    hold(source, known, public, quarter, gate, year="needs" in kinds, on=on)  # (3)
    made = source.of(quarter, gate) if "quarter" in kinds else []  # (1)
    needs = source.needs(gate) if "needs" in kinds else []  # (2)
    partnership = release.manifest.partnership
    held = files(Stated(partnership, quarter, release.name, public.smallest_count, public.round_to), made, needs)
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
    return MadeRelease(manifest, held, told_of(gate, quarter, known))
