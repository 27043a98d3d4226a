"""The council's database: a role that may only read, one snapshot, and a table that changes under a delivery."""

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from connectors.errors import ConnectionFailed, SourceChanged, Unauthorised, WrongAnswer
from connectors.sql import SqlConnector
from hub.periods import Quarter

Q3 = Quarter(2026, 3)
NAME = "council.exclusions"


@pytest.fixture
def council(served) -> psycopg.Connection:
    """The council's own connection, which may change its tables."""
    url = make_url(served.settings.endpoints[NAME]).set(drivername="postgresql", username="postgres")
    with psycopg.connect(url.render_as_string(), autocommit=True) as connection:
        yield connection


def _add(council: psycopg.Connection, identifier: str) -> None:
    council.execute("INSERT INTO exclusions (exclusion_id, period) VALUES (%s, %s)", (identifier, str(Q3)))


def _remove(council: psycopg.Connection, identifier: str) -> None:
    council.execute("DELETE FROM exclusions WHERE exclusion_id = %s", (identifier,))


def test_a_wrong_password_is_refused_and_not_shown(served, with_secret) -> None:
    settings = with_secret("council_database_password", "a-wrong-one")
    with pytest.raises(Unauthorised) as refused:
        list(served.connect(NAME, settings).pages(Q3))
    assert "a-wrong-one" not in str(refused.value)


def test_the_role_may_only_read(served) -> None:
    secret = served.settings.secret("council_database_password").get_secret_value()
    engine = create_engine(make_url(served.settings.endpoints[NAME]).set(password=secret))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("DELETE FROM exclusions"))
    engine.dispose()


def test_a_row_that_comes_while_pages_are_read_is_left_for_the_next_delivery(served, council) -> None:
    pages = served.connect(NAME, page_size=3).pages(Q3)
    first = next(pages)
    _add(council, "ZZ-new")
    try:
        rest = list(pages)
    finally:
        _remove(council, "ZZ-new")
    assert sum(page.body.count(b"\n") for page in [first, *rest]) == 7


def test_a_resumed_delivery_of_a_changed_table_is_refused(served, council) -> None:
    first = next(iter(served.connect(NAME, page_size=3).pages(Q3)))
    _add(council, "AA-new")
    try:
        with pytest.raises(SourceChanged, match="had 7 rows when it began and has 8 now") as refused:
            list(served.connect(NAME, page_size=3).pages(Q3, first.cursor))
    finally:
        _remove(council, "AA-new")
    assert not refused.value.transient


@pytest.mark.parametrize("changes", [{"table": "public.other"}, {"period_column": "other"}])
def test_a_table_of_another_form_is_refused(served, changes) -> None:
    with pytest.raises(WrongAnswer) as refused:
        list(served.connect(NAME, **changes).pages(Q3))
    assert not refused.value.transient


def test_a_database_that_is_away_is_a_passing_trouble(served, tmp_path) -> None:
    away = served.feed(NAME).transport.model_copy(
        update={"url": f"postgresql+psycopg://hub_reader@/council?host={tmp_path}"}
    )
    with pytest.raises(ConnectionFailed) as refused:
        list(SqlConnector(NAME, away, served.settings.secret).pages(Q3))
    assert refused.value.transient
