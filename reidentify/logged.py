"""What the log says of requests, which is believed over every table; and whether the log may be believed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from audit.events import Action
from audit.log import newest_checkpoint
from audit.query import Filter, Kept, stream
from audit.verify import verify
from hub.settings import Settings
from keys.home import log_verifiers
from keys.ring import KeyRing
from reidentify.proving import not_fulfilled


def require_sound_log(settings: Settings, ring: KeyRing, connection: Connection, digest: str) -> None:
    """The whole log verifies: no entry that speaks against the request was taken out. Raises FulfilmentRefused."""
    problems = verify(connection, *log_verifiers(settings, ring)).problems
    if problems:
        why = f"nothing is opened while the log does not verify: {problems[0].rstrip('.')}"
        raise not_fulfilled(digest, why, "Run hub audit verify, and compare with the witnesses' copies")


def asked_by(connection: Connection, officer: str) -> list[datetime]:
    """When an officer asked, of every request that the log knows."""
    return [each.at for each in stream(connection, Filter(action=Action.ASK_REIDENTIFICATION, actor=officer))]


def digests(connection: Connection, action: Action, name: str) -> list[str]:
    """What the entries of an action that stand under a signed checkpoint say under a name, oldest first."""
    last = newest_checkpoint(connection)
    signed = last.checkpoint.size if last else 0
    return [_detail(each)[name] for each in stream(connection, Filter(action=action), size=signed)]


def fulfilled_of(connection: Connection, officer: str) -> dict[str, datetime]:
    """When each of an officer's requests was fulfilled."""
    own = {
        _detail(each)["request"]
        for each in stream(connection, Filter(action=Action.ASK_REIDENTIFICATION, actor=officer))
    }
    sent = stream(connection, Filter(action=Action.REIDENTIFY))
    return {_detail(each)["request"]: each.at for each in sent if _detail(each)["request"] in own}


def _detail(entry: Kept) -> Mapping[str, str]:
    return entry.said.get("detail", {})  # type: ignore[no-any-return]  # an entry of the log is JSON
