"""The council's database: a role that may only read, one snapshot, and a table that changes under a delivery."""

import json
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from connectors.errors import ConnectionFailed, SourceChanged, Unauthorised, WrongAnswer
from connectors.sql import SqlConnector
from hub.errors import ConfigurationError
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
    assert refused.value.transient  # begun anew, it may be fetched


def test_a_row_gone_and_another_come_between_two_runs_are_noticed(served, council) -> None:
    """The count alone would not tell, and the fourth row would be taken for one that was read."""
    _add(council, "AA-gone")
    try:
        first = next(iter(served.connect(NAME, page_size=3).pages(Q3)))
        _remove(council, "AA-gone")
        _add(council, "ZZ-come")
        with pytest.raises(SourceChanged, match="first 3 rows"):
            list(served.connect(NAME, page_size=3).pages(Q3, first.cursor))
    finally:
        _remove(council, "AA-gone")
        _remove(council, "ZZ-come")


def test_a_run_may_go_on_with_pages_of_another_size(served) -> None:
    first = next(iter(served.connect(NAME, page_size=3).pages(Q3)))
    (rest,) = served.connect(NAME, page_size=10).pages(Q3, first.cursor)
    assert rest.body.count(b"\n") == 4


@pytest.mark.parametrize("cursor", ["3/7", "3/8/00/00", "x/y/z/w"])
def test_a_cursor_that_fits_nothing_begins_the_delivery_anew(served, cursor) -> None:
    with pytest.raises(SourceChanged):
        list(served.connect(NAME, page_size=3).pages(Q3, cursor))


@pytest.fixture
def odd(served, council) -> Iterator[Callable[..., list[bytes]]]:
    """Fetch a table of one column more, with the values given as SQL: one row each."""

    def fetched(kind: str, *values: str, keys: str = "number::text") -> list[bytes]:
        council.execute("DROP TABLE IF EXISTS odd")
        rows = ", ".join(f"({number}, {value}::{kind})" for number, value in enumerate(values))
        council.execute(
            f"CREATE TABLE odd AS SELECT {keys} AS id, '{Q3}' AS period, value FROM (VALUES {rows}) t (number, value)"
        )
        council.execute("GRANT SELECT ON odd TO hub_reader")
        connector = served.connect(NAME, table="public.odd", key="id", page_size=2)
        return [page.body for page in connector.pages(Q3)]

    yield fetched
    council.execute("DROP TABLE IF EXISTS odd")


def test_dates_numbers_and_uuids_are_read_as_text(odd) -> None:
    uuid = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
    for kind, value in [("date", "2026-07-01"), ("time", "07:08:09"), ("numeric", "1.50"), ("uuid", uuid)]:
        (body,) = odd(kind, f"'{value}'")
        assert json.loads(body)["value"] == value


@pytest.mark.parametrize(
    ("kind", "value", "canary"), [("date", "'0987-06-05 BC'", "0987"), ("bytea", r"'\x63616e617279'", "canary")]
)
def test_a_value_that_cannot_be_read_is_not_quoted(odd, kind, value, canary) -> None:
    with pytest.raises(WrongAnswer) as refused:
        odd(kind, value)
    assert canary not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("keys", ["NULL::text", "'same'"])
def test_a_key_that_is_empty_or_not_unique_loses_no_row_in_silence(odd, keys) -> None:
    with pytest.raises(WrongAnswer, match="empty or not unique"):
        odd("text", "'a'", "'b'", "'c'", keys=keys)


def test_a_url_that_cannot_be_read_is_not_quoted(served) -> None:
    url = "postgresql+psycopg://hub_reader@host:enpoof/council"
    connector = SqlConnector(NAME, served.feed(NAME, url=url).transport, served.settings.secret)
    with pytest.raises(ConfigurationError) as refused:
        list(connector.pages(Q3))
    assert "enpoof" not in "".join(traceback.format_exception(refused.value))


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


def test_a_database_that_stays_silent_is_waited_for_only_so_long(served, council) -> None:
    with council.transaction():
        council.execute("LOCK TABLE exclusions IN ACCESS EXCLUSIVE MODE")  # so that no question is answered
        with pytest.raises(ConnectionFailed) as refused:
            list(replace(served.connect(NAME), answer_s=0.3).pages(Q3))
    assert refused.value.transient
    assert list(replace(served.connect(NAME), answer_s=10.0).pages(Q3))


def test_it_is_not_silence_when_the_hub_is_slow_itself(served) -> None:
    pages = replace(served.connect(NAME, page_size=3), answer_s=0.3).pages(Q3)
    next(pages)
    time.sleep(0.5)
    assert list(pages)
