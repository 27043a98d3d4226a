"""A crash between any two writes loses nothing that was committed and forges nothing that was not."""

import os
import signal
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import OperationalError

from audit import bundles
from audit.checkpoint import Verifier
from audit.events import Entry
from audit.log import append, checkpoint, newest_checkpoint, size
from audit.verify import Verification, verify
from hub import database
from hub.errors import DatabaseError
from hub.settings import Settings
from keys.signing import RingSigner

Make = Callable[[int], Entry]
BEFORE, ADDED = 250, 10  # the ten fill one tile, begin the next, and give level 1 its first hash


@pytest.fixture
def log(engine: Engine, entry: Make, signer: RingSigner) -> Engine:
    """A log of 250 entries under one checkpoint."""
    with engine.begin() as connection:
        append(connection, *(entry(number) for number in range(BEFORE)))
        checkpoint(connection, signer)
    return engine


def in_child(settings: Settings, act: Callable[[Engine], object]) -> int:
    """Run something in a child process with a connection of its own; the signal that killed it, or 0."""
    child = os.fork()
    if child == 0:
        try:
            act(create_engine(str(settings.database_url), poolclass=NullPool))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_before_statement(engine: Engine, wanted: int) -> None:
    """Kill this process just before its nth statement is sent."""
    counted = iter(range(1, wanted))

    @event.listens_for(engine, "before_cursor_execute")
    def count(*_: object) -> None:
        if next(counted, None) is None:
            die()


def found(engine: Engine, signer: RingSigner) -> Verification:
    with engine.begin() as connection:
        return verify(connection, Verifier.of(signer))


def test_killed_before_any_statement_of_an_act(
    settings: Settings, log: Engine, entry: Make, signer: RingSigner
) -> None:
    """The act, its entries and the checkpoint are one transaction: all of it is there, or nothing."""
    killed, statement = -signal.SIGKILL, 0
    while killed == -signal.SIGKILL:
        statement += 1

        def act(own: Engine, statement: int = statement) -> None:
            die_before_statement(own, statement)
            with own.begin() as connection:
                append(connection, *(entry(BEFORE + number) for number in range(ADDED)))
                checkpoint(connection, signer)

        killed = in_child(settings, act)
        seen = found(log, signer)
        whole = BEFORE if killed else BEFORE + ADDED
        assert (seen.size, seen.unsigned, seen.problems) == (whole, 0, ()), f"killed before statement {statement}"
    assert statement > 6


def test_killed_between_append_and_commit(settings: Settings, log: Engine, entry: Make, signer: RingSigner) -> None:
    def act(own: Engine) -> None:
        with own.begin() as connection:
            append(connection, *(entry(BEFORE + number) for number in range(ADDED)))
            die()

    assert in_child(settings, act) == -signal.SIGKILL
    with log.begin() as connection:
        assert append(connection, entry(BEFORE)) == range(BEFORE, BEFORE + 1)
        checkpoint(connection, signer)
    assert (found(log, signer).size, found(log, signer).problems) == (BEFORE + 1, ())


def test_killed_between_append_and_checkpoint(settings: Settings, log: Engine, entry: Make, signer: RingSigner) -> None:
    """Entries that were committed stay, unsigned, and the next checkpoint covers them."""

    def act(own: Engine) -> None:
        with own.begin() as connection:
            append(connection, *(entry(BEFORE + number) for number in range(ADDED)))
        die()

    assert in_child(settings, act) == -signal.SIGKILL
    assert (found(log, signer).unsigned, found(log, signer).problems) == (ADDED, ())
    with log.begin() as connection:
        assert checkpoint(connection, signer).size == BEFORE + ADDED
    assert (found(log, signer).unsigned, found(log, signer).problems) == (0, ())


@pytest.fixture
def kill(log: Engine) -> Callable[[Connection], None]:
    """Ends a connection's backend, as a lost network or a stopped server does."""

    def end(connection: Connection) -> None:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with log.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:backend, 10000)"), {"backend": backend})

    return end


def append_on_lost(engine: Engine, kill: Callable[[Connection], None], entry: Make) -> None:
    with engine.begin() as connection:
        append(connection, entry(BEFORE))
        kill(connection)
        append(connection, entry(BEFORE + 1))


def test_a_lost_connection_adds_nothing(
    log: Engine, entry: Make, signer: RingSigner, kill: Callable[[Connection], None]
) -> None:
    with pytest.raises((OperationalError, DatabaseError)):
        append_on_lost(log, kill, entry)
    assert (found(log, signer).size, found(log, signer).problems) == (BEFORE, ())
    with log.begin() as connection:
        assert size(connection) == BEFORE
        newest = newest_checkpoint(connection)
        assert newest is not None
        assert newest.checkpoint.size == BEFORE


def copy_on_lost(settings: Settings, kill: Callable[[Connection], None], entry: Make) -> None:
    with database.transaction(settings) as connection:
        kill(connection)
        bundles.write(connection, BEFORE, [entry(BEFORE)])


def test_a_connection_lost_while_rows_are_sent_is_a_passing_failure(
    settings: Settings, log: Engine, entry: Make, signer: RingSigner, kill: Callable[[Connection], None]
) -> None:
    with pytest.raises(DatabaseError) as lost:
        copy_on_lost(settings, kill, entry)
    assert lost.value.transient
    assert "offence_code" not in str(lost.value)
    assert found(log, signer).problems == ()
