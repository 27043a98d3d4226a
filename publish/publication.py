"""Publication: from a sealed candidate and a signed approval to tables that analysts can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from agreement.archive import enact
from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.ring import KeyRing
from keys.services import Service
from publish import database, folders
from publish.deciding import approval, decisions_on
from publish.decision import Decision, newest
from publish.disclosed_persons import log_disclosure, persons_of, require_none_excluded
from publish.errors import PublicationRefused
from publish.files import damaged, forget_candidate, open_candidate
from publish.granted import permit_tables
from publish.linkage_gate import require_right_enough
from publish.logged import require_sound_log, was_disclosed
from publish.manifest import MANIFEST_FILE
from publish.officers import agreement_in_force
from publish.refusals import logging_refusals
from publish.releases import TABLE, Release, find
from publish.showing import show_newest
from schemas.published import meanings
from store.datakeys import destroy_data_key
from store.files import remove

DECISION_FILE = "decision.json"


@dataclass(frozen=True)
class Published:
    """A published release: ``uri`` is the folder of its plain files, ``schema`` its PostgreSQL schema."""

    release: str
    manifest_hash: str
    uri: str
    schema: str
    published_at: datetime
    rows: Mapping[str, int]


@leaving_no_values
def publish(settings: Settings, ring: KeyRing, release: str) -> Published:
    """Publish a release at once or not at all; run again, what was begun is completed and nothing else is done.

    That a task upstream is green is no evidence, so everything is checked here:

    1. The whole log verifies, and an approval binds this very manifest (``verify_decision``).
    2. The agreement in force is the manifest's, and permits the recipient every column and row of the very tables that
       are in the bytes of (3), for the purposes that the manifest states.
       Nobody is in them whose data were restricted since, or who objected, and persons are right enough.
    3. The sealed candidate opens to the very bytes whose hashes the manifest states.

    Then, in an order in which no row lies open before its disclosure is in the log, a kill at any point
    leaves the release unpublished or published, and a rerun completes it:

    4. In one transaction: the PostgreSQL schema and its rows, the recipient's rights, the current views, the state
       ``published``, and the log's entries with whose data it was, signed. Killed before its commit: unpublished,
       nothing is to be seen.
    5. The plain files are written from the sealed candidate to a hidden folder beside their place, if (2)
       and (3) still hold and the log knows the disclosure. Killed here: published, and the rerun writes them again.
    6. The folder is put in place by one rename. Killed before it: as (5).
    7. The sealed candidate's key is destroyed, and then its files. Killed before: the rerun does it. From
       here on nothing is disclosed again: a folder that gets lost is not written anew.

    Raises DecisionRefused, AgreementRefusal or PublicationRefused, each logged; a refusal leaves no
    plain file behind.
    """
    ring = ring.serving(Service.PUBLISH)
    with logging_refusals(settings, release):
        with transaction(settings) as connection:
            found = find(connection, release, lock=True)
            if found.state != "published":
                _disclose(settings, ring, connection, found)
        with transaction(settings) as connection:
            published = _complete(settings, ring, connection, find(connection, release, lock=True))
        forget_candidate(settings, found.data_key_id)  # (7)
        return published


def _disclose(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> None:
    """Steps 1 to 4, within the transaction that locks the release."""
    _require_candidate(release)
    require_sound_log(settings, ring, connection, release.name)
    agreement = agreement_in_force(settings)
    decision = approval(connection, release, agreement)  # (1)
    _require_same(agreement, release)  # (2)
    require_right_enough(agreement, release.manifest.linkage, PublicationRefused, release.name)  # (2)
    files = open_candidate(settings, ring, connection, release)  # (3)
    tables = permit_tables(agreement, release.recipient, release.manifest.tables, files, now().date())  # (2)
    parquet = {entry.name: files[entry.file] for entry in release.manifest.tables}
    database.load(connection, release.manifest, parquet, {name: meanings(name) for name in tables})  # (4)
    done = {"state": "published", "uri": f"{settings.zone('releases')}/{release.name}", "published_at": now()}
    connection.execute(update(TABLE).where(TABLE.c.name == release.name).values(done))
    show_newest(connection, agreement, release.recipient)  # (4)
    persons = persons_of(connection, ring, release.recipient, tables)
    require_none_excluded(connection, persons)  # (2)
    enact(connection, agreement, settings.actor, settings.code_commit, now())
    log_disclosure(connection, _entries(settings, release, decision), persons)
    checkpoint(connection, log_signer(settings, ring))


def _complete(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> Published:
    """Steps 5 to 7, as far as they are not done; the release is locked, so that two runs do not do them at once."""
    if folders.read_file(release.uri, MANIFEST_FILE) is None:
        _write(settings, ring, connection, release)
    wrong = damaged(release.uri, release.manifest)
    if wrong:
        raise PublicationRefused(
            "The published files are not those of the release",
            where=f"{release.uri}/{wrong[0]}",
            why="its hash is not the one in the manifest",
            fix="Find out who changed it, and restore the folder from a backup",
        )
    destroy_data_key(connection, release.data_key_id)  # (7)
    return Published(
        release=release.name,
        manifest_hash=release.manifest_hash,
        uri=release.uri,
        schema=database.schema_name(release.name),
        published_at=release.published_at or release.created_at,
        rows={table.name: table.rows for table in release.manifest.tables},
    )


def _write(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> None:
    """Steps 5 and 6; what a killed run left of them goes first.

    That the table says ``published`` is no evidence either.
    """
    remove(folders.partial(release.uri))
    require_sound_log(settings, ring, connection, release.name)
    if not was_disclosed(connection, release.name, release.manifest.hash):
        raise PublicationRefused(
            "The plain files are not written",
            where=release.name,
            why="the log does not know that it was published",
            fix="Find out who changed the table of releases",
        )
    try:
        files = open_candidate(settings, ring, connection, release)
    except PublicationRefused as refusal:
        raise PublicationRefused(
            "The plain files are missing and are not written again",
            where=release.uri,
            why=f"of the sealed candidate, {refusal.why}",
            fix="Restore the folder from a backup",
        ) from refusal
    agreement = load_agreement(settings)
    _require_same(agreement, release)
    permit_tables(agreement, release.recipient, release.manifest.tables, files, now().date())
    decision = newest(decisions_on(connection, release.name))
    folders.write_partial(release.uri, files | ({DECISION_FILE: decision.document()} if decision else {}))  # (5)
    folders.put_in_place(release.uri)  # (6)


def _require_candidate(release: Release) -> None:
    if release.state != "candidate":
        raise PublicationRefused(
            "The release cannot be published",
            where=release.name,
            why=f"it is {release.state}",
            fix="Build a new candidate",
        )


def _require_same(agreement: Agreement, release: Release) -> None:
    manifest = release.manifest
    if agreement.hash != manifest.agreement.hash:
        raise PublicationRefused(
            "The agreement has changed since the candidate was built",
            where=release.name,
            why=f"the candidate was made under version {manifest.agreement.version} of it",
            fix="Build the candidate again and have it decided on",
        )


def _entries(settings: Settings, release: Release, decision: Decision) -> list[Entry]:
    """One disclosure for each table (DPA 2018 s.62(1)(d), (3))."""
    manifest = release.manifest
    return [
        Entry(
            action=Action.PUBLISH,
            actor=settings.actor,
            period=release.quarter,
            release=release.name,
            recipient=release.recipient,
            table=table.name,
            columns=table.columns,
            rows=table.rows,
            purpose=", ".join(table.portion.purposes),
            justification=f"approved by {decision.statement.officer}",
            agreement_hash=manifest.agreement.hash,
            code_commit=settings.code_commit,
            detail={"manifest": manifest.hash, "decision": decision.statement.digest, "sha256": table.sha256},
        )
        for table in manifest.tables
    ]
