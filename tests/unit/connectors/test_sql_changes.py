"""A table that tells of its changes, in PostgreSQL and in SQLite: what is fetched again, and that nothing is missed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from connectors.cursors import TableCursor
from connectors.errors import ConnectorError, NothingNew, SourceChanged, WrongAnswer
from connectors.page import Page, Receipt
from connectors.snapshot import PartnerDatabase
from connectors.sql import SqlConnector
from connectors.watermark import Watermark, written
from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import SqlTransport

Q3 = Quarter(2026, 3)
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=9)
COLUMNS = {"changed_column": "changed_at", "deleted_column": "deleted"}


@dataclass
class Source:
    """A partner's table of seven rows, each changed a day after the one before; and the hub's way to it."""

    engine: Engine
    transport: SqlTransport
    settings: Settings = field(default_factory=Settings)

    def execute(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), {name: self.plain(value) for name, value in values.items()})

    def plain(self, value: Any) -> Any:
        """An instant as the database takes it: SQLite has text."""
        is_text = isinstance(value, datetime) and self.engine.dialect.name == "sqlite"
        return value.isoformat(sep=" ") if is_text else value

    def put(self, number: int, at: datetime | None, *, name: str = "x", deleted: bool | None = None) -> None:
        """Write a row as the partner's own program does: in place of the one with its key."""
        self.execute("DELETE FROM changing WHERE id = :id", id=f"ref-{number}")
        self.execute(
            "INSERT INTO changing VALUES (:id, :name, :period, :at, :deleted)",
            id=f"ref-{number}", name=name, period=str(Q3), at=at, deleted=deleted,
        )  # fmt: skip

    def connector(self, since: str | None = None, **changes: Any) -> SqlConnector:
        transport = self.transport.model_copy(update=changes)
        connector = SqlConnector("a.feed", transport, self.settings.secret)
        if since is None:
            return connector
        found = connector.continuing(since)
        assert found is not None
        return found

    def fetch(self, since: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """All rows, and the watermark after them."""
        pages = list(self.connector(since).pages(Q3))
        return rows(pages), pages[-1].watermark


def rows(pages: list[Page]) -> list[dict[str, Any]]:
    return [json.loads(line) for page in pages for line in page.body.splitlines()]


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [row["id"] for row in found]


@pytest.fixture(params=["postgresql", "sqlite"])
def source(request: pytest.FixtureRequest, tmp_path) -> Iterator[Source]:
    given = {"kind": "sql", "table": "changing", "key": "id", "period_column": "period", "page_size": 3} | COLUMNS
    if request.param == "sqlite":
        engine, instant = create_engine(f"sqlite:///{tmp_path}/partner.db"), "text"
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode = WAL"))
        given |= {"url": f"sqlite:///{tmp_path}/partner.db"}
        settings = Settings()
    else:
        served = request.getfixturevalue("served")
        url, instant, settings = (
            make_url(served.settings.endpoints["council.exclusions"]),
            "timestamptz",
            served.settings,
        )
        given |= {"url": url.render_as_string(), "password": "council_database_password"}
        engine = create_engine(url.set(username="postgres"))
    made = Source(engine, SqlTransport.model_validate(given), settings)
    made.execute("DROP TABLE IF EXISTS changing")
    made.execute(f"CREATE TABLE changing (id text, name text, period text, changed_at {instant}, deleted boolean)")
    if request.param == "postgresql":
        made.execute("GRANT SELECT ON changing TO hub_reader")
    for number in range(7):
        made.put(number, BEGAN + timedelta(days=number))
    yield made
    made.execute("DROP TABLE changing")
    engine.dispose()


LAST = BEGAN + timedelta(days=6)


def test_a_whole_delivery_holds_what_stands_and_nothing_of_the_transports_own(source) -> None:
    source.put(2, BEGAN + timedelta(days=2), deleted=True)
    source.put(3, BEGAN + timedelta(days=3), deleted=False)
    pages = list(source.connector().pages(Q3))
    assert ids(rows(pages)) == [f"ref-{number}" for number in (0, 1, 3, 4, 5, 6)]
    assert {tuple(row) for row in rows(pages)} == {("id", "name", "period")}
    assert [page.watermark is not None for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].receipt.rows == 6


def test_what_was_changed_since_is_fetched_with_its_marks_and_little_else(source) -> None:
    _, watermark = source.fetch()
    source.put(1, LAST + timedelta(hours=2), name="corrected")
    source.put(4, LAST + timedelta(hours=2), deleted=True)
    source.put(9, LAST + timedelta(hours=3), name="new")
    found, following = source.fetch(watermark)
    assert [(row["id"], row["name"], row["deleted"]) for row in found] == [
        ("ref-1", "corrected", False),
        ("ref-4", "x", True),
        ("ref-6", "x", False),  # the last of those that were read: the overlap begins before it
        ("ref-9", "new", False),
    ]
    assert list(source.connector(watermark).pages(Q3))[-1].receipt == Receipt(rows=4, standing=7)
    with pytest.raises(NothingNew):
        source.fetch(following)


def test_nothing_changed_is_nothing_new(source) -> None:
    _, watermark = source.fetch()
    with pytest.raises(NothingNew) as refused:
        source.fetch(watermark)
    assert refused.value.transient


def test_a_row_that_is_committed_late_is_caught(source) -> None:
    """It was stamped when its transaction began, before others that were read already."""
    _, watermark = source.fetch()
    source.put(8, LAST - timedelta(minutes=59), name="late")
    found, _ = source.fetch(watermark)
    assert ids(found) == ["ref-6", "ref-8"]


def test_a_transaction_that_is_open_while_the_table_is_read_loses_nothing(source) -> None:
    if source.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer, whose transaction no reader can overtake")
    with source.engine.connect() as slow:
        slow.execute(text("UPDATE changing SET name = 'slow', changed_at = now() WHERE id = 'ref-0'"))
        source.put(5, datetime.now(UTC), name="quick")
        found, watermark = source.fetch()
        assert {row["id"]: row["name"] for row in found}["ref-0"] == "x"
        slow.commit()
    found, _ = source.fetch(watermark)
    assert ("ref-0", "slow") in {(row["id"], row["name"]) for row in found}


def test_a_row_of_the_overlap_that_is_changed_within_it_is_not_taken_for_what_was_read(source) -> None:
    """As many rows, the last of them of the same instant: only the instants of all tell."""
    source.put(5, LAST - timedelta(minutes=30))
    _, watermark = source.fetch()
    source.put(5, LAST - timedelta(minutes=10), name="corrected")
    found, _ = source.fetch(watermark)
    assert [row["name"] for row in found] == ["corrected", "x"]


def test_a_row_that_says_not_when_it_was_changed_is_always_fetched(source) -> None:
    _, watermark = source.fetch()
    source.put(0, None, name="unstamped")
    found, following = source.fetch(watermark)
    assert ids(found) == ["ref-0", "ref-6"]
    source.put(1, LAST + timedelta(hours=2))
    assert "ref-0" in ids(source.fetch(following)[0])


def test_a_row_that_is_stamped_with_the_future_hides_no_other(source) -> None:
    source.put(0, datetime.now(UTC) + timedelta(days=400))
    _, watermark = source.fetch()
    source.put(1, LAST + timedelta(hours=2), name="corrected")
    assert {"ref-0", "ref-1"} <= set(ids(source.fetch(watermark)[0]))


def test_rows_that_go_without_a_mark_ask_for_a_whole_delivery(source) -> None:
    _, watermark = source.fetch()
    source.execute("DELETE FROM changing WHERE id = 'ref-2'")
    with pytest.raises(SourceChanged, match="without a mark"):
        source.fetch(watermark)


def test_instants_that_were_set_back_ask_for_a_whole_delivery(source) -> None:
    _, watermark = source.fetch()
    source.put(6, BEGAN)
    with pytest.raises(SourceChanged):
        source.fetch(watermark)


def test_a_row_that_is_changed_between_a_killed_run_and_the_next_comes_with_the_next_delivery(source) -> None:
    """It was read before the kill, and the watermark must not be that of the later run."""
    first = next(iter(source.connector().pages(Q3)))
    source.put(0, LAST + timedelta(days=1), name="corrected")
    rest = list(source.connector().pages(Q3, first.cursor))
    assert {row["id"]: row["name"] for row in rows([first, *rest])}["ref-0"] == "x"
    found, _ = source.fetch(rest[-1].watermark)
    assert {row["id"]: row["name"] for row in found}["ref-0"] == "corrected"


def test_a_killed_run_of_changes_is_gone_on_with_or_begun_anew(source) -> None:
    _, watermark = source.fetch()
    for number in range(5):
        source.put(number, LAST + timedelta(hours=2), name="corrected")
    first = next(iter(source.connector(watermark).pages(Q3)))
    rest = list(source.connector(watermark).pages(Q3, first.cursor))
    assert ids(rows([first, *rest])) == [f"ref-{number}" for number in (0, 1, 2, 3, 4, 6)]
    source.put(9, LAST + timedelta(hours=3))
    with pytest.raises(SourceChanged):
        list(source.connector(watermark).pages(Q3, first.cursor))


def test_a_quarter_of_which_all_rows_are_deleted_is_an_empty_page(source) -> None:
    source.execute("UPDATE changing SET deleted = true")
    (page,) = source.connector().pages(Q3)
    assert (page.body, page.receipt.rows) == (b"", 0)


@pytest.mark.parametrize(
    "change",
    [
        {"table": "other"},
        {"overlap_minutes": 61},
        {"changed_column": "other"},
        {"changed_column": None},
        {"key": "name"},
    ],
)
def test_a_watermark_of_another_setting_is_of_no_use(source, change) -> None:
    _, watermark = source.fetch()
    assert source.connector(**change).continuing(watermark) is None
    assert source.connector().continuing("3/7/00/00") is None


def test_a_column_that_holds_no_instants_is_refused(source) -> None:
    wrong = source.connector(changed_column="name")
    source.execute("UPDATE changing SET name = ''")  # text that comes before the present instant, as it sorts
    with pytest.raises(WrongAnswer):
        list(wrong.pages(Q3))


def test_neither_cursor_nor_watermark_shows_what_it_holds(source) -> None:
    first, *_, last = source.connector().pages(Q3)
    shown = repr([first, last, TableCursor.parse(first.cursor), source.connector(last.watermark)])
    assert str(LAST.year) not in shown.replace(str(Q3), "")
    assert "ref-" not in shown


# Ways of writing an instant


@pytest.mark.parametrize(
    ("at", "bound"),
    [
        ("2026-07-01 10:30:00", "2026-07-01 09:30:00"),
        ("2026-07-01T10:30:00.250000", "2026-07-01T09:30:00.250000"),
        ("2026-07-01T00:30:00Z", "2026-06-30T23:30:00Z"),
        ("2026-07-01 10:30:00+01:00", "2026-07-01 09:30:00+01:00"),
        ("2026-07-01", "2026-06-30"),
    ],
)
def test_text_is_compared_as_it_is_written(at, bound) -> None:
    assert Watermark(*written(at), rows=1, of="").bound(60) == bound


@pytest.mark.parametrize("at", [5, "soon", "", b"2026-07-01", 1.5, True])
def test_what_is_no_instant_is_told(at) -> None:
    assert written(at) is None


# Any database


def test_a_row_that_comes_while_pages_are_read_is_left_for_the_next_delivery(source) -> None:
    pages = source.connector().pages(Q3)
    first = next(pages)
    source.put(99, LAST)
    assert "ref-99" not in ids(rows([first, *pages]))


def test_nothing_can_be_written(source) -> None:
    database = PartnerDatabase(source.transport, source.settings.secret, "a.feed", 5)
    with pytest.raises(ConnectorError), database.snapshot() as connection:
        connection.execute(text("DELETE FROM changing"))
    assert len(source.fetch()[0]) == 7


@pytest.mark.parametrize("change", [{"table": "absent"}, {"key": "absent"}, {"period_column": "absent"}])
def test_a_table_of_another_form_is_not_tried_again(source, change) -> None:
    with pytest.raises(WrongAnswer) as refused:
        list(source.connector(**change).pages(Q3))
    assert not refused.value.transient


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("duckdb:///partner.db", "no snapshot"),
        ("mysql+pymysql://hub@host/council", "driver"),
        ("oracle+x://h", "driver"),
    ],
)
def test_a_database_that_offers_no_snapshot_or_whose_driver_is_missing_is_named(source, url, why) -> None:
    changed = replace(source.connector(), transport=source.transport.model_copy(update={"url": url, "password": None}))
    with pytest.raises(ConfigurationError, match=why):
        list(changed.pages(Q3))
