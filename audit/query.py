"""Reading the log: entries by who, what, why and when, a page at a time, newest first."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, any_, func, literal, select

from audit.errors import EntryUnknown, FilterRefused
from audit.events import Action
from audit.models import ENTRY

ROWS_AT_ONCE = 5_000
NEWEST = 50_000  # entries whose values are offered to choose from
_number: Column[int] = ENTRY.c["index"]  # a row has a method of that name
COLUMNS = (_number.label("number"), ENTRY.c.at, ENTRY.c.entry)
_PARTS = ("source", "subject", "verb")  # of an action, source:subject:verb
_EQUAL = ("actor", "feed", "release", "period", "outcome", "recipient")
_LISTED = ", "  # between the purposes of one entry


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which entries are wanted; every field that is given narrows them.

    1. ``authority`` is a feed's part before the dot. An actor or a recipient is not an authority.
    2. ``action`` is a whole ``source:subject:verb``; ``source``, ``subject`` and ``verb`` are its parts.
    3. ``purpose`` is one of those that the entry names; it may name several.
    4. ``since`` is the first instant, ``until`` the first one after the last; both know their time zone.
    5. All other fields are equal to the entry's.

    Raises FilterRefused for an action or part of one that the log does not know, so that a slip of the pen does
    not look like an empty log.
    """

    authority: str | None = None
    actor: str | None = None
    source: str | None = None
    subject: str | None = None
    action: str | None = None
    verb: str | None = None
    feed: str | None = None
    release: str | None = None
    period: str | None = None
    purpose: str | None = None
    outcome: str | None = None
    recipient: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        known = {"action": {str(action) for action in Action}, "outcome": {"done", "refused"}}
        known |= {part: {str(getattr(action, part)) for action in Action} for part in _PARTS}
        for name, values in known.items():
            if getattr(self, name) not in {None, *values}:
                raise _refused(name, "the log knows no such value", f"Take one of: {', '.join(sorted(values))}")
        for name in ("since", "until"):
            if (at := getattr(self, name)) is not None and at.tzinfo is None:
                raise _refused(name, "the instant has no time zone", "Say which")

    @property
    def given(self) -> Mapping[str, str]:
        """What was asked, as texts under the names of the fields."""
        said = {part.name: getattr(self, part.name) for part in fields(self)}
        return {name: _text(value) for name, value in said.items() if value is not None}

    @property
    def actions(self) -> tuple[str, ...] | None:
        """The actions that are wanted; None if every one is."""
        asked = {part: value for part in _PARTS if (value := getattr(self, part)) is not None}
        if self.action is None and not asked:
            return None
        right = (action for action in Action if self.action in (None, str(action)))
        return tuple(str(a) for a in right if all(getattr(a, part) == value for part, value in asked.items()))


@dataclass(frozen=True)
class Kept:
    """One entry as the log keeps it: its number, its instant, and what it says."""

    index: int
    at: datetime
    content: bytes

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """What the entry says, under its field names."""
        found: dict[str, Any] = json.loads(self.content)
        return found


@dataclass(frozen=True)
class Choices:
    """The values that entries have, for the filters that a reviewer chooses from."""

    authority: tuple[str, ...]
    actor: tuple[str, ...]
    source: tuple[str, ...]
    subject: tuple[str, ...]
    verb: tuple[str, ...]
    action: tuple[str, ...]
    feed: tuple[str, ...]
    release: tuple[str, ...]
    period: tuple[str, ...]
    purpose: tuple[str, ...]
    outcome: tuple[str, ...]
    recipient: tuple[str, ...]


def entries(connection: Connection, wanted: Filter, *, before: int | None = None, limit: int = 50) -> list[Kept]:
    """At most ``limit`` entries, newest first; the next page is ``before`` the last one's index."""
    query = select(*COLUMNS).where(*_conditions(wanted)).order_by(_number.desc()).limit(limit)
    rows = connection.execute(query if before is None else query.where(_number < before))
    return [kept(row) for row in rows]


def stream(connection: Connection, wanted: Filter, *, size: int | None = None) -> Iterator[Kept]:
    """Every entry that is wanted, of the first ``size`` if it is given, oldest first, without holding them all."""
    query = select(*COLUMNS).where(*_conditions(wanted)).order_by(_number)
    query = query if size is None else query.where(_number < size)
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        yield kept(row)


def count(connection: Connection, wanted: Filter, *, size: int | None = None) -> int:
    """How many entries are wanted, of the first ``size`` if it is given."""
    query = select(func.count()).select_from(ENTRY).where(*_conditions(wanted))
    return connection.execute(query if size is None else query.where(_number < size)).scalar_one()


def entry(connection: Connection, index: int) -> Kept:
    """One entry; raises EntryUnknown if the log has none of that number."""
    row = connection.execute(select(*COLUMNS).where(_number == index)).first() if 0 <= index < 2**63 else None
    if row is None:
        raise EntryUnknown(
            "There is no such entry",
            where=f"entry {index} of the log",
            why="the log does not reach it",
            fix="See hub audit list",
        )
    return kept(row)


def choices(connection: Connection) -> Choices:
    """The values of each filter among the newest entries, in order."""
    names = ("actor", "action", "feed", "release", "period", "purpose", "outcome", "recipient")
    found = {name: distinct(connection, name) for name in names}
    found["authority"] = _sorted(feed.partition(".")[0] for feed in found["feed"])
    found["purpose"] = _sorted(purpose for listed in found["purpose"] for purpose in listed.split(_LISTED))
    for place, part in enumerate(_PARTS):
        found[part] = _sorted(action.split(":")[place] for action in found["action"])
    return Choices(**found)


def distinct(connection: Connection, name: str) -> tuple[str, ...]:
    """The values that a column has among the newest entries, in order; no index tells all there are."""
    newest = select(func.max(_number) - NEWEST).scalar_subquery()
    column = ENTRY.c[name]
    rows = connection.execute(select(column).where(_number > newest, column.is_not(None)).distinct())
    return _sorted(rows.scalars())


def kept(row: Row[*tuple[Any, ...]]) -> Kept:
    """The entry of a row that was selected by ``COLUMNS``."""
    return Kept(row.number, row.at.astimezone(UTC), bytes(row.entry))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found = [ENTRY.c[name] == value for name in _EQUAL if (value := getattr(wanted, name)) is not None]  # (5)
    if wanted.authority is not None:  # (1)
        found.append(ENTRY.c.feed.startswith(f"{wanted.authority}.", autoescape=True))
    if wanted.actions is not None:  # (2)
        found.append(ENTRY.c.action.in_(wanted.actions))
    if wanted.purpose is not None:  # (3)
        found.append(literal(wanted.purpose) == any_(func.string_to_array(ENTRY.c.purpose, _LISTED)))
    if wanted.since is not None:  # (4)
        found.append(ENTRY.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(ENTRY.c.at < wanted.until)
    return found


def _sorted(values: Any) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _text(value: str | datetime) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _refused(name: str, why: str, fix: str) -> FilterRefused:
    return FilterRefused("The log cannot be filtered so", where=f"the filter {name}", why=why, fix=fix)
