"""What goes wrong at the database is one sentence without any value of a row."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from hub.database import engine, migrate, transaction
from hub.errors import ConfigurationError, DatabaseError
from hub.settings import Settings

CANARY = "Xanthippe"


def test_a_server_lost_within_a_transaction(settings):
    with pytest.raises(DatabaseError, match="AdminShutdown") as refusal, transaction(settings) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid()), :name"), {"name": CANARY})
    assert refusal.value.transient
    assert CANARY not in str(refusal.value)
    assert refusal.value.__suppress_context__
    with transaction(settings) as connection:  # and the next transaction has a new connection
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_no_parameter_is_quoted(settings):
    with pytest.raises(DBAPIError) as refusal, transaction(settings) as connection:
        connection.execute(text("SELECT 1 / 0 WHERE :name = :name"), {"name": CANARY})
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize("act", [migrate, lambda settings: transaction(settings).__enter__()])
def test_no_server_at_the_address(tmp_path, act):
    settings = Settings(home=tmp_path, database_url=f"postgresql+psycopg://hub:{CANARY}@127.0.0.1:1/hub")
    with pytest.raises(DatabaseError, match="HUB_DATABASE_URL") as refusal:
        act(settings)
    assert CANARY not in str(refusal.value)


@pytest.fixture
def stranger(settings):
    """A user of the test's database who may make nothing."""
    with engine(settings).begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS stranger"))
        connection.execute(text("CREATE ROLE stranger LOGIN"))
    url = make_url(settings.database_url).set(username="stranger").render_as_string(hide_password=False)
    other = settings.model_copy(update={"database_url": url})
    yield other
    engine(other).dispose()
    with engine(settings).begin() as connection:
        connection.execute(text("DROP ROLE stranger"))


def test_a_user_without_the_right(stranger):
    with pytest.raises(ConfigurationError, match="permission denied"), transaction(stranger) as connection:
        connection.execute(text("SELECT * FROM hub.delivery"))


def test_tables_of_an_older_version(settings):
    with pytest.raises(ConfigurationError, match="does not exist"), transaction(settings) as connection:
        connection.execute(text("SELECT of_a_later_version FROM hub.delivery"))


def test_a_database_without_the_hubs_tables(settings, postgres_url):
    with create_engine(postgres_url).connect():
        empty = settings.model_copy(update={"database_url": postgres_url.render_as_string(hide_password=False)})
    with pytest.raises(ConfigurationError, match="hub init"), transaction(empty) as connection:
        connection.execute(text("SELECT * FROM hub.delivery"))
    engine(empty).dispose()
