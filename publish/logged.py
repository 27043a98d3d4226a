"""What the log says of a release, which is believed over every table; and whether the log may be believed."""

from sqlalchemy import Connection

from audit.events import Action
from audit.log import newest_checkpoint
from audit.query import Filter, newest, stream
from audit.verify import verify
from hub.settings import Settings
from keys.home import log_verifiers
from keys.ring import KeyRing
from publish.errors import PublicationRefused


def require_sound_log(settings: Settings, ring: KeyRing, connection: Connection, release: str) -> None:
    """The whole log verifies: no entry that speaks against the release was taken out. Raises PublicationRefused.

    Whether enough witnesses have seen it is another question (``hub audit verify``): they answer hour by hour.
    """
    found = verify(connection, *log_verifiers(settings, ring))
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
    signed = last.checkpoint.size if last else 0
    decided = stream(connection, Filter(action=Action.DECIDE, release=release), size=signed)
    return [str(entry.said["detail"]["decision"]) for entry in decided]


def was_disclosed(connection: Connection, release: str, manifest_hash: str) -> bool:
    """Whether the log knows this very manifest as published."""
    said = newest(connection, Filter(action=Action.PUBLISH, release=release))
    return any(entry.said["detail"]["manifest"] == manifest_hash for entry in said)


def newest_candidate(connection: Connection, quarter: str, recipient: str) -> tuple[str, str] | None:
    """The release and the manifest's hash that were built last for a quarter; none if nothing was."""
    built = newest(connection, Filter(action=Action.BUILD, period=quarter, recipient=recipient))
    return next(((str(entry.said["release"]), str(entry.said["detail"]["manifest"])) for entry in built), None)
