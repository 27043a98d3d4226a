"""JSON over HTTP: a query in numbered pages, or one question for each month of the quarter."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import requests
from pydantic import SecretStr

from connectors.errors import Unauthorised, WrongAnswer
from connectors.http import Patience, ask
from connectors.oauth2 import ApiKey, BearerToken, NoCredential
from connectors.page import DONE, Page
from hub.feeds import RestTransport
from hub.periods import Quarter


@dataclass(frozen=True)
class RestConnector:
    """Fetches a quarter page by page; a page's body is the partner's JSON, byte for byte.

    The cursor is the number of the next page, or the next month.
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
        number = self.transport.first_page if cursor is None else int(cursor)
        last = number
        while number <= last:
            counting = {
                self.transport.page_param: str(number),
                self.transport.size_param: str(self.transport.page_size),
            }
            body = self._fetch(session, self._params(quarter) | counting)
            last = self.transport.first_page + self._total(self._read(body)) - 1
            yield Page(body, str(number + 1) if number < last else DONE, f"page {number}")
            number += 1

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
        except ValueError:
            raise self._wrong("it is not JSON") from None
        rows = content if self.transport.items is None else self._at(content, self.transport.items)
        if not isinstance(rows, list):
            raise self._wrong(f"it holds no list of rows at {self.transport.items or 'its top'}")
        return content

    def _total(self, content: object) -> int:
        total = self._at(content, self.transport.total_pages)
        if not isinstance(total, int):
            raise self._wrong(f"it does not count its pages at {self.transport.total_pages}")
        return total

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
