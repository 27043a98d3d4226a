"""Withdrawing a release: the hub's own copies go. What a recipient was given is for the recipient to destroy."""

from sqlalchemy import Connection, select, update

from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append
from hub.settings import Settings
from publish import database, folders
from publish.releases import TABLE, Release, find
from publish.showing import show_newest
from store.datakeys import destroy_data_key
from store.files import remove


def withdraw(settings: Settings, connection: Connection, name: str, actor: str, justification: str) -> Release:
    """Withdraw a candidate or a published release, in the caller's transaction; what is withdrawn stays so.

    1. A candidate's data key is destroyed.
    2. A published release's PostgreSQL schema goes, and the views on the newest one show the newest that is left.
    3. The log says so, with the recipient, whom the officer tells to destroy what was handed out.
    4. The plain files go after the commit (``clear``), and whoever is killed before that leaves them to the next run.

    Raises PublicationRefused if there is no such release.
    """
    found = find(connection, name, lock=True)
    if found.state == "withdrawn":
        return found
    destroy_data_key(connection, found.data_key_id)  # (1)
    connection.execute(update(TABLE).where(TABLE.c.name == name).values(state="withdrawn"))
    if found.state == "published":
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
        detail={"manifest": found.manifest.hash, "was": found.state},
    )
    append(connection, entry)  # (3)
    return found


def clear(settings: Settings, connection: Connection) -> int:
    """Delete the files of every withdrawn release; says of how many there were any (4)."""
    found = connection.execute(select(TABLE.c.uri).where(TABLE.c.state == "withdrawn").order_by(TABLE.c.name))
    return sum(any([remove(uri), remove(folders.partial(uri))]) for uri in found.scalars())
