"""The hub's PostgreSQL database: its engine, the base of all tables, and migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

from hub import postgres
from hub.errors import DatabaseError
from hub.settings import Settings

SCHEMA = "hub"


class Base(DeclarativeBase):
    """Base of every table of the hub. Each package declares its own in its models.py."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
        },
    )


def database_url(settings: Settings, database: str = "hub") -> str:
    """The SQLAlchemy URL of the hub's database; starts the embedded server if it is that one."""
    return settings.database_url or postgres.start(settings.home, database)


@cache
def _engine(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True)


def engine(settings: Settings) -> Engine:
    """The engine of the hub's own database, one for each process."""
    return _engine(database_url(settings))


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """One transaction: committed at the end of the block, rolled back by any error in it.

    Raises DatabaseError if the server does not answer.
    """
    try:
        connection = engine(settings).connect()
    except OperationalError:
        raise DatabaseError(
            "The database does not answer",
            where="HUB_DATABASE_URL" if settings.database_url else str(settings.home / "postgres"),
            why="the connection was refused or timed out",
            fix="Start it (hub up) or correct the address",
        ) from None
    with connection, connection.begin():
        yield connection


def alembic_config(settings: Settings) -> Config:
    """Alembic's configuration, made here so that no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = database_url(settings)
    return config


def migrate(settings: Settings) -> None:
    """Bring the hub's tables to the newest version. Does nothing if they are there already."""
    command.upgrade(alembic_config(settings), "head")
