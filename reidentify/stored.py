"""Requests and words as the database keeps them. What they say is read from the signed bytes, not from columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Row, insert, or_, select, true, update

from hub.clock import now
from reidentify import statements
from reidentify.errors import RequestRefused
from reidentify.models import RequestRow, WordRow
from reidentify.statements import Request, Signed, Word
from reidentify.target import Target
from store.shredding import mark

SHORTEST = 8  # hex digits by which a request is found


class State(StrEnum):
    """How far a request has come. That one has expired follows from the time."""

    ASKED = "asked"
    REFUSED = "refused"
    FULFILLED = "fulfilled"


@dataclass(frozen=True)
class Kept:
    """A request as it is kept; ``target`` is none once it was forgotten."""

    digest: str
    asked: Signed[Request]
    target: Target | None
    state: State
    recorded_at: datetime

    def standing(self, at: datetime) -> str:
        """What it stands at, as people read it."""
        expired = self.state is State.ASKED and at >= self.asked.statement.expires_at
        return "expired" if expired else str(self.state)


def keep_request(connection: Connection, asked: Signed[Request], target: Target) -> None:
    """Keep a request and whom it is about."""
    said = asked.statement
    row = {
        "digest": said.digest,
        "statement": said.canonical().decode(),
        "signature": asked.signature,
        "target_under": target.under,
        "target_id": target.id,
        "target_salt": target.salt,
        "state": State.ASKED,
        "recorded_at": now(),
        "expires_at": said.expires_at,
    }
    connection.execute(insert(RequestRow).values(row))


def keep_word(connection: Connection, given: Signed[Word]) -> None:
    """Keep an officer's word."""
    said = given.statement
    row = {"digest": said.digest, "request": said.request, "statement": said.canonical().decode()}
    connection.execute(insert(WordRow).values(row | {"signature": given.signature, "recorded_at": now()}))


def find_request(connection: Connection, start: str, *, lock: bool = False) -> Kept:
    """The request whose hash begins so; ``lock`` keeps it from changing. Raises RequestRefused."""
    wanted = select(RequestRow).where(RequestRow.digest.startswith(start, autoescape=True)).limit(2)
    rows = connection.execute(wanted.with_for_update() if lock else wanted).all() if len(start) >= SHORTEST else []
    if len(rows) != 1:
        raise RequestRefused(
            "There is no such request",
            where="the requests for re-identification",
            why=f"not exactly one has a hash that begins so, with {SHORTEST} digits or more",
            fix="See hub reidentify list",
        )
    return _kept(rows[0])


def every_request(connection: Connection) -> Iterator[Kept]:
    """All requests, the newest first."""
    return map(_kept, connection.execute(select(RequestRow).order_by(RequestRow.recorded_at.desc())))


def is_kept(connection: Connection, digest: str) -> bool:
    """Whether a request with this hash was recorded."""
    return connection.execute(select(RequestRow.digest).where(RequestRow.digest == digest)).first() is not None


def words_on(connection: Connection, digest: str) -> list[Signed[Word]]:
    """All officers' words on a request, oldest first; raises WordRefused if one was altered beyond reading."""
    kept = select(WordRow).where(WordRow.request == digest).order_by(WordRow.recorded_at)
    return [Signed(statements.word(**_said(row)), bytes(row.signature)) for row in connection.execute(kept)]


def end(connection: Connection, digest: str, state: State) -> None:
    """Bring a request to its end."""
    connection.execute(update(RequestRow).where(RequestRow.digest == digest).values(state=state))
    forget(connection)


def forget(connection: Connection, *, all_of_them: bool = False) -> None:
    """Forget whom the requests that ended, or have expired, were about: nothing is done with it any more.

    ``all_of_them``: of the others too, so that they are not fulfilled. The id under which a request means somebody
    tells nobody who that is; so where one person is erased, whoever asked about anybody asks anew.
    """
    over = true() if all_of_them else or_(RequestRow.state != State.ASKED, RequestRow.expires_at <= now())
    gone = {"target_under": None, "target_id": None, "target_salt": None}
    if connection.execute(update(RequestRow).where(over, RequestRow.target_id.is_not(None)).values(gone)).rowcount:
        mark(connection, RequestRow)


def _kept(row: Row[Any]) -> Kept:
    asked = Signed(statements.request(**_said(row)), bytes(row.signature))
    target = None
    if row.target_id is not None:
        target = Target(asked.statement.about, row.target_under or "", row.target_id, bytes(row.target_salt or b""))
    return Kept(row.digest, asked, target, State(row.state), row.recorded_at)


def _said(row: Row[Any]) -> dict[str, Any]:
    """The statement in a row; one that is no JSON any more says nothing, and is refused by its form."""
    try:
        said = orjson.loads(row.statement)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
