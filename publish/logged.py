"""What the log says of a release, which is believed over every table; and whether the log may be believed."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from audit.checkpoint import Verifier
from audit.events import Action
from audit.log import newest_checkpoint
from audit.models import ENTRY
from audit.verify import verify
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from publish.errors import PublicationRefused


def require_sound_log(settings: Settings, ring: KeyRing, connection: Connection, release: str) -> None:
    """The whole log verifies: no entry that speaks against the release was taken out. Raises PublicationRefused.

    Whether enough witnesses have seen it is another question (``hub audit verify``): they answer hour by hour.
    """
    found = verify(connection, Verifier.of(log_signer(settings, ring)))
    if found.problems:
        raise PublicationRefused(
            "Nothing is published while the log does not verify",
            where=release,
            why=found.problems[0].rstrip("."),
            fix="Run hub audit verify, and compare with the witnesses' copies",
        )


def logged_decisions(connection: Connection, release: str) -> list[str]:
    """The digests of all decisions on a release, oldest first, in entries that stand under a signed checkpoint."""
    last = newest_checkpoint(connection)
    signed = ENTRY.c["index"] < (last.checkpoint.size if last else 0)
    said = _said(connection, Action.DECIDE, ENTRY.c.release == release, signed)
    return [str(details["decision"]) for _, details in said]


def was_disclosed(connection: Connection, release: str, manifest_hash: str) -> bool:
    """Whether the log knows this very manifest as published."""
    said = _said(connection, Action.PUBLISH, ENTRY.c.release == release)
    return any(details["manifest"] == manifest_hash for _, details in said)


def newest_candidate(connection: Connection, quarter: str, recipient: str) -> tuple[str, str] | None:
    """The release and the manifest's hash that were built last for a quarter; none if nothing was."""
    said = _said(connection, Action.BUILD, ENTRY.c.period == quarter, ENTRY.c.recipient == recipient)
    return (said[-1][0], str(said[-1][1]["manifest"])) if said else None


def _said(connection: Connection, action: Action, *which: ColumnElement[bool]) -> list[tuple[str, Mapping[str, Any]]]:
    """The release and the details of an action's entries, oldest first."""
    query = select(ENTRY.c.entry).where(ENTRY.c.action == str(action), *which).order_by(ENTRY.c["index"])
    entries = map(json.loads, connection.execute(query).scalars())
    return [(str(entry["release"]), entry["detail"]) for entry in entries]
