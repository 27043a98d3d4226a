"""Rows of a release for a reader: permitted and logged for each request, before a byte of them leaves."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Connection, select

from agreement.archive import enact
from agreement.model import Agreement
from agreement.policy import load_agreement, permit_read, permit_rows
from api.asking import Query, meaning
from api.claims import Caller
from api.errors import Gone, NotOffered
from api.opened import ROWS_OF_A_PAGE, Files, Opened
from api.persons import OwnIds
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.subjects import disclose
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from publish.built import RELEASE_NAME
from publish.disclosed_persons import PERSON_ID
from publish.manifest import TableEntry
from publish.reading import asked_of, known_names, published_release, require_purpose
from publish.refusals import logging_refusals
from publish.releases import TABLE, Release, find


@dataclass
class Shelf:
    """What one running interface holds: settings, its ring, files that it opened, persons whom it looked up."""

    settings: Settings
    ring: KeyRing = field(repr=False)
    files: Files = field(default_factory=Files)
    persons: OwnIds = field(default_factory=OwnIds)
    telling: threading.Lock = field(default_factory=threading.Lock)

    def acting(self, caller: Caller) -> Settings:
        """The settings with the reader as who acts."""
        return self.settings.model_copy(update={"actor": caller.actor})


@dataclass(frozen=True)
class Permitted:
    """What a reader may have of a table now: these columns, for this purpose."""

    caller: Caller
    agreement: Agreement
    release: Release
    entry: TableEntry
    file: Opened
    columns: tuple[str, ...]
    used: tuple[str, ...]
    purpose: str

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read: those that are used, and whose rows they are, which the log commits to."""
        persons = (PERSON_ID,) if PERSON_ID in self.entry.columns else ()
        return tuple(dict.fromkeys((*self.used, *persons)))

    def given(self, part: pl.DataFrame) -> pl.DataFrame:
        """Of a part that was read, the columns that were asked for."""
        return part.select(self.columns)


@dataclass(frozen=True)
class Page:
    """Some rows, and the number of the row that the next page begins with; none if this is the last."""

    rows: pl.DataFrame
    next: int | None


@contextmanager
def refusals(shelf: Shelf, caller: Caller, release: str, table: str, purpose: str) -> Iterator[Agreement]:
    """Log what is refused in the block as a refused reading; of what was asked only names that the hub knows."""
    agreement = load_agreement(shelf.settings)
    about = known_names(agreement, caller.recipient, purpose, table)
    about["release"] = release if RELEASE_NAME.fullmatch(release) else None
    with logging_refusals(shelf.acting(caller), action=Action.REFUSE_READ, agreement_hash=agreement.hash, **about):
        yield agreement


def permit(
    shelf: Shelf, caller: Caller, agreement: Agreement, *, release: str, table: str, query: Query, used: Sequence[str]
) -> Permitted:
    """What the reader may have of a table; ``used`` are columns that rows are chosen by besides.

    1. There is such a release for the reader's recipient, published, not withdrawn, and known to the log.
    2. It has the table and the columns, those that rows are chosen by too.
    3. The token is good for the purpose, and so is the version of the agreement that it was made under.
    4. The agreement in force today gives the recipient the columns and rows for it.
    5. The file is the one that was published.

    Raises ApiRefused, ReadingRefused or AgreementRefusal.
    """
    with transaction(shelf.settings) as connection:
        found = offered(connection, caller.recipient, release)  # (1)
        published = connection.execute(select(TABLE.c.manifest_hash).where(TABLE.c.state == "published")).scalars()
        standing = frozenset(published)
    entry, columns = asked_of(found, caller.recipient, table, query.columns)  # (2)
    _, everything = asked_of(found, caller.recipient, table, (*columns, *used))  # (2)
    caller.require_purpose(query.purpose)  # (3)
    require_purpose(found, entry, query.purpose)  # (3)
    permit_read(agreement, caller.recipient, query.purpose, table, everything, now().date())  # (4)
    permit_rows(agreement, caller.recipient, {part.name: part.portion.rows for part in found.manifest.tables})  # (4)
    file = shelf.files.open(found, entry, standing)  # (5)
    return Permitted(caller, agreement, found, entry, file, columns, everything, query.purpose)


def offered(connection: Connection, recipient: str, name: str) -> Release:
    """A release that was published for a recipient; another's is not there. Raises NotOffered, Gone, ReadingRefused."""
    known = RELEASE_NAME.fullmatch(name) and connection.execute(select(TABLE).where(TABLE.c.name == name)).first()
    if not known or known.recipient != recipient or known.state == "candidate":
        raise NotOffered(
            "There is no such release",
            where="the address",
            why="none of that name is published for this reader",
            fix="See the list of releases",
        )
    if known.state == "withdrawn":
        find(connection, name)
        why, fix = "it was withdrawn, and its rows are not to be used", "Destroy your copies of it; see the newest"
        raise Gone("The release is not read", where=name, why=why, fix=fix)
    return published_release(connection, name)


def page(permitted: Permitted, query: Query, limit: int) -> Page:
    """The next rows that meet the conditions; it looks no further than it must."""
    shown = meaning(query.where, permitted.file.empty.schema)
    found: list[pl.DataFrame] = []
    height = 0
    for part in permitted.file.parts(permitted.read, query.after, ROWS_OF_A_PAGE):
        found.append(part.filter(shown))
        height += found[-1].height
        if height > limit:
            break
    rows = pl.concat(found) if found else permitted.file.empty.select(permitted.read).with_row_index("_row")
    after = int(rows["_row"][limit]) if rows.height > limit else None
    return Page(rows.head(limit), after)


def whole(permitted: Permitted, query: Query) -> Iterator[pl.DataFrame]:
    """All rows that meet the conditions, some at a time."""
    shown = meaning(query.where, permitted.file.empty.schema)
    for part in permitted.file.parts(permitted.used, query.after):
        yield part.filter(shown) if query.where else part


def measured(permitted: Permitted, query: Query) -> tuple[int, pl.Series]:
    """How many rows ``whole`` will give, and of which persons: what is logged is known before a byte leaves."""
    if not (query.where or query.after):
        return permitted.file.rows, permitted.file.persons
    shown = meaning(query.where, permitted.file.empty.schema)
    has = PERSON_ID in permitted.entry.columns
    names = tuple(dict.fromkeys([*(condition.column for condition in query.where), *([PERSON_ID] if has else [])]))
    rows, persons = 0, [pl.Series(PERSON_ID, [], pl.String)]
    for part in permitted.file.parts(names or permitted.entry.columns[:1], query.after):
        left = part.filter(shown) if query.where else part
        rows += left.height
        if has:
            persons.append(left[PERSON_ID].unique())
    return rows, pl.concat(persons).unique()


def tell(
    shelf: Shelf, permitted: Permitted, action: Action, rows: int, persons: pl.Series | None, **detail: str | int
) -> None:
    """Log a reading with whose data it was, under a signed checkpoint (DPA 2018 s.62(1)-(3))."""
    entry = entry_of(shelf, permitted, action, rows, **detail)
    with telling(shelf, permitted) as connection:
        if persons is None:
            append(connection, entry)
        else:
            disclose(connection, entry, shelf.persons.of(connection, shelf.ring, permitted.caller.recipient, persons))


@contextmanager
def telling(shelf: Shelf, permitted: Permitted) -> Iterator[Connection]:
    """A transaction in which a reading is logged; at its end the log is signed. What is read leaves after it alone."""
    settings = shelf.acting(permitted.caller)
    with shelf.telling, transaction(settings) as connection:
        enact(connection, permitted.agreement, settings.actor, settings.code_commit, now())
        yield connection
        checkpoint(connection, log_signer(settings, shelf.ring))


def entry_of(shelf: Shelf, permitted: Permitted, action: Action, rows: int, **detail: str | int) -> Entry:
    """What the log says of a reading."""
    caller, release = permitted.caller, permitted.release
    return Entry(
        action=action,
        actor=caller.actor,
        period=release.quarter,
        release=release.name,
        recipient=caller.recipient,
        table=permitted.entry.name,
        columns=permitted.used,
        rows=rows,
        purpose=permitted.purpose,
        agreement_hash=permitted.agreement.hash,
        code_commit=shelf.settings.code_commit,
        detail={"manifest": release.manifest_hash, "token": caller.token, **detail},
    )
