"""How a page reads: with the hub's settings, in one transaction that cannot write."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection

from hub.database import transaction
from hub.settings import Settings


def _settings(request: Request) -> Settings:
    """The settings that the application was made with."""
    found: Settings = request.app.state.settings()
    return found


Hub = Annotated[Settings, Depends(_settings)]


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """All of the database at one instant, and no way to change it."""
    with transaction(settings) as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection
