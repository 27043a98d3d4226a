"""Comparing two versions of a release for whoever reviews the newer: permitted, and logged before a count is told."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
from sqlalchemy import Connection

from agreement.archive import enact
from agreement.grants import portions
from agreement.model import Agreement
from agreement.policy import load_agreement, permit_release, permit_rows
from audit.events import Action, Entry
from audit.log import checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.ring import KeyRing
from keys.services import Service
from publish.built import RELEASE_NAME
from publish.difference import Difference, difference, to_compare
from publish.disclosed_persons import log_disclosure, persons_of
from publish.errors import ReadingRefused
from publish.files import open_candidate
from publish.logged import newest_candidate
from publish.manifest import TableEntry
from publish.parquet import from_parquet
from publish.reading import published_release, published_rows
from publish.refusals import logging_refusals
from publish.releases import Release, find

Columns = Mapping[str, tuple[str, ...]]


@leaving_no_values
def compare_releases(settings: Settings, ring: KeyRing, old: str, new: str) -> Difference:
    """How a release differs from an earlier version of it, in counts; the reading is logged before they are told.

    1. The older is published, and the newer too, or a candidate that the log knows as built last (``standing``).
    2. Both are of one quarter and for one recipient.
    3. The agreement in force permits the recipient what is read of both, for a purpose that both were made for.
    4. The bytes that are read have the hashes that the manifests state.
    5. The log says which tables of which release were compared with which, and whose data they are, under a signed
       checkpoint.

    Raises ReadingRefused, PublicationRefused and AgreementRefusal; each is logged as a refused reading.
    """
    ring = ring.serving(Service.PUBLISH)
    names = [known_name(name) for name in (old, new)]
    with logging_refusals(settings, release=names[1], action=Action.REFUSE_READ):
        agreement = load_agreement(settings)
        with transaction(settings) as connection:
            before, after = published_release(connection, names[0]), standing(connection, names[1])  # (1)
        _require_versions(before, after)  # (2)
        columns = to_compare(before.manifest, after.manifest)
        for release in (before, after):
            _permit(agreement, release, columns, (before, after))  # (3)
        with transaction(settings) as connection:
            tables = tuple(_tables(settings, ring, connection, release, columns) for release in (before, after))  # (4)
            enact(connection, agreement, settings.actor, settings.code_commit, now())
            for release, other, held in (before, after, tables[0]), (after, before, tables[1]):
                persons = persons_of(connection, ring, release.recipient, held)
                log_disclosure(connection, _entries(settings, agreement, release, other, columns), persons)  # (5)
            checkpoint(connection, log_signer(settings, ring))
        smallest = agreement.disclosure.smallest_count
        return difference(before.manifest, after.manifest, (tables[0], tables[1]), smallest)


def known_name(name: str) -> str | None:
    """The name, if it is one of a release; what else was typed is never repeated."""
    return name if RELEASE_NAME.fullmatch(name) else None


def standing(connection: Connection, name: str | None) -> Release:
    """A published release, or a candidate that the log knows as built last; raises ReadingRefused."""
    found = find(connection, name) if name else None
    if found is None or found.state != "candidate":
        return published_release(connection, name)
    if newest_candidate(connection, found.quarter, found.recipient) != (found.name, found.manifest.hash):
        raise ReadingRefused(
            "The candidate is not read",
            where=found.name,
            why="the log does not know it as the one that was built last",
            fix="Build it again, or find out who changed the table of releases",
        )
    return found


def _require_versions(old: Release, new: Release) -> None:
    if (old.quarter, old.recipient) != (new.quarter, new.recipient) or old.version >= new.version:
        raise ReadingRefused(
            "The releases are not compared",
            where=f"{old.name} and {new.name}",
            why="the second is no later version of the first, of the same quarter and for the same recipient",
            fix="Name the older first; see hub release list",
        )


def _permit(agreement: Agreement, release: Release, columns: Columns, both: tuple[Release, Release]) -> None:
    """Raise AgreementRefusal unless these columns of the release may be read now, for a purpose of both."""
    stated = [{entry.name: entry.portion.purposes for entry in one.manifest.tables} for one in both]
    granted = portions(agreement, release.recipient)
    asked = {}
    for name, entry in _entries_of(release, columns).items():
        agreed = granted[name].purposes if name in granted else ()
        purposes = tuple(one for one in agreed if all(one in said[name] for said in stated))
        asked[name] = replace(entry.portion, columns=columns[name], purposes=purposes)
    permit_release(agreement, release.recipient, asked, now().date())
    permit_rows(agreement, release.recipient, {entry.name: entry.portion.rows for entry in release.manifest.tables})


def _tables(
    settings: Settings, ring: KeyRing, connection: Connection, release: Release, columns: Columns
) -> dict[str, pl.DataFrame]:
    entries = _entries_of(release, columns)
    if release.state == "candidate":
        files = open_candidate(settings, ring, connection, release)
        return {name: from_parquet(files[entry.file]).select(columns[name]) for name, entry in entries.items()}
    return {name: published_rows(release, entry).select(columns[name]) for name, entry in entries.items()}


def _entries_of(release: Release, columns: Columns) -> dict[str, TableEntry]:
    return {entry.name: entry for entry in release.manifest.tables if entry.name in columns}


def _entries(
    settings: Settings, agreement: Agreement, release: Release, other: Release, columns: Columns
) -> list[Entry]:
    """A consultation for each table (DPA 2018 s.62(2)): by whoever compares, not by the recipient."""
    return [
        Entry(
            action=Action.READ,
            actor=settings.actor,
            period=release.quarter,
            release=release.name,
            table=name,
            columns=columns[name],
            rows=table.rows,
            justification=f"compared with {other.name}",
            agreement_hash=agreement.hash,
            code_commit=settings.code_commit,
            detail={"manifest": release.manifest.hash, "sha256": table.sha256, "compared_with": other.name},
        )
        for name, table in _entries_of(release, columns).items()
    ]
