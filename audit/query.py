"""Reading the log: entries by who, what, why and when, a page at a time, newest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, Executable, Row, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from audit.bundles import Bundle
from audit.errors import EntryUnknown, FilterRefused, LogDamaged
from audit.events import Action
from audit.models import BUNDLE
from audit.terms import EQUAL, LISTED, authority_of, did
from audit.tiles import WIDTH

NEWEST = 50_000  # entries whose values are offered to choose from
ROWS_AT_ONCE = 5_000
_BUNDLES_AT_ONCE = 64  # at most: as many as are needed are not known before
_PARTS = ("source", "subject", "verb")  # of an action, source:subject:verb
_first = BUNDLE.c.first
_ROWS = select(_first, BUNDLE.c.size, BUNDLE.c.entries)
_NUMBERED = text("""
    SELECT first, size, entries FROM hub.audit_bundle WHERE first IN (
        SELECT (SELECT max(first) FROM hub.audit_bundle WHERE first <= number) FROM unnest(:numbers) AS number
    ) ORDER BY first
""").bindparams(bindparam("numbers", type_=ARRAY(BigInteger)))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which entries are wanted; every field that is given narrows them.

    1. ``authority`` is a feed's part before the dot. An actor or a recipient is not an authority.
    2. ``action`` is a whole ``source:subject:verb``; ``source``, ``subject`` and ``verb`` are its parts.
    3. ``purpose`` is one of those that the entry names; it may name several.
    4. ``since`` is the first instant, ``until`` the first one after the last; both know their time zone.
    5. All other fields are equal to the entry's.

    ``terms`` are those that a bundle must have for an entry of it to be wanted; ``wants`` tells of the entry.

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
    delivery: str | None = None
    table: str | None = None
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

    @cached_property
    def actions(self) -> tuple[str, ...] | None:
        """The actions that are wanted; None if every one is."""
        asked = {part: value for part in _PARTS if (value := getattr(self, part)) is not None}
        if self.action is None and not asked:
            return None
        right = (action for action in Action if self.action in (None, str(action)))
        return tuple(str(a) for a in right if all(getattr(a, part) == value for part, value in asked.items()))

    @cached_property
    def terms(self) -> list[str]:
        """The terms that a wanted entry has, but for those of an action that is one of several."""
        asked = ("authority", "purpose", *(name for name in EQUAL if name != "action"))
        found = [f"{name}={value}" for name in asked if (value := getattr(self, name)) is not None]
        if self.action is None:
            return found
        return [*found, f"action={self.action}", *([did(self.action, self.actor)] if self.actor is not None else [])]

    def wants(self, entry: "Kept") -> bool:
        """Whether an entry is wanted."""
        said = entry.said
        if self.authority is not None and self.authority != authority_of(said.get("feed", "")):  # (1)
            return False
        if self.actions is not None and said.get("action") not in self.actions:  # (2)
            return False
        if self.purpose is not None and self.purpose not in said.get("purpose", "").split(LISTED):  # (3)
            return False
        if (self.since and entry.at < self.since) or (self.until and entry.at >= self.until):  # (4)
            return False
        return all(said.get(name) == value for name, value in self._equal)  # (5)

    @cached_property
    def _equal(self) -> list[tuple[str, str]]:
        asked = ((name, getattr(self, name)) for name in EQUAL if name != "action")
        return [(name, value) for name, value in asked if value is not None]


@dataclass(frozen=True)
class Kept:
    """One entry as the log keeps it: its number and its bytes, which tell its instant and what it says."""

    index: int
    content: bytes

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """What the entry says, under its field names."""
        try:
            found = orjson.loads(self.content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise _damaged(self.index, "it is not a JSON object")
        return found

    @cached_property
    def at(self) -> datetime:
        """The instant of the act, in UTC."""
        try:
            return datetime.fromisoformat(self.said["at"])
        except (KeyError, ValueError, TypeError):
            raise _damaged(self.index, "it says no instant") from None


def entries(connection: Connection, wanted: Filter, *, before: int | None = None, limit: int = 50) -> list[Kept]:
    """At most ``limit`` entries, newest first; the next page is ``before`` the last one's index."""
    return list(islice(newest(connection, wanted, before=before), limit))


def newest(connection: Connection, wanted: Filter, *, before: int | None = None) -> Iterator[Kept]:
    """Every entry that is wanted, newest first, for as long as they are asked for."""
    query = _ROWS.where(*_conditions(wanted)).order_by(_first.desc())
    query = query if before is None else query.where(_first < before)
    for bundle in _bundles(connection, query):
        for entry in reversed(kept(bundle)):
            if (before is None or entry.index < before) and wanted.wants(entry):
                yield entry


def stream(connection: Connection, wanted: Filter, *, size: int | None = None) -> Iterator[Kept]:
    """Every entry that is wanted, of the first ``size`` if it is given, oldest first, without holding them all."""
    query = _ROWS.where(*_conditions(wanted)).order_by(_first)
    query = query if size is None else query.where(_first < size)
    for bundle in _bundles(connection, query):
        for entry in kept(bundle):
            if (size is None or entry.index < size) and wanted.wants(entry):
                yield entry


def entry(connection: Connection, index: int) -> Kept:
    """One entry; raises EntryUnknown if the log has none of that number."""
    here = _ROWS.where(_first.between(index - WIDTH + 1, index)).order_by(_first.desc()).limit(1)
    row = connection.execute(here).first() if 0 <= index < 2**63 else None
    if row is None or index >= row.first + row.size:
        raise EntryUnknown(
            "There is no such entry",
            where=f"entry {index} of the log",
            why="the log does not reach it",
            fix="See hub audit list",
        )
    return kept(_bundle(row))[index - int(row.first)]


def numbered(connection: Connection, numbers: Sequence[int]) -> Iterator[Kept]:
    """The entries of these numbers, oldest first; those that the log has not are left out."""
    asked = frozenset(numbers)
    for bundle in _bundles(connection, _NUMBERED, {"numbers": list(asked)}):
        yield from (entry for entry in kept(bundle) if entry.index in asked)


def distinct(connection: Connection, name: str) -> tuple[str, ...]:
    """The values that a field has among the newest entries, in order; no index tells all there are."""
    since = select(func.max(_first) - NEWEST).scalar_subquery()
    terms = select(func.unnest(BUNDLE.c.terms).label("term")).where(since < _first).subquery()
    here = select(terms.c.term).where(terms.c.term.startswith(f"{name}=", autoescape=True)).distinct()
    return tuple(sorted(term.partition("=")[2] for term in connection.execute(here).scalars()))


def kept(bundle: Bundle) -> list[Kept]:
    """The entries of a bundle; raises LogDamaged if it cannot be read."""
    return [Kept(index, content) for index, content in enumerate(bundle.contents, bundle.first)]


def _bundles(connection: Connection, query: Executable, values: Mapping[str, Any] | None = None) -> Iterator[Bundle]:
    gradually = {"stream_results": True, "max_row_buffer": _BUNDLES_AT_ONCE}
    with connection.execute(query, values, execution_options=gradually) as rows:
        yield from map(_bundle, rows)


def _bundle(row: Row[*tuple[Any, ...]]) -> Bundle:
    return Bundle(row.first, row.size, bytes(row.entries))


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.terms:
        yield BUNDLE.c.terms.contains(wanted.terms)
    if wanted.actions is not None:
        yield BUNDLE.c.terms.overlap([f"action={action}" for action in wanted.actions])
    if wanted.since is not None:
        yield BUNDLE.c.latest_at >= wanted.since
    if wanted.until is not None:
        yield BUNDLE.c.earliest_at < wanted.until


def _damaged(index: int, why: str) -> LogDamaged:
    fix = "Run hub audit verify and restore the database"
    return LogDamaged("An entry cannot be read", where=f"entry {index} of the log", why=why, fix=fix)


def _text(value: str | datetime) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _refused(name: str, why: str, fix: str) -> FilterRefused:
    return FilterRefused("The log cannot be filtered so", where=f"the filter {name}", why=why, fix=fix)
