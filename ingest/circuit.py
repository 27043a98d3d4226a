"""One circuit for each authority, in the database: an authority that does not answer is left alone for a while.

1. ``circuit_failures`` collections in a row that end in ConnectionFailed open it. The retries within one collection
   (``connectors.http``) count as one; all feeds of an authority count together.
2. While it is open no collection of the authority's feeds begins: CircuitOpen says at once since when, for what, and
   from when on, without a question to the partner and without holding a worker.
3. After ``circuit_cool_down_minutes`` one collection is let through to try. The row is locked while that is decided,
   so there is one, however many ask. Fails it, the wait begins again; is it killed, the next trial comes after a wait.
4. An answer closes it, whatever it says: that a quarter is not ready, or that a key is refused, is said by a partner
   that is there. It closes with the first page, so that a long fetch does not keep the others waiting.
5. What is wrong on this side, or who answers is not the partner (UntrustedServer), tells nothing and changes nothing.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects.postgresql import insert

from connectors.errors import ConnectionFailed, ConnectorError, UntrustedServer
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from ingest.errors import CircuitOpen
from ingest.models import CircuitRow

log = logging.getLogger(__name__)


class CircuitState(StrEnum):
    """Whether an authority is asked."""

    CLOSED = "closed"
    OPEN = "open"
    TRIAL = "trial"  # the next collection is let through to try


@dataclass(frozen=True)
class Circuit:
    """What is known of one authority's answers: ``until`` is when the next trial may be."""

    authority: str
    state: CircuitState
    failures: int
    since: datetime | None
    until: datetime | None
    ground: str | None


def circuits(settings: Settings) -> tuple[Circuit, ...]:
    """Every authority that failed to answer since it last answered, in order of name; the others' are closed."""
    asked = select(CircuitRow).where(CircuitRow.failures > 0).order_by(CircuitRow.authority)
    with transaction(settings) as connection:
        rows = connection.execute(asked).all()
    return tuple(_circuit(settings, row) for row in rows)


@contextmanager
def through_circuit(settings: Settings, authority: str) -> Iterator[Callable[[], None]]:
    """A block that asks an authority; gives what to call once it has answered. Raises CircuitOpen before it begins."""
    _enter(settings, authority)  # (2), (3)
    try:
        yield lambda: _answered(settings, authority)  # (4)
    except ConnectionFailed as failure:
        _failed(settings, authority, failure.why)  # (1)
        raise
    except UntrustedServer:
        raise  # (5)
    except ConnectorError:
        _answered(settings, authority)  # (4)
        raise
    _answered(settings, authority)


def _enter(settings: Settings, authority: str) -> None:
    with transaction(settings) as connection:
        row = connection.execute(_mine(authority).with_for_update()).one_or_none()
        if row is None or row.opened_at is None:
            return
        circuit = _circuit(settings, row)
        if circuit.state is CircuitState.OPEN:
            raise _open(circuit)
        _set(connection, authority, tried_at=now())
    log.info("the circuit of %s, open since %s, lets one trial through", authority, row.opened_at)


def _failed(settings: Settings, authority: str, ground: str) -> None:
    first = insert(CircuitRow).values(authority=authority, failures=1, last_ground=ground)
    again = {"failures": CircuitRow.failures + 1, "last_ground": ground}
    with transaction(settings) as connection:
        counted = first.on_conflict_do_update(index_elements=[CircuitRow.authority], set_=again)
        failures, opened_at = connection.execute(counted.returning(CircuitRow.failures, CircuitRow.opened_at)).one()
        if failures < settings.circuit_failures:
            return
        _set(connection, authority, opened_at=opened_at or now(), tried_at=now())
    wait = settings.circuit_cool_down_minutes
    log.warning("the circuit of %s is open for %d minutes: %d failures in a row", authority, wait, failures)


def _answered(settings: Settings, authority: str) -> None:
    with transaction(settings) as connection:
        failing = _mine(authority).where(CircuitRow.failures > 0).with_for_update()
        row = connection.execute(failing).one_or_none()
        if row is None:
            return
        _set(connection, authority, failures=0, opened_at=None, tried_at=None, last_ground=None)
    if row.opened_at is not None:
        log.info("the circuit of %s is closed: it answers again", authority)


def _mine(authority: str) -> Select[Any]:
    return select(CircuitRow).where(CircuitRow.authority == authority)


def _set(connection: Connection, authority: str, **values: datetime | int | str | None) -> None:
    connection.execute(update(CircuitRow).where(CircuitRow.authority == authority).values(**values))


def _circuit(settings: Settings, row: Row[Any]) -> Circuit:
    until = None if row.tried_at is None else row.tried_at + timedelta(minutes=settings.circuit_cool_down_minutes)
    state = CircuitState.CLOSED
    if row.opened_at is not None and until is not None:
        state = CircuitState.OPEN if now() < until else CircuitState.TRIAL
    return Circuit(row.authority, state, row.failures, row.opened_at, until, row.last_ground)


def _open(circuit: Circuit) -> CircuitOpen:
    return CircuitOpen(
        "The authority is not asked now",
        where=circuit.authority,
        why=f"it has not answered {circuit.failures} times in a row, since {circuit.since:%Y-%m-%d %H:%M} UTC "
        f"({circuit.ground})",
        fix=f"It is tried again at {circuit.until:%Y-%m-%d %H:%M} UTC; ask the partner if it stays away",
        again_at=circuit.until,
    )
