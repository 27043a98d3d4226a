"""The hub's side of a trial: one ingest in a process of its own, which may be killed at any moment."""

from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any

import ingest.collection
from connectors.http import Patience
from connectors.page import Connector
from hub.errors import HubError
from hub.feeds import Feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.journey import admit, collect

TIMEOUT_S = 2.0
QUICK = Patience(attempts=4, first_wait_s=0.05, longest_wait_s=3.0, timeout_s=(TIMEOUT_S, TIMEOUT_S))
_SHORTER = {"patience": QUICK, "timeout_s": TIMEOUT_S}
_collecting = vars(ingest.collection)
_connect = _collecting["connect"]


@dataclass(frozen=True)
class Outcome:
    """How one ingest ended: the error's class, or none; whether the same act may succeed when it is tried again."""

    error: str | None
    transient: bool = False
    said: str = ""


def ingest_once(said: dict[str, Any], feed: str, quarter: str, told: "Connection") -> None:
    """Collect and admit one delivery, as a DAG's two tasks do, and tell how that ended."""
    _collecting["connect"] = _impatient
    settings = Settings(**said)
    try:
        admit(settings, collect(settings, feed, Quarter.parse(quarter)))
    except HubError as error:
        told.send(Outcome(type(error).__name__, error.transient, str(error)))
    else:
        told.send(Outcome(None))


def _impatient(settings: Settings, feed: Feed) -> Connector:
    """The feed's own connector, with time-outs that suit a partner on the same machine."""
    connector: Any = _connect(settings, feed)
    known = {name: value for name, value in _SHORTER.items() if name in connector.__dataclass_fields__}
    made: Connector = replace(connector, **known)
    return made
