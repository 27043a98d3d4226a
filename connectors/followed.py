"""Pages that are asked for by what the page before says: a cursor in its answer, or a link in its header.

What a partner calls a cursor is often an offset in disguise, so rows may move under it as they do under numbers
(``connectors.numbered``). Numbered rules:

1. The partner's count of rows, if it gives one, stays the same to the last page, and all pages together hold as many.
2. Before the last page is given, the first and the one before the last are asked for again, and have the same rows.
3. No page has the rows of another, no word for the next page comes twice, and there is an end to them: a partner that
   leads round in a circle would be followed for ever.
4. A partner's word for the next page may be a row's key, or more. It is sent back to the partner alone, told in no
   error and no log, and lies in the hub's database sealed (``store.landing``). A word that serves only once cannot be
   gone on from: then the delivery is begun anew, as when the partner has forgotten it.
5. Else the delivery cannot be continued.
"""

from collections.abc import Iterator

from connectors.asking import Asking, Content
from connectors.cursors import FollowedCursor
from connectors.errors import NotReady, QuestionRefused
from connectors.numbered import Unlike
from connectors.page import DONE, Page, Receipt
from hub.periods import Quarter

_MOST_PAGES = 100_000


def followed(asking: Asking, quarter: Quarter, cursor: str | None) -> Iterator[Page]:
    """Pages by cursor or by link. The cursor is a ``FollowedCursor``."""
    walk = _Followed(asking, quarter)
    before = None if cursor is None else walk.parsed(cursor)
    while True:
        content = walk.content(before.following if before else None)
        now = walk.after(before, content)
        if now.following is None:
            walk.hold_all(before, now)
        last = now.following is None
        receipt = None if now.items is None or not last else Receipt(rows=now.items)
        yield Page(content.body, DONE if last else str(now), f"page {now.number}", receipt=receipt)
        if last:
            return
        before = now


class _Followed:
    def __init__(self, asking: Asking, quarter: Quarter) -> None:
        self.asking, self.quarter, self.transport = asking, quarter, asking.transport
        self.unlike = Unlike(asking)
        self.places: set[str] = set()

    def parsed(self, cursor: str) -> FollowedCursor:
        try:
            before = FollowedCursor.parse(cursor)
        except ValueError:
            raise self.asking.changed("its cursor is of another version of the hub") from None
        self.unlike.seen |= {before.first, before.latest}
        self.places |= {place for place in (before.latest_at, before.following) if place is not None}
        return before

    def content(self, place: str | None) -> Content:
        """The page at a place that the partner named, or the first; raises SourceChanged for one that it knows not."""
        if place is None:
            return self.asking.page(self.quarter, self._sized())
        try:
            if self.transport.by == "link":
                return self.asking.link(place)
            return self.asking.page(self.quarter, self._sized() | {self.transport.cursor_param: place})
        except (NotReady, QuestionRefused):
            raise self.asking.changed("the partner does not know its own word for the next page any more") from None

    def after(self, before: FollowedCursor | None, content: Content) -> FollowedCursor:
        """The cursor once this page is read as well; raises SourceChanged (1), (3)."""
        self.unlike.hold(content)
        items, following = self.asking.total(content), self._following(content)
        if before is not None and before.items != items:
            raise self.asking.changed("the partner counts other rows than when it began")
        number = before.number + 1 if before else 1
        if following in self.places or number >= _MOST_PAGES:
            raise self.asking.changed("its pages have no end")
        if following is not None:
            self.places.add(following)
        return FollowedCursor(
            following=following,
            latest_at=before.following if before else None,
            number=number,
            items=items,
            rows=len(content.rows) + (before.rows if before else 0),
            first=before.first if before else content.digest,
            latest=content.digest,
        )

    def hold_all(self, before: FollowedCursor | None, now: FollowedCursor) -> None:
        """All rows are there and none has moved; raises SourceChanged (1), (2)."""
        if now.items is not None and now.rows != now.items:
            raise self.asking.changed(f"its pages hold {now.rows} rows and the partner counts {now.items}")
        if before is None:
            return
        for place, digest in {None: before.first, before.latest_at: before.latest}.items():
            if self.content(place).digest != digest:
                raise self.asking.changed("a page has other rows than when it was fetched")

    def _sized(self) -> dict[str, str]:
        return {self.transport.size_param: str(self.transport.page_size)}

    def _following(self, content: Content) -> str | None:
        if self.transport.by == "link":
            return None if content.following_url is None else self.asking.own(content.following_url)
        found = content.at(self.transport.next_cursor)
        if found is None or found == "":
            return None
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise self.asking.wrong(f"what it says at {self.transport.next_cursor} is neither text nor a number")
        return str(found)
