"""What is stored of the log: read by tests, and changed as an administrator may who knows how it is stored."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Connection, select, text, update

from audit.models import BUNDLE
from audit.packing import packed, unpacked
from audit.query import Filter, stream
from audit.terms import terms

Change = Callable[[list[bytes]], Sequence[bytes]]


def rewrite(connection: Connection, index: int, change: Change) -> None:
    """Change the entries of the bundle that an entry lies in; what is stored beside them is made to fit."""
    query = select(BUNDLE).where(BUNDLE.c.first <= index).order_by(BUNDLE.c.first.desc()).limit(1)
    row = connection.execute(query).one()
    with unguarded(connection):
        changed = columns(change(unpacked(row.entries)))
        connection.execute(update(BUNDLE).where(BUNDLE.c.first == row.first).values(changed))


def rewrite_entry(connection: Connection, index: int, change: Callable[[bytes], bytes]) -> None:
    """Change one entry, and leave those beside it as they are."""
    first = select(BUNDLE.c.first).where(BUNDLE.c.first <= index).order_by(BUNDLE.c.first.desc()).limit(1)
    place = index - connection.execute(first).scalar_one()
    rewrite(connection, index, lambda all_: [*all_[:place], change(all_[place]), *all_[place + 1 :]])


def remove_entry(connection: Connection, index: int) -> None:
    """Take one entry out, and let the entries after it move up within their bundle."""
    first = select(BUNDLE.c.first).where(BUNDLE.c.first <= index).order_by(BUNDLE.c.first.desc()).limit(1)
    place = index - connection.execute(first).scalar_one()
    rewrite(connection, index, lambda all_: all_[:place] + all_[place + 1 :])


def columns(contents: Sequence[bytes]) -> dict[str, object]:
    """The columns of a bundle of these entries, but for its place; what cannot be read tells nothing."""
    fitting: dict[str, object] = {"size": len(contents), "entries": packed(contents)}
    try:
        entries = list(map(orjson.loads, contents))
        instants = [one["at"] for one in entries]
        return fitting | {"terms": terms(entries), "earliest_at": min(instants), "latest_at": max(instants)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return fitting


def said(connection: Connection, **wanted: Any) -> list[dict[str, Any]]:
    """What entries say that a filter finds, oldest first."""
    return [dict(entry.said) for entry in stream(connection, Filter(**wanted))]


def all_contents(connection: Connection) -> list[bytes]:
    """The bytes of every entry, oldest first."""
    rows = connection.execute(select(BUNDLE.c.entries).order_by(BUNDLE.c.first)).scalars()
    return list(chain.from_iterable(map(unpacked, rows)))


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """A block in which the triggers refuse nothing, as an administrator may have it."""
    before = connection.execute(text("SHOW session_replication_role")).scalar_one()
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    yield
    connection.execute(text(f"SET LOCAL session_replication_role = {before}"))
