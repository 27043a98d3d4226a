"""The hub's PostgreSQL database: its engine, the base of all tables, and migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg.errors import InsufficientPrivilege, InvalidSchemaName, UndefinedColumn, UndefinedTable
from sqlalchemy import Connection, Engine, MetaData, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase

from hub import postgres
from hub.errors import ConfigurationError, DatabaseError
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
    return create_engine(url, pool_pre_ping=True, hide_parameters=True)


def engine(settings: Settings) -> Engine:
    """The engine of the hub's own database, one for each process."""
    return _engine(database_url(settings))


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """One transaction: committed at the end of the block, rolled back by any error in it.

    Raises as ``answering``.
    """
    with answering(settings), engine(settings).begin() as connection:
        yield connection


def plan_by_values(connection: Connection) -> None:
    """Have the rest of the transaction's statements planned by the values that they are given.

    A statement that was run often is planned once for all values: one that was about a page's hundred persons would
    then look up each of a release's million.
    """
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


@contextmanager
def answering(settings: Settings) -> Iterator[None]:
    """A block that needs the database's answers; what it raises in their place holds no value of any row.

    DatabaseError if the server cannot be reached, is lost on the way or gives up; ConfigurationError if it has not the
    hub's tables or may not do what is asked.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseError(
            "The database does not answer",
            where=_place(settings),
            why=f"the connection was refused or lost, or the server gave up ({type(error.orig).__name__})",
            fix="Start it (hub up) or correct the address, and try again",
        ) from None
    except ProgrammingError as error:
        if not isinstance(error.orig, UndefinedTable | UndefinedColumn | InvalidSchemaName | InsufficientPrivilege):
            raise
        raise ConfigurationError(
            "The database is not as the hub needs it",
            where=_place(settings),
            why=error.orig.diag.message_primary or type(error.orig).__name__,
            fix="Run hub init as a user who may make tables",
        ) from None


def _place(settings: Settings) -> str:
    return "HUB_DATABASE_URL" if settings.database_url else str(settings.home / "postgres")


def alembic_config(settings: Settings) -> Config:
    """Alembic's configuration, made here so that no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = database_url(settings)
    return config


def migrate(settings: Settings) -> None:
    """Bring the hub's tables to the newest version. Does nothing if they are there already. Raises as ``answering``."""
    with answering(settings):
        command.upgrade(alembic_config(settings), "head")
