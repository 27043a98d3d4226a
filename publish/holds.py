"""Legal holds as the log tells of them: a row put in or taken out of a table by hand changes nothing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from audit.events import Action
from audit.query import Filter, stream

EVERYTHING = "everything"


@dataclass(frozen=True)
class Hold:
    """A legal hold: on what, until and with which day, by whose order, why."""

    on: str
    until: date
    officer: str
    reason: str
    order: str


def holds(connection: Connection) -> list[Hold]:
    """The holds that were laid and not released, oldest first, those past their last day too (3)."""
    standing: list[Hold] = []
    laid = [*stream(connection, Filter(action=Action.HOLD)), *stream(connection, Filter(action=Action.RELEASE_HOLD))]
    for entry in sorted(laid, key=lambda each: each.index):
        said, about = entry.said, entry.said["detail"]
        if said["action"] == Action.RELEASE_HOLD:
            standing = [each for each in standing if each.on != about["on"]]
        else:
            until = date.fromisoformat(about["until"])
            standing.append(Hold(about["on"], until, said["actor"], said["justification"], about["order"]))
    return standing


def on_any(holds: Iterable[Hold], named: Collection[str | None], on: date) -> Hold | None:
    """The first hold that keeps one of these, or everything, on a day."""
    held = (hold for hold in holds if on <= hold.until and (hold.on in named or hold.on == EVERYTHING))
    return next(held, None)
