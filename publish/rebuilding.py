"""Building a release again from what is stored, to see that it is what its manifest says. Nothing is kept."""

from dataclasses import dataclass

from agreement.archive import enact
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.ring import KeyRing
from keys.services import Service
from publish.candidate import Made, make_tables
from publish.comparing import known_name, standing
from publish.manifest import Manifest
from publish.manifest_changes import Change, inputs_changed, made_changed
from publish.refusals import logging_refusals
from publish.releases import Release


@dataclass(frozen=True)
class Rebuilt:
    """Which tables came out byte for byte as the manifest states, which did not, and what was different this time.

    ``changes`` are of inputs and of what the tables are made by: why a table may differ. ``same``: nothing differs.
    """

    release: str
    equal: tuple[str, ...]
    different: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether this is the very release, its manifest included."""
        return not self.different and not self.changes


@leaving_no_values
def rebuild(settings: Settings, ring: KeyRing, name: str) -> Rebuilt:
    """Build a release again from what is stored now, as ``build_candidate`` does, and compare it with its manifest.

    1. It is published, or a candidate that the log knows as built last (``standing``).
    2. What is refused to a new candidate is refused here: the agreement in force and the linkage permit it.
    3. Files and manifest go as they came; the log says that the records were combined again, and what came of it.

    Raises as ``build_candidate``, ReadingRefused and PublicationRefused; each is logged.
    """
    ring = ring.serving(Service.PUBLISH)
    with logging_refusals(settings, release=known_name(name)):
        with transaction(settings) as connection:
            found = standing(connection, known_name(name))  # (1)
        made = make_tables(settings, ring, Quarter.parse(found.quarter), found.recipient)  # (2)
        told = compared(found.manifest, made.manifest)
        with transaction(settings) as connection:
            enact(connection, made.agreement, settings.actor, settings.code_commit, now())
            append(connection, _entry(settings, found, made, told))  # (3)
            checkpoint(connection, log_signer(settings, ring))
        return told


def compared(stated: Manifest, made: Manifest) -> Rebuilt:
    """What of a release came out as its manifest states. Pure."""
    was, now_ = ({table.name: table.sha256 for table in manifest.tables} for manifest in (stated, made))
    names = tuple(dict.fromkeys([*was, *now_]))
    return Rebuilt(
        release=stated.release,
        equal=tuple(name for name in names if was.get(name) == now_.get(name)),
        different=tuple(name for name in names if was.get(name) != now_.get(name)),
        changes=(*inputs_changed(stated, made), *made_changed(stated, made)),
    )


def _entry(settings: Settings, release: Release, made: Made, told: Rebuilt) -> Entry:
    return Entry(
        action=Action.REBUILD,
        actor=settings.actor,
        period=release.quarter,
        release=release.name,
        recipient=release.recipient,
        rows=sum(table.rows for table in made.manifest.tables),
        purpose=made.purposes,
        agreement_hash=made.agreement.hash,
        code_commit=settings.code_commit,
        detail={
            "manifest": release.manifest.hash,
            "tables_equal": len(told.equal),
            "tables_differ": len(told.different),
        },
    )
