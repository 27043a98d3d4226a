"""Taking a change of the register back: as decisions of a person, which the next link obeys and every later one.

1. A merge is undone by saying that each side is one person, as it was, and that the two sides are two.
2. A split is undone by saying that each side is one person, and both are the same.
3. A record that joined is parted from its person, whose other records are said to be one person.
4. Nothing is decided that contradicts what people decided before; all is decided and logged together, or nothing.
5. What follows are events of the next link, beside those that were: nothing is taken out of the register's history.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Row, insert, select

from audit.events import Action, Entry
from audit.log import append
from hub import clock
from hub.settings import Settings
from linkage.errors import LinkageRefused
from linkage.models import LinkDecision, Membership, RegisterEvent
from linkage.registered.changes import Kind
from linkage.reviewed.reviewing import CONTRADICTED, Ground, Verdict, contradicts, words

Said = tuple[str, str, Verdict]
_EVENT = RegisterEvent.__table__


@dataclass(frozen=True)
class Change:
    """One event of the register, with the pair that it rests on, and what that weighs by which model.

    ``levels``: how the pair agrees (linkage.learned.told_levels).
    """

    number: int
    period: str
    kind: str
    person_id: str
    other_id: str | None
    record_id: str | None
    evidence_record_id: str | None
    bits: float | None
    levels: str | None
    model_version: str | None
    at: datetime


def newest_changes(connection: Connection, most: int, kinds: Sequence[Kind] = tuple(Kind)) -> list[Change]:
    """The register's events of some kinds, the newest first."""
    asked = select(_EVENT).where(_EVENT.c.kind.in_(list(map(str, kinds)))).order_by(_EVENT.c.number.desc())
    return [Change(**row._mapping) for row in connection.execute(asked.limit(most))]


def change_of(connection: Connection, number: int) -> Change:
    """The event of that number; raises LinkageRefused if there is none."""
    row = connection.execute(select(_EVENT).where(_EVENT.c.number == number)).first()
    if row is None:
        raise LinkageRefused(
            "There is no such change",
            where="the register's events",
            why=f"none has the number {number}",
            fix="See what changed: hub link events",
        )
    return Change(**row._mapping)


def undo(settings: Settings, connection: Connection, number: int, ground: Ground) -> int:
    """Decide what takes an event back; says of how many pairs. Raises LinkageRefused."""
    row = connection.execute(select(_EVENT).where(_EVENT.c.number == number)).first()
    if row is None:
        raise _refused(number, "there is no such event", "See what changed: hub link events")
    said = list(_said(connection, row))
    known = words(connection)
    if set(said) <= {(word.record_id_l, word.record_id_r, word.verdict) for word in known}:
        raise _refused(number, "that was decided already", "Let the next link carry it out: hub link run")
    if contradicts(known, said):  # (4)
        raise _refused(number, "it contradicts what was decided of pairs", CONTRADICTED)
    about = {"ground": ground, "actor": settings.actor, "at": clock.now()}
    rows = [{"record_id_l": one, "record_id_r": other, "verdict": verdict} | about for one, other, verdict in said]
    connection.execute(insert(LinkDecision), rows)
    detail: dict[str, str | int] = {"undoes": str(row.kind), "event": number, "ground": str(ground)}
    entry = Entry(
        action=Action.DECIDE_LINK, actor=settings.actor, table="link_decision", rows=len(rows), purpose="linkage",
        code_commit=settings.code_commit, detail=detail,
    )  # fmt: skip
    append(connection, entry)
    return len(rows)


def _said(connection: Connection, event: Row[tuple[object, ...]]) -> Iterator[Said]:
    if event.kind == Kind.MERGED:
        came, stayed = _sides(connection, event, event.person_id, event.other_id)
        verdict = Verdict.APART  # (1)
    elif event.kind == Kind.SPLIT:
        came, stayed = _sides(connection, event, event.other_id, event.person_id)
        verdict = Verdict.SAME  # (2)
    elif event.kind == Kind.JOINED:
        members = _members(connection, event.person_id)
        came, stayed = [it for it in members if it == event.record_id], [it for it in members if it != event.record_id]
        verdict = Verdict.APART  # (3)
    else:
        raise _refused(event.number, f"it is of the kind {event.kind}", "Undo a merge, a split or a join")
    if not came or not stayed:
        raise _refused(event.number, "its records are there no more, or elsewhere", "See what changed since")
    yield from (_pair(one, other, Verdict.SAME) for side in (came, stayed) for one, other in pairwise(side))
    yield _pair(came[0], stayed[0], verdict)


def _sides(connection: Connection, event: Row[tuple[object, ...]], to: str, off: str) -> tuple[list[str], list[str]]:
    """The records that this change moved from one person to the other, and those on the other side of it, now."""
    moved = select(_EVENT.c.record_id).where(
        _EVENT.c.kind == str(Kind.MOVED), _EVENT.c.at == event.at, _EVENT.c.person_id == to, _EVENT.c.other_id == off
    )
    came = sorted(it for it in connection.execute(moved).scalars() if it is not None)
    other = to if event.kind == Kind.MERGED else off
    later = select(_EVENT.c.record_id).where(_EVENT.c.at >= event.at, _EVENT.c.record_id.is_not(None))
    new = set(connection.execute(later).scalars())
    return came, [it for it in _members(connection, other) if it not in new]


def _members(connection: Connection, person: str) -> list[str]:
    asked = select(Membership.record_id).where(Membership.person_id == person).order_by(Membership.record_id)
    return list(connection.execute(asked).scalars())


def _pair(one: str, other: str, verdict: Verdict) -> Said:
    return min(one, other), max(one, other), verdict


def _refused(number: int, why: str, fix: str) -> LinkageRefused:
    return LinkageRefused("The change is not undone", where=f"event {number} of the register", why=why, fix=fix)
