"""Reading a published release: permitted and logged where the rows are handed out, whoever asks and by whatever way."""

import hashlib
from collections.abc import Sequence
from datetime import date

import polars as pl
from sqlalchemy import Connection

from agreement.archive import enact
from agreement.model import Agreement
from agreement.policy import load_agreement, permit_read, permit_rows
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.subjects import disclose
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.built import RELEASE_NAME
from publish.disclosed_persons import PERSON_ID, persons_of
from publish.errors import ReadingRefused
from publish.folders import read_file
from publish.granted import passing
from publish.logged import was_disclosed
from publish.manifest import Manifest, TableEntry
from publish.parquet import from_parquet, scan
from publish.refusals import logging_refusals
from publish.releases import Release, find
from schemas.published import MODELS


@leaving_no_values
def read_release(
    settings: Settings,
    release: str,
    recipient: str,
    purpose: str,
    table: str,
    columns: Sequence[str] | None,
    on: date,
) -> pl.DataFrame:
    """The rows of a release's table, in the columns asked for (None: all); the reading is logged before they are given.

    1. The release is published and not withdrawn, and the log knows the disclosure of this very manifest.
    2. It was made for the recipient, and has the table and the columns.
    3. The version of the agreement that it was made under permits the purpose, as the manifest states.
    4. The agreement in force on the day permits recipient, purpose, table, columns and rows (``permit_read``,
       ``permit_rows``).
    5. The file's bytes have the hash that the manifest states, and the rows are taken from these bytes. They pass the
       filters that the manifest states.
    6. The log says who reads what for which purpose, and whose data it is, under a signed checkpoint.

    Raises ReadingRefused and AgreementRefusal; each is logged as a refused reading. What was asked for is free text, so
    of it only names that the hub knows are logged.
    """
    agreement = load_agreement(settings)
    about = known_names(agreement, recipient, purpose, table)
    about["release"] = release if RELEASE_NAME.fullmatch(release) else None
    with logging_refusals(settings, action=Action.REFUSE_READ, agreement_hash=agreement.hash, **about):
        with transaction(settings) as connection:
            found = published_release(connection, about["release"])  # (1)
        entry, wanted = asked_of(found, recipient, table, columns)  # (2)
        require_purpose(found, entry, purpose)  # (3)
        permit_read(agreement, recipient, purpose, table, wanted, on)  # (4)
        permit_rows(agreement, recipient, {part.name: part.portion.rows for part in found.manifest.tables})
        frame = published_rows(found, entry)  # (5)
        _log(settings, found, agreement, entry, frame, wanted, purpose)  # (6)
        return frame.select(wanted)


def known_names(agreement: Agreement, recipient: str, purpose: str, table: str) -> dict[str, str | None]:
    """Of what was asked for, what the hub knows by name."""
    return {
        "recipient": recipient if recipient in agreement.recipients else None,
        "purpose": purpose if purpose in {stated.id for stated in agreement.purposes} else None,
        "table": table if table in MODELS else None,
    }


def published_release(connection: Connection, name: str | None) -> Release:
    """The release, if it is published and the log knows its disclosure; raises ReadingRefused."""
    if name is None:
        what, why = "There is no such release", "releases have names such as 2026-Q3-v1"
        raise ReadingRefused(what, where="the releases", why=why, fix="See hub release list")
    found = find(connection, name)
    if found.state != "published":
        raise ReadingRefused(
            "The release is not read", where=found.name, why=f"it is {found.state}", fix="See hub release list"
        )
    if not was_disclosed(connection, found.name, found.manifest.hash):
        raise ReadingRefused(
            "The release is not read",
            where=found.name,
            why="the log does not know that it was published",
            fix="Find out who changed the table of releases",
        )
    return found


def asked_of(
    release: Release, recipient: str, table: str, columns: Sequence[str] | None
) -> tuple[TableEntry, tuple[str, ...]]:
    """The table as the manifest states it, and the columns that are wanted of it; raises ReadingRefused."""
    if recipient != release.recipient:
        raise _not_there(release, "it was made for another recipient", "Ask for a release to this recipient")
    entry = next((entry for entry in release.manifest.tables if entry.name == table), None)
    if entry is None:
        held = ", ".join(entry.name for entry in release.manifest.tables)
        raise _not_there(release, f"it has no such table; it has {held}", "Ask for one of these")
    wanted = entry.columns if columns is None else tuple(dict.fromkeys(columns))
    if not wanted or not set(wanted) <= set(entry.columns):
        unknown = len(set(wanted) - set(entry.columns))
        why = f"{unknown} of the columns asked for are not in its table {table}" if wanted else "no column is asked for"
        raise _not_there(release, why, f"It has {', '.join(entry.columns)}")
    return entry, wanted


def require_purpose(release: Release, entry: TableEntry, purpose: str) -> None:
    """Raise ReadingRefused if the table was released for other purposes."""
    if purpose not in entry.portion.purposes:
        stated = ", ".join(entry.portion.purposes) or "none that its manifest states"
        raise _not_there(release, f"{entry.name} was released for other purposes: {stated}", "Ask for one of these")


def _not_there(release: Release, why: str, fix: str) -> ReadingRefused:
    return ReadingRefused("The release is not read", where=release.name, why=why, fix=fix)


def published_rows(release: Release, entry: TableEntry) -> pl.DataFrame:
    """The table in the published file, if that is the very file that was published; raises ReadingRefused."""
    return from_parquet(published_file(release, entry))


def published_file(release: Release, entry: TableEntry) -> bytes:
    """The bytes of a published file, if they are the very ones that were published; raises ReadingRefused."""
    content = read_file(release.uri, entry.file)
    why = "the file is missing" if content is None else unlike(entry, content)
    if content is None or why:
        raise ReadingRefused(
            "The release is not read",
            where=f"{release.name}/{entry.file}",  # no path of this machine: readers by the interface are told it
            why=why or "",
            fix="Restore the folder from a backup, and find out who changed it",
        )
    return content


def unlike(entry: TableEntry, content: bytes) -> str | None:
    """Why these bytes are not the table that the manifest states; none if they are."""
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        return "its hash is not the one in the manifest"
    frame = scan(content)
    columns = tuple(frame.collect_schema())
    shown = {name: values for name, values in entry.portion.rows.items() if name in columns}
    asked = frame.select(list(shown)).collect()
    if columns != entry.columns or passing(asked, shown).height != asked.height:
        return "it has other columns or rows than the manifest states"
    return None


def _log(
    settings: Settings,
    release: Release,
    agreement: Agreement,
    table: TableEntry,
    frame: pl.DataFrame,
    columns: tuple[str, ...],
    purpose: str,
) -> None:
    """The consultation (DPA 2018 s.62(2)), with the persons whom the rows are about."""
    manifest: Manifest = release.manifest
    entry = Entry(
        action=Action.READ,
        actor=settings.actor,
        period=release.quarter,
        release=release.name,
        recipient=release.recipient,
        table=table.name,
        columns=columns,
        rows=frame.height,
        purpose=purpose,
        agreement_hash=agreement.hash,
        code_commit=settings.code_commit,
        detail={"manifest": manifest.hash, "sha256": table.sha256},
    )
    ring = open_ring(settings, Service.CONSOLE)
    with transaction(settings) as connection:
        enact(connection, agreement, settings.actor, settings.code_commit, now())
        if PERSON_ID in frame.columns:
            disclose(connection, entry, persons_of(connection, ring, release.recipient, {table.name: frame}))
        else:
            append(connection, entry)
        checkpoint(connection, log_signer(settings, ring))
