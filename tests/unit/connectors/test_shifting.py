"""A partner's rows move between two pages: the delivery is begun anew, and no row is lost in silence."""

import json
from collections.abc import Callable, Iterator

import pytest

from connectors.cursors import PageCursor
from connectors.errors import SourceChanged
from hub.periods import Quarter
from partners.layout import extract_path

Q3 = Quarter(2026, 3)
FIRE, PROBATION = "fire.fire_setter_referrals", "probation.supervision"
TOTAL_ITEMS = {FIRE: "totalItems", PROBATION: "page.totalElements"}
NEW = {"number": "new"}
Rows = list[object]
CHANGES: dict[str, tuple[int, Callable[[Rows], Rows]]] = {  # after how many of the three pages, and what
    "a row of the first page goes": (1, lambda rows: rows[1:]),
    "a row comes": (1, lambda rows: [*rows, NEW]),
    "a whole page comes": (2, lambda rows: [*rows, NEW, NEW, NEW]),
    "a row goes from the first page, and another comes at the end": (1, lambda rows: [*rows[1:], NEW]),
    "a row goes from the second page, and another comes at the end": (2, lambda rows: [*rows[:3], *rows[4:], NEW]),
    "a row comes in front, and another goes": (1, lambda rows: [NEW, *rows[:-1]]),
}


@pytest.fixture(params=[FIRE, PROBATION])
def feed(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def change(served, feed) -> Iterator[Callable[[Callable[[Rows], Rows]], None]]:
    """Change the rows that the partner hands out; they are put back afterwards."""
    path = extract_path(served.folder, feed, str(Q3))
    before = path.read_text(encoding="utf-8")
    yield lambda changed: path.write_text(json.dumps(changed(json.loads(before))), encoding="utf-8") and None
    path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("what", CHANGES)
def test_rows_that_move_within_a_run_are_noticed(served, feed, change, what) -> None:
    after, changed = CHANGES[what]
    pages = served.connect(feed, page_size=3, total_items=TOTAL_ITEMS[feed]).pages(Q3)
    for _ in range(after):
        next(pages)
    change(changed)
    with pytest.raises(SourceChanged) as refused:
        list(pages)
    assert refused.value.transient


@pytest.mark.parametrize("what", CHANGES)
def test_rows_that_move_between_a_killed_run_and_the_next_are_noticed(served, feed, change, what) -> None:
    after, changed = CHANGES[what]
    pages = served.connect(feed, page_size=3, total_items=TOTAL_ITEMS[feed]).pages(Q3)
    cursor = [next(pages) for _ in range(after)][-1].cursor
    change(changed)
    with pytest.raises(SourceChanged):
        list(served.connect(feed, page_size=3, total_items=TOTAL_ITEMS[feed]).pages(Q3, cursor))


def test_the_last_page_is_kept_back_until_nothing_is_seen_to_have_moved(served, feed, change) -> None:
    """Were it given first, a run killed then would have nothing left to notice."""
    pages = served.connect(feed, page_size=3).pages(Q3)
    next(pages), next(pages)
    change(lambda rows: [*rows[1:], NEW])
    with pytest.raises(SourceChanged):
        next(pages)


@pytest.mark.parametrize("cursor", ["2", "2/3//a", "2/x/7/a/b"])
def test_a_cursor_that_cannot_be_read_begins_the_delivery_anew(served, feed, cursor) -> None:
    with pytest.raises(SourceChanged, match="another version"):
        list(served.connect(feed, page_size=3).pages(Q3, cursor))


def test_a_cursor_holds_counts_and_short_digests_only(served, feed) -> None:
    first, second, last = served.connect(feed, page_size=3, total_items=TOTAL_ITEMS[feed]).pages(Q3)
    read = [PageCursor.parse(page.cursor) for page in (first, second)]
    assert [(cursor.following, cursor.pages, cursor.items) for cursor in read] == [
        (read[0].following, 3, 7),
        (read[0].following + 1, 3, 7),
    ]
    assert {len(cursor.first) for cursor in read} == {len(cursor.latest) for cursor in read} == {16}
    assert last.cursor == "done"
