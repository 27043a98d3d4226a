"""Pages that are asked for by their place: a number, an offset, or a month.

Rows that come or go at the partner move all later rows to other pages, and a row that moves to a page which was
fetched already would be lost. Therefore:

1. The partner's counts of pages and rows stay the same from the first page to the last, over resumed runs too.
2. Before the last page is given, the first and the one before the last are asked for again, and have the
   same rows: a row that went while another came, at either end, has moved one of them.
3. No page has the rows of another: a partner, or what stands before it, that gives a page twice gives another never.
4. All pages together hold as many rows as the partner counts, if it counts them.
5. Else the delivery cannot be continued.

By offset, a page may hold fewer rows than were asked for, since partners cap them: the next one begins after the rows
that came. Without a count of rows the end is a page without any, which is given like the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.asking import Asking, Content
from connectors.cursors import PageCursor
from connectors.errors import NotReady, QuestionRefused
from connectors.page import DONE, Page, Receipt
from hub.periods import Quarter


def numbered(asking: Asking, quarter: Quarter, cursor: str | None) -> Iterator[Page]:
    """Pages by number or by offset. The cursor is a ``PageCursor``."""
    walk = _Numbered(asking, quarter)
    before = None if cursor is None else walk.parsed(cursor)
    while True:
        place = walk.start if before is None else before.following
        content = walk.content(place, resumed=before is not None)
        now = walk.after(before, place, content)
        last = walk.is_last(now, content)
        if last:
            walk.hold_all(before, now)
        name = f"page {place}" if asking.transport.by == "page" else f"rows from {place}"
        receipt = None if now.items is None or not last else Receipt(rows=now.items)
        yield Page(content.body, DONE if last else str(now), name, receipt=receipt)
        if last:
            return
        before = now


def monthly(asking: Asking, quarter: Quarter, cursor: str | None) -> Iterator[Page]:
    """One question for each month of the quarter. The cursor is the next month."""
    months = [month for month in quarter.months if cursor is None or month >= cursor]
    unlike = Unlike(asking)
    for month, following in zip(months, [*months[1:], DONE], strict=True):
        content = asking.page(quarter, {}, month)
        unlike.hold(content)
        yield Page(content.body, following, month)


@dataclass
class Unlike:
    """Holds the pages of one run to be unlike each other (3)."""

    asking: Asking
    seen: set[str] = field(default_factory=set)

    def hold(self, content: Content) -> None:
        """See a page; raises SourceChanged if its rows, having any, are those of another."""
        if content.rows and content.digest in self.seen:
            raise self.asking.changed("a page has the rows of another")
        self.seen.add(content.digest)


class _Numbered:
    def __init__(self, asking: Asking, quarter: Quarter) -> None:
        self.asking, self.quarter, self.transport = asking, quarter, asking.transport
        self.by_page = self.transport.by == "page"
        self.start = self.transport.first_page if self.by_page else 0
        self.unlike = Unlike(asking)

    def parsed(self, cursor: str) -> PageCursor:
        try:
            before = PageCursor.parse(cursor)
        except ValueError:
            raise self.asking.changed("its cursor is of another version of the hub") from None
        self.unlike.seen |= {before.first, before.latest}
        return before

    def content(self, place: int, *, resumed: bool) -> Content:
        transport = self.transport
        param = transport.page_param if self.by_page else transport.offset_param
        try:
            return self.asking.page(self.quarter, {param: str(place), transport.size_param: str(transport.page_size)})
        except (NotReady, QuestionRefused):
            if resumed:  # what was begun is there, or was: to wait for it would be for ever
                raise self.asking.changed(f"the partner knows the page at {place} no more") from None
            raise

    def after(self, before: PageCursor | None, place: int, content: Content) -> PageCursor:
        """The cursor once the page at ``place`` is read as well; raises SourceChanged (1), (3)."""
        self.unlike.hold(content)
        pages, items = self._counts(content)
        if before is not None:
            self._hold_counts(before, pages, items)
        rows = len(content.rows) + (before.rows if before else 0)
        following = place + 1 if self.by_page else rows
        first = content.digest if before is None else before.first
        return PageCursor(following, place, pages, items, rows, first, content.digest)

    def is_last(self, now: PageCursor, content: Content) -> bool:
        if now.pages is not None:
            return now.following >= self.start + now.pages
        if not content.rows and now.items is not None and now.rows < now.items:
            raise self.asking.changed("a page holds no row, and not all have come")
        return not content.rows if now.items is None else now.rows >= now.items

    def hold_all(self, before: PageCursor | None, now: PageCursor) -> None:
        """All rows are there and none has moved; raises SourceChanged (2), (4)."""
        if now.items is not None and now.rows != now.items:
            raise self.asking.changed(f"its pages hold {now.rows} rows and the partner counts {now.items}")
        if before is None:
            return
        for place, digest in {self.start: before.first, before.latest_at: before.latest}.items():
            again = self.content(place, resumed=True)
            self._hold_counts(before, *self._counts(again))
            if again.digest != digest:
                raise self.asking.changed(f"the page at {place} has other rows than when it was fetched")

    def _counts(self, content: Content) -> tuple[int | None, int | None]:
        pages = self.asking.count(content, self.transport.total_pages) if self.by_page else None
        return pages, self.asking.total(content)

    def _hold_counts(self, before: PageCursor, pages: int | None, items: int | None) -> None:
        if (before.pages, before.items) != (pages, items):
            raise self.asking.changed("the partner counts other pages or rows than when it began")  # (1), (5)
