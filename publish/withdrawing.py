"""Withdrawing a release: the hub's own copies go. What a recipient was given is for the recipient to destroy."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl
from sqlalchemy import Connection, select, update

from agreement.policy import load_agreement
from audit.events import Action, Entry, Scalar
from audit.log import append
from disclosure.remembered import remember
from hub.settings import Settings
from publish import database, folders
from publish.errors import ReadingRefused
from publish.parquet import from_parquet
from publish.reading import published_file
from publish.releases import TABLE, Release, find
from publish.showing import show_newest
from store.datakeys import destroy_data_key
from store.files import remove

NOTHING: Mapping[str, Scalar] = MappingProxyType({})


def withdraw(
    settings: Settings, connection: Connection, name: str, actor: str, justification: str,
    about: Mapping[str, Scalar] = NOTHING,
) -> Release:  # fmt: skip
    """Withdraw a candidate or a published release, in the caller's transaction; what is withdrawn stays so.

    ``about``: what the log says besides.

    1. A candidate's data key is destroyed.
    2. A published release's PostgreSQL schema goes, and the views on the newest one show the newest that is left.
    3. The log says so, with the recipient, whom the officer tells to destroy what was handed out.
    4. The plain files go after the commit (``clear``), and whoever is killed before that leaves them to the next run.
    5. What the recipient was told of it in counts is remembered without its rows. If the files are not as they were
       published, it cannot be, and no further counts are told to that recipient.

    Raises PublicationRefused if there is no such release.
    """
    found = find(connection, name, lock=True)
    if found.state == "withdrawn":
        return found
    remembered = 0
    destroy_data_key(connection, found.data_key_id)  # (1)
    connection.execute(update(TABLE).where(TABLE.c.name == name).values(state="withdrawn"))
    if found.state == "published":
        remembered = _remembered(connection, found)  # (5)
        database.drop(connection, name)
        show_newest(connection, load_agreement(settings), found.recipient)  # (2)
    entry = Entry(
        action=Action.WITHDRAW,
        actor=actor,
        period=found.quarter,
        release=name,
        recipient=found.recipient,
        justification=justification,
        code_commit=settings.code_commit,
        detail={"manifest": found.manifest.hash, "was": found.state, "answers": remembered, **about},
    )
    append(connection, entry)  # (3)
    return found


def _remembered(connection: Connection, release: Release) -> int:
    """Of how many answered questions it is remembered who is behind the counts (5)."""
    tables = {entry.name: entry for entry in release.manifest.tables}

    def read(table: str, columns: Sequence[str]) -> pl.DataFrame:
        return from_parquet(published_file(release, tables[table])).select(columns)

    try:
        return remember(connection, release.recipient, release.name, read)
    except ReadingRefused:
        return 0


def clear(settings: Settings, connection: Connection) -> int:
    """Delete the files of every withdrawn release; says of how many there were any (4)."""
    found = connection.execute(select(TABLE.c.uri).where(TABLE.c.state == "withdrawn").order_by(TABLE.c.name))
    return sum(any([remove(uri), remove(folders.partial(uri))]) for uri in found.scalars())
