"""JSON over HTTP: a query in numbered pages, or one question for each month of the quarter."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import requests
from pydantic import SecretStr

from connectors.cursors import PageCursor, page_digest
from connectors.errors import SourceChanged, Unauthorised, WrongAnswer
from connectors.http import Patience, ask
from connectors.oauth2 import ApiKey, BearerToken, NoCredential
from connectors.page import DONE, Page
from hub.feeds import RestTransport
from hub.periods import Quarter


@dataclass(frozen=True)
class _Answer:
    """One numbered page: its body, what the partner says there is in all, and what its rows are known by."""

    body: bytes = field(repr=False)
    pages: int
    items: int | None
    digest: str


@dataclass(frozen=True)
class RestConnector:
    """Fetches a quarter page by page; a page's body is the partner's JSON, byte for byte.

    The cursor is the next month, or a ``PageCursor``. Rows that come or go at the partner move all later rows
    to other pages, and a row that moves to a page which was fetched already would be lost. Therefore:

    1. The partner's counts of pages and rows stay the same from the first page to the last, over resumed runs too.
    2. Before the last page is given, the first and the one before the last are asked for again, and have the
       same rows: a row that went while another came, at either end, has moved one of them.
    3. Else the delivery cannot be continued.
    """

    feed: str
    transport: RestTransport
    secret: Callable[[str], SecretStr]
    patience: Patience = field(default_factory=Patience)

    @property
    def _where(self) -> str:
        return f"{self.feed} at {self.transport.url}"

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The quarter's pages after ``cursor``; raises ConnectorError."""
        if cursor == DONE:
            return
        with requests.Session() as session:
            session.auth = self._credential()
            if self.transport.by == "month":
                yield from self._months(session, quarter, cursor)
            else:
                yield from self._numbered(session, quarter, cursor)

    def confirm(self, quarter: Quarter) -> None:
        """Nothing: reading leaves no trace at the partner."""

    def _months(self, session: requests.Session, quarter: Quarter, cursor: str | None) -> Iterator[Page]:
        months = [month for month in quarter.months if cursor is None or month >= cursor]
        for month, following in zip(months, [*months[1:], DONE], strict=True):
            body = self._fetch(session, self._params(quarter, month))
            self._read(body)
            yield Page(body, following, month)

    def _numbered(self, session: requests.Session, quarter: Quarter, cursor: str | None) -> Iterator[Page]:
        before = None if cursor is None else self._parsed(cursor)
        number = self.transport.first_page if before is None else before.following
        last = number
        while number <= last:
            answer = self._answer(session, quarter, number)
            last = self.transport.first_page + answer.pages - 1
            if before is not None:
                self._hold_counts(before, answer)  # (1)
                if number == last:
                    self._hold_rows(session, quarter, before)  # (2)
            first = answer.digest if before is None else before.first
            before = PageCursor(number + 1, answer.pages, answer.items, first, answer.digest)
            yield Page(answer.body, str(before) if number < last else DONE, f"page {number}")
            number += 1

    def _answer(self, session: requests.Session, quarter: Quarter, number: int) -> _Answer:
        transport = self.transport
        counting = {transport.page_param: str(number), transport.size_param: str(transport.page_size)}
        body = self._fetch(session, self._params(quarter) | counting)
        content = self._read(body)
        items = None if transport.total_items is None else self._count(content, transport.total_items)
        return _Answer(body, self._count(content, transport.total_pages), items, page_digest(self._rows(content)))

    def _hold_counts(self, before: PageCursor, now: _Answer) -> None:
        if (before.pages, before.items) != (now.pages, now.items):
            raise self._changed("the partner counts other pages or rows than when it began")  # (3)

    def _hold_rows(self, session: requests.Session, quarter: Quarter, before: PageCursor) -> None:
        for number, digest in {self.transport.first_page: before.first, before.following - 1: before.latest}.items():
            again = self._answer(session, quarter, number)
            self._hold_counts(before, again)
            if again.digest != digest:
                raise self._changed(f"page {number} has other rows than when it was fetched")  # (3)

    def _parsed(self, cursor: str) -> PageCursor:
        try:
            return PageCursor.parse(cursor)
        except ValueError:
            raise self._changed("its cursor is of another version of the hub") from None

    def _changed(self, why: str) -> SourceChanged:
        return SourceChanged(
            "The delivery cannot be continued",
            where=self._where,
            why=why,
            fix="Begin the delivery anew; the hub does so by itself",
        )

    def _params(self, quarter: Quarter, month: str = "") -> dict[str, str]:
        return {
            name: value.replace("{period}", str(quarter)).replace("{month}", month)
            for name, value in self.transport.params.items()
        }

    def _fetch(self, session: requests.Session, params: dict[str, str]) -> bytes:
        """The body of one answer. A bearer token that is refused is renewed once: it may have been revoked early."""
        try:
            return self._ask(session, params)
        except Unauthorised:
            if not isinstance(session.auth, BearerToken):
                raise
            session.auth.forget()
            return self._ask(session, params)

    def _ask(self, session: requests.Session, params: dict[str, str]) -> bytes:
        url = self.transport.url + self.transport.path
        answer = ask(
            lambda: session.get(url, params=params, timeout=self.patience.timeout_s, allow_redirects=False),
            self._where,
            self.patience,
        )
        return answer.content

    def _read(self, body: bytes) -> object:
        """The parsed answer, once its rows are where the feed's file says; raises WrongAnswer."""
        try:
            content: object = json.loads(body)
        except (ValueError, RecursionError):
            raise self._wrong("it is not JSON") from None
        self._rows(content)
        return content

    def _rows(self, content: object) -> list[object]:
        rows = content if self.transport.items is None else self._at(content, self.transport.items)
        if not isinstance(rows, list):
            raise self._wrong(f"it holds no list of rows at {self.transport.items or 'its top'}")
        return rows

    def _count(self, content: object, dotted: str) -> int:
        count = self._at(content, dotted)
        if not isinstance(count, int):
            raise self._wrong(f"it holds no count at {dotted}")
        return count

    @staticmethod
    def _at(content: object, dotted: str) -> object:
        for part in dotted.split("."):
            content = content.get(part) if isinstance(content, dict) else None
        return content

    def _wrong(self, why: str) -> WrongAnswer:
        return WrongAnswer(
            "The partner's answer cannot be read",
            where=self._where,
            why=why,
            fix="Compare it with the agreed form, and correct the feed's file or ask the partner",
        )

    def _credential(self) -> ApiKey | BearerToken | NoCredential:
        transport = self.transport
        if transport.oauth2 is not None:
            secret = self.secret(transport.oauth2.client_secret)
            return BearerToken(transport.url, transport.oauth2, secret, self._where, self.patience)
        return NoCredential() if transport.api_key is None else ApiKey(self.secret(transport.api_key))
