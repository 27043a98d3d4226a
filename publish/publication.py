"""Publication: from a sealed candidate and a signed approval to tables that analysts can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from agreement.model import Agreement
from agreement.policy import load_agreement, permit_release
from audit.events import Action, Entry
from audit.log import append
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.ring import KeyRing
from publish import database, folders
from publish.deciding import approval, decisions_on
from publish.decision import Decision, newest
from publish.errors import PublicationRefused
from publish.files import damaged, open_candidate
from publish.manifest import MANIFEST_FILE
from publish.parquet import from_parquet
from publish.refusals import logging_refusals
from publish.releases import TABLE, Release, find, in_state
from schemas.published import meanings
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


def publish(settings: Settings, ring: KeyRing, release: str) -> Published:
    """Publish a release at once or not at all; published already, it is left as it is.

    That a task upstream is green is no evidence, so everything is checked here:

    1. An approval binds this very manifest (``verify_decision``).
    2. The agreement in force is the manifest's, and still permits every column for the recipient.
    3. The sealed candidate opens to the very bytes whose hashes the manifest states.

    Then, in an order in which a kill at any point leaves the release unpublished or published, and a
    rerun completes it:

    4. The plain files are written to a hidden folder beside their place. Killed here: unpublished; the
       rerun writes them again.
    5. In one transaction: the PostgreSQL schema and its rows, the current views, the state
       ``published``, and the log's entry. Killed before its commit: unpublished, no row is seen.
    6. The folder is put in place by one rename. Killed before it: published, and the rerun (which finds
       the state of 5) does the rename only. So no file is to be seen whose disclosure is not in the log.

    Raises DecisionRefused, AgreementRefusal or PublicationRefused, each logged; a refusal leaves no
    plain file behind.
    """
    with logging_refusals(settings, release):
        with transaction(settings) as connection:
            found = find(connection, release, lock=True)
            if found.state != "published":
                _publish(settings, ring, connection, found)
        with transaction(settings) as connection:
            return _complete(settings, ring, connection, find(connection, release, lock=True))


def _publish(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> None:
    """Steps 1 to 5, within the transaction that locks the release."""
    place = f"{settings.zone('releases')}/{release.name}"
    try:
        _require_candidate(release)
        agreement = load_agreement(settings)
        decision = approval(connection, release, agreement.hash)  # (1)
        _require_permitted(agreement, release)  # (2)
        files = open_candidate(settings, ring, connection, release)  # (3)
        folders.write_partial(place, _with_decision(files, decision))  # (4)
        _load(connection, release, files)  # (5)
        done = {"state": "published", "uri": place, "published_at": now()}
        connection.execute(update(TABLE).where(TABLE.c.name == release.name).values(done))
        append(connection, *_entries(settings, agreement, release, decision))
    except Exception:
        remove(folders.partial(place))
        raise


def _complete(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> Published:
    """Step 6, or nothing if it was done before; the release is locked, so that two runs do not do it at once."""
    if folders.read_file(release.uri, MANIFEST_FILE) is None:
        if damaged(folders.partial(release.uri), release.manifest):
            _write_again(settings, ring, connection, release)
        folders.put_in_place(release.uri)
    wrong = damaged(release.uri, release.manifest)
    if wrong:
        raise PublicationRefused(
            "The published files are not those of the release",
            where=f"{release.uri}/{wrong[0]}",
            why="its hash is not the one in the manifest",
            fix="Find out who changed it, remove the folder and publish again",
        )
    return Published(
        release=release.name,
        manifest_hash=release.manifest_hash,
        uri=release.uri,
        schema=database.schema_name(release.name),
        published_at=release.published_at or release.created_at,
        rows={table.name: table.rows for table in release.manifest.tables},
    )


def _write_again(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> None:
    """The plain files of a published release once more, from its sealed candidate."""
    files = open_candidate(settings, ring, connection, release)
    decision = newest(decisions_on(connection, release.name))
    folders.write_partial(release.uri, _with_decision(files, decision))


def _require_candidate(release: Release) -> None:
    if release.state != "candidate":
        raise PublicationRefused(
            "The release cannot be published",
            where=release.name,
            why=f"it is {release.state}",
            fix="Build a new candidate",
        )


def _require_permitted(agreement: Agreement, release: Release) -> None:
    manifest = release.manifest
    if agreement.hash != manifest.agreement.hash:
        raise PublicationRefused(
            "The agreement has changed since the candidate was built",
            where=release.name,
            why=f"the candidate was made under version {manifest.agreement.version} of it",
            fix="Build the candidate again and have it decided on",
        )
    columns = {table.name: table.columns for table in manifest.tables}
    permit_release(agreement, release.recipient, columns, now().date())


def _with_decision(files: Mapping[str, bytes], decision: Decision | None) -> dict[str, bytes]:
    return dict(files) | ({DECISION_FILE: decision.document()} if decision else {})


def _load(connection: Connection, release: Release, files: Mapping[str, bytes]) -> None:
    tables = {table.name: from_parquet(files[table.file]) for table in release.manifest.tables}
    database.load(connection, release.manifest, tables, {name: meanings(name) for name in tables})
    if _is_newest(connection, release):
        database.show_current(connection, release.name, list(tables), database.current_schema(release.recipient))


def _is_newest(connection: Connection, release: Release) -> bool:
    """Whether no release of a later quarter, or later version, is published for the recipient."""
    others = in_state(connection, "published", release.recipient)
    return all((release.quarter, release.version) > (other.quarter, other.version) for other in others)


def _entries(settings: Settings, agreement: Agreement, release: Release, decision: Decision) -> list[Entry]:
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
            purpose=", ".join(agreement.recipients[release.recipient].purposes),
            justification=f"approved by {decision.statement.officer}",
            agreement_hash=manifest.agreement.hash,
            code_commit=settings.code_commit,
            detail={"manifest": manifest.hash, "decision": decision.statement.digest, "sha256": table.sha256},
        )
        for table in manifest.tables
    ]
