"""Keeping a candidate: under which name, in place of what, or not at all where it stands already."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from publish.errors import PublicationRefused
from publish.files import candidate_uri, forget_candidate, open_candidate, seal_candidate
from publish.manifest import Manifest, release_name
from publish.releases import TABLE, Release, State, of_quarter
from store.datakeys import destroy_data_key


@dataclass(frozen=True)
class Candidate:
    """A candidate release. ``unchanged``: the same contents were built or published before under this name.

    ``state`` is ``published`` if they were, and then there is nothing to decide.
    """

    release: str
    manifest_hash: str
    uri: str
    state: State
    unchanged: bool


@dataclass(frozen=True)
class Standing:
    """What there is of a quarter before a candidate is kept: the recipient's releases, and the next version."""

    pending: Release | None
    published: Release | None
    version: int

    @classmethod
    def of(cls, known: list[Release], recipient: str) -> "Standing":
        """From all releases of the quarter, oldest version first. Versions count over all recipients."""
        mine = [release for release in known if release.recipient == recipient]
        pending = next((release for release in mine if release.state == "candidate"), None)
        done = [release for release in mine if release.state == "published"]
        last = max((release.version for release in known), default=0)
        return cls(pending, done[-1] if done else None, pending.version if pending else last + 1)


def keep(settings: Settings, ring: KeyRing, manifest: Manifest, files: Mapping[str, bytes], purpose: str) -> Candidate:
    """Seal and record a candidate whose manifest has no name yet, and log the combination, in one transaction.

    1. The contents of the newest published release, or of a candidate that still opens, are kept as they are.
    2. Other contents replace the pending candidate: same name, other hash, so that no decision on it counts.
    3. Where there is none, the next version is begun.
    4. The replaced candidate's key is destroyed with the commit; its files go after it.
    """
    with transaction(settings) as connection:
        _one_at_a_time(connection, manifest.quarter)
        standing = Standing.of(of_quarter(connection, manifest.quarter), manifest.recipient)
        same = _unchanged(settings, ring, connection, manifest, standing)  # (1)
        candidate = same or _replace(settings, ring, connection, manifest=manifest, files=files, standing=standing)
        append(connection, _entry(settings, candidate, manifest, purpose))
        checkpoint(connection, log_signer(settings, ring))
    if standing.pending and not same:  # (4)
        forget_candidate(settings, standing.pending.data_key_id)
    return candidate


def _unchanged(
    settings: Settings, ring: KeyRing, connection: Connection, manifest: Manifest, standing: Standing
) -> Candidate | None:
    for known in (standing.published, standing.pending):
        if known is None or known.content_hash != manifest.content_hash:
            continue
        if known.state != "candidate" or _opens(settings, ring, connection, known):
            return Candidate(known.name, known.manifest_hash, known.uri, known.state, unchanged=True)
    return None


def _opens(settings: Settings, ring: KeyRing, connection: Connection, release: Release) -> bool:
    try:
        open_candidate(settings, ring, connection, release)
    except PublicationRefused:
        return False
    return True


def _replace(
    settings: Settings,
    ring: KeyRing,
    connection: Connection,
    *,
    manifest: Manifest,
    files: Mapping[str, bytes],
    standing: Standing,
) -> Candidate:
    named = manifest.named(release_name(manifest.quarter, standing.version))
    key_id = seal_candidate(settings, ring, connection, named, files)
    uri = candidate_uri(settings, key_id)
    values = {
        "manifest_hash": named.hash,
        "content_hash": named.content_hash,
        "uri": uri,
        "data_key_id": key_id,
        "manifest": named.canonical().decode(),
        "created_at": now(),
    }
    if standing.pending:  # (2)
        destroy_data_key(connection, standing.pending.data_key_id)
        connection.execute(update(TABLE).where(TABLE.c.name == named.release).values(values))
    else:  # (3)
        names = {"name": named.release, "quarter": named.quarter, "recipient": named.recipient}
        begun = names | {"version": standing.version, "state": "candidate"}
        connection.execute(insert(TABLE).values(values | begun))
    return Candidate(named.release, named.hash, uri, "candidate", unchanged=False)


def _one_at_a_time(connection: Connection, quarter: str) -> None:
    """Wait for another build of the same quarter, until its transaction ends."""
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"publish {quarter}", 0))))


def _values_changed(manifest: Manifest) -> int:
    """How many values of persons were made wider or withheld for disclosure control."""
    after = manifest.disclosure.after
    return sum(after.widened.values()) + sum(after.withheld.values()) if after else 0


def _entry(settings: Settings, candidate: Candidate, manifest: Manifest, purpose: str) -> Entry:
    return Entry(
        action=Action.BUILD,
        actor=settings.actor,
        period=manifest.quarter,
        release=candidate.release,
        recipient=manifest.recipient,
        rows=sum(table.rows for table in manifest.tables),
        purpose=purpose,
        agreement_hash=manifest.agreement.hash,
        code_commit=settings.code_commit,
        detail={
            "manifest": candidate.manifest_hash,
            "unchanged": candidate.unchanged,
            "missing_feeds": len(manifest.missing),
            "below_smallest_group": manifest.disclosure.persons_below_threshold,
            "treatment": manifest.disclosure.treatment,
            "values_changed": _values_changed(manifest),
        },
    )
