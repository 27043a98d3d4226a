"""``hub release public``: figures for anybody to see are built, decided on by an officer, and published. Edge.

Nothing of a candidate is kept but its manifest: the same release, agreement and code give the same bytes, so that what
was approved is made again, and published only if it has the hash that the approval names.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from agreement.archive import enact
from agreement.model import Agreement, Public
from agreement.policy import load_agreement, permit_public
from assessment.errors import AssessmentRefused
from assessment.public import kept
from assessment.public.holding import Beside, beside
from assessment.public.kept import PublicRelease
from assessment.public.making import MadeRelease, kinds_due, make
from assessment.public.manifest import DECISION_FILE, MANIFEST_FILE
from assessment.telling import counted
from audit.events import Action, Entry, Scalar
from audit.log import append, checkpoint
from audit.query import Filter, newest
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.decision import Decision, Subject, verify_decision
from publish.folders import put_in_place, read_file, write_partial
from publish.logged import logged_decisions, require_sound_log
from publish.officers import agreement_in_force, roll
from publish.refusals import logging_refusals

RECIPIENT = "the public"


@leaving_no_values
def build_public(settings: Settings, quarter: Quarter, on: date) -> tuple[PublicRelease, Mapping[str, bytes], bool]:
    """Build a quarter's public release, and keep its manifest as a candidate; returns its files, and if it is the same.

    Raises AgreementRefusal where the agreement does not permit it, AssessmentRefused and ReadingRefused.
    """
    with logging_refusals(settings, period=str(quarter), recipient=RECIPIENT, action=Action.REFUSE_PUBLIC):
        agreement = load_agreement(settings)
        public = _permitted(agreement, None, on)
        with transaction(settings) as connection:
            kept.require_in_order(connection, quarter)
            kinds, newest = kinds_due(connection, public, quarter), kept.newest_of(connection, str(quarter))
            known, later = (beside(connection, quarter, version) for version in _versions(newest))
        made = make(settings, agreement, public, quarter, kinds, known, on)
        if newest is not None and known != later and made.manifest.named(newest.name).hash != newest.manifest.hash:
            made = make(settings, agreement, public, quarter, kinds, later, on)
        with transaction(settings) as connection:
            enact(connection, agreement, settings.actor, settings.code_commit, now())
            release, same = kept.keep(settings, connection, made.manifest)
            append(connection, _built(settings, agreement, public, release))
            checkpoint(connection, log_signer(settings, open_ring(settings, Service.CONSOLE)))
    return release, made.files, same


@leaving_no_values
def publish_public(settings: Settings, name: str, on: date) -> PublicRelease:
    """Publish an approved public release.

    1. The whole log verifies, and an appointed officer's newest decision, which it knows, approves this very manifest
       under the agreement in force (``verify_decision``).
    2. The agreement in force permits these kinds of tables for the public (``permit_public``).
    3. Made again, the release has the very manifest that is in the register now. Its quarter is still in order, its
       tables still due, and nothing was published meanwhile that it was not held against.
    4. The log says that it was published before a file of it is written; killed in between, it is published by
       running this again, which writes only what the log knows.
    5. What was withdrawn, by the register or by the log, is not published again.

    Raises AgreementRefusal, DecisionRefused, AssessmentRefused and PublicationRefused; each is logged.
    """
    with logging_refusals(settings, recipient=RECIPIENT, action=Action.REFUSE_PUBLIC):
        ring = open_ring(settings, Service.PUBLISH)
        with transaction(settings) as connection:
            found = kept.find(connection, name)
            require_sound_log(settings, ring, connection, found.name)
            kept.require_in_order(connection, Quarter.parse(found.quarter))
            _require_not_withdrawn(connection, found)  # (5)
            known = beside(connection, Quarter.parse(found.quarter), found.version)
        agreement = agreement_in_force(settings)
        public = _permitted(agreement, found.manifest.kinds, on)  # (2)
        made = make(settings, agreement, public, Quarter.parse(found.quarter), found.manifest.kinds, known, on)
        with transaction(settings) as connection:
            kept.one_at_a_time(connection)
            found = kept.find(connection, name, lock=True)
            agreement = agreement_in_force(settings)  # making took a while: all is asked once more
            public = _permitted(agreement, found.manifest.kinds, on)  # (2)
            _require_same(found, made)  # (3)
            _require_due(connection, public, found, known)  # (3)
            _require_not_withdrawn(connection, found)  # (5)
            decision = _disclosed(settings, connection, agreement, found, made)  # (1) (4)
        held = {**made.files, MANIFEST_FILE: found.manifest.canonical(), DECISION_FILE: decision.document()}
        with transaction(settings) as connection:
            _require_not_withdrawn(connection, kept.find(connection, name, lock=True))  # two runs do not write at once
            write_partial(found.uri, held)
            put_in_place(found.uri)
    return found


def missing_files(release: PublicRelease) -> list[str]:
    """The files of a published release that are missing or otherwise than its manifest states."""
    return release.manifest.damaged({one.name: read_file(release.uri, one.name) for one in release.manifest.files})


def _permitted(agreement: Agreement, kinds: tuple[str, ...] | None, on: date) -> Public:
    stated = agreement.public.tables if agreement.public else ("quarter",)
    return permit_public(agreement, kinds if kinds is not None else stated, on)


def _require_same(found: PublicRelease, made: MadeRelease) -> None:
    if made.manifest.named(found.name).hash != found.manifest.hash:
        raise _otherwise(found, "made again it is otherwise: its release, the agreement or the code changed since")


def _require_due(connection: Connection, public: Public, found: PublicRelease, known: Beside) -> None:
    quarter = Quarter.parse(found.quarter)
    kept.require_in_order(connection, quarter)
    if not set(found.manifest.kinds) <= set(kinds_due(connection, public, quarter)):
        raise _otherwise(found, "tables of a year that overlaps with its own were published since")
    if known != beside(connection, quarter, found.version):
        raise _otherwise(found, "a quarter before it was published meanwhile, against which it was not held")


def _require_not_withdrawn(connection: Connection, found: PublicRelease) -> None:
    said = newest(connection, Filter(action=Action.WITHDRAW_PUBLIC, release=found.name))
    if found.state == kept.WITHDRAWN or next(said, None) is not None:
        raise _otherwise(found, "it was withdrawn")


def _versions(newest: PublicRelease | None) -> tuple[int, int]:
    """Of what is built, the version that it is if it is the same as the newest that stands, and if it is not."""
    if newest is None or newest.state == kept.CANDIDATE:
        return (newest.version if newest else 1,) * 2
    return newest.version + (newest.state == kept.WITHDRAWN), newest.version + 1


def _otherwise(found: PublicRelease, why: str) -> AssessmentRefused:
    fix = "Build it again, and have it decided on"
    return AssessmentRefused("The public release is not published", where=found.name, why=why, fix=fix)


def _disclosed(
    settings: Settings, connection: Connection, agreement: Agreement, found: PublicRelease, made: MadeRelease
) -> Decision:
    """The approval, once the log says that this very release was published under it."""
    subject = Subject(found.name, found.manifest.hash, agreement.hash)
    decision = verify_decision(
        kept.decisions_on(connection, found.name),
        subject,
        roll=roll(connection, agreement),
        logged=logged_decisions(connection, found.name),
        now=now(),
    )
    said = newest(connection, Filter(action=Action.PUBLIC, release=found.name))
    if not any(entry.said["detail"]["manifest"] == found.manifest.hash for entry in said):
        enact(connection, agreement, settings.actor, settings.code_commit, now())
        append(connection, _published(settings, agreement, found, decision))
        checkpoint(connection, log_signer(settings, open_ring(settings, Service.PUBLISH)))
    kept.mark_published(connection, found, made.told)
    return decision


def _built(settings: Settings, agreement: Agreement, public: Public, release: PublicRelease) -> Entry:
    detail: dict[str, Scalar] = {"manifest": release.manifest.hash, "source_manifest": release.manifest.source_manifest}
    return Entry(
        action=Action.BUILD_PUBLIC,
        actor=settings.actor,
        period=release.quarter,
        release=release.name,
        recipient=RECIPIENT,
        purpose=", ".join(public.purposes),
        agreement_hash=agreement.hash,
        code_commit=settings.code_commit,
        detail=detail | counted(release.manifest.protection),
    )


def _published(settings: Settings, agreement: Agreement, release: PublicRelease, decision: Decision) -> Entry:
    detail: dict[str, Scalar] = {"manifest": release.manifest.hash, "decision": decision.statement.digest}
    return Entry(
        action=Action.PUBLIC,
        actor=settings.actor,
        period=release.quarter,
        release=release.name,
        recipient=RECIPIENT,
        purpose=", ".join(agreement.public.purposes) if agreement.public else None,
        justification=f"approved by {decision.statement.officer}",
        agreement_hash=agreement.hash,
        code_commit=settings.code_commit,
        detail=detail | {"files": len(release.manifest.files)} | counted(release.manifest.protection),
    )
