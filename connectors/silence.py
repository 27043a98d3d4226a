"""A partner's database that stays silent: no driver gives up waiting for an answer, so the connection is cut for it.

A host that is gone is noticed by the driver (``connectors.snapshot``). A server, or what stands before it, that holds
the connection and says nothing is not, and would keep a worker for ever. To connect, each question, and the end of the
transaction have so many seconds; then the socket is shut down, which the driver tells as a lost connection. A driver
that does not show its socket is left as it is: MySQL's have a setting of their own, SQLite asks nobody.
"""

import socket
from contextlib import suppress
from dataclasses import dataclass
from os import dup
from threading import Timer
from typing import Any

from sqlalchemy import Connection, Engine, event


@dataclass
class _Watch:
    """The watch over one connection, by a handle of its own on the socket."""

    line: socket.socket
    seconds: float
    timer: Timer | None = None

    def begin(self) -> None:
        """An answer is waited for from now on."""
        self.end()
        self.timer = Timer(self.seconds, self._cut)
        self.timer.daemon = True
        self.timer.start()

    def end(self) -> None:
        """It has come."""
        if self.timer is not None:
            self.timer.cancel()

    def close(self) -> None:
        """There will be no more."""
        self.end()
        self.line.close()

    def _cut(self) -> None:
        with suppress(OSError):  # it is closed already
            self.line.shutdown(socket.SHUT_RDWR)


def cut_when_silent(engine: Engine, seconds: float) -> None:
    """Have every connection of an engine be cut that gives no answer for so long."""
    watches: dict[int, _Watch] = {}

    def connected(driver: Any, _record: Any) -> None:
        if hasattr(driver, "fileno"):
            watches[id(driver)] = _Watch(socket.socket(fileno=dup(driver.fileno())), seconds)
            watches[id(driver)].begin()

    def watch_of(connection: Connection) -> _Watch | None:
        known = not (connection.closed or connection.invalidated)  # to ask an invalidated one would connect anew
        return watches.get(id(connection.connection.dbapi_connection)) if known else None

    def asked(connection: Connection, *_: Any) -> None:
        if watch := watch_of(connection):
            watch.begin()

    def answered(connection: Connection, *_: Any) -> None:
        if watch := watch_of(connection):
            watch.end()

    def closed(driver: Any, _record: Any) -> None:
        if watch := watches.pop(id(driver), None):
            watch.close()

    for name, told in (("before_cursor_execute", asked), ("rollback", asked), ("after_cursor_execute", answered)):
        event.listen(engine, name, told)
    event.listen(engine, "connect", connected, insert=True)  # before SQLAlchemy asks what it wants to know by itself
    event.listen(engine, "close", closed)
