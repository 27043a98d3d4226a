"""What every transport must do alike: fetch all, go on where it stopped, and say when there is nothing yet."""

import json
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from connectors import Page
from connectors.errors import NotReady
from hub.periods import Quarter

Q3, ABSENT = Quarter(2026, 3), Quarter(2031, 1)
ROWS = 7
TRANSPORTS = [  # feed, changes to its transport that make several pages, pages, rows of a quarter
    ("police.recorded_crime", {}, 1, ROWS),
    ("police.street_crime", {}, 3, 3 * ROWS),
    ("fire.fire_setter_referrals", {"page_size": 3}, 3, ROWS),
    ("probation.supervision", {"page_size": 3}, 3, ROWS),
    ("yot.cases", {}, 1, ROWS),
    ("council.exclusions", {"page_size": 3}, 3, ROWS),
    ("council.marac", {"page_size": 3}, 3, ROWS),
]


def rows(feed, pages: Sequence[Page]) -> list[object]:
    """The rows of all pages, read as plainly as their format allows."""
    found: list[object] = []
    for page in pages:
        match feed.format:
            case "csv":
                found += page.body.decode().splitlines()[1:]
            case "xml":
                found += ElementTree.fromstring(page.body)
            case "ndjson":
                found += map(json.loads, page.body.splitlines())
            case _:
                content = json.loads(page.body)
                found += content if feed.transport.items is None else content[feed.transport.items]
    return found


@pytest.mark.parametrize(("name", "changes", "pages", "expected"), TRANSPORTS)
def test_every_row_is_fetched_once_however_many_pages(served, name, changes, pages, expected) -> None:
    feed = served.feed(name, **changes)
    got = list(served.connect(name, **changes).pages(Q3))
    assert len(got) == pages
    found = rows(feed, got)
    assert len(found) == expected
    if feed.format != "xml":
        assert len({json.dumps(row) for row in found}) == expected


@pytest.mark.parametrize(("name", "changes", "pages", "expected"), TRANSPORTS)
def test_a_resumed_delivery_fetches_only_what_is_missing(served, name, changes, pages, expected) -> None:
    whole = list(served.connect(name, **changes).pages(Q3))
    for kept, page in enumerate(whole, start=1):
        rest = list(served.connect(name, **changes).pages(Q3, page.cursor))
        assert [later.body for later in rest] == [later.body for later in whole[kept:]]


@pytest.mark.parametrize("name", [*(name for name, *_ in TRANSPORTS), "health.emergency_care"])
def test_a_quarter_that_is_not_there_yet_is_not_ready(served, name) -> None:
    with pytest.raises(NotReady) as refused:
        list(served.connect(name).pages(ABSENT))
    assert refused.value.transient


@pytest.mark.parametrize(("name", "changes", "pages", "expected"), TRANSPORTS)
def test_a_second_delivery_has_the_same_bytes(served, name, changes, pages, expected) -> None:
    first, second = (list(served.connect(name, **changes).pages(Q3)) for _ in range(2))
    assert [(page.body, page.name) for page in first] == [(page.body, page.name) for page in second]


def test_no_cursor_holds_a_reference_of_the_source(served) -> None:
    pages = list(served.connect("council.exclusions", page_size=3).pages(Q3))
    references = {row["exclusion_id"] for row in rows(served.feed("council.exclusions"), pages)}
    assert [page.cursor[:6] for page in pages] == ['["3/7/', '["6/7/', "done"]
    assert not any(reference in page.cursor for page in pages for reference in references)


def test_a_page_shows_none_of_its_rows(served) -> None:
    page = next(iter(served.connect("council.exclusions").pages(Q3)))
    assert b"Other" in page.body
    assert "Other" not in repr(page)
