"""A partner's interface, asked one question at a time: its answers read as JSON, with the rows where the feed says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.utils import parse_header_links

from connectors.cursors import page_digest
from connectors.errors import ConnectorError, SourceChanged, WrongAnswer
from connectors.http import Answer, Patience, ask, refused
from connectors.oauth2 import BearerToken
from connectors.rate import Spacing
from hub.periods import Quarter
from hub.transports import RestTransport


@dataclass(frozen=True)
class Content:
    """One answer: its bytes, what they say, and where it says that the next page is."""

    body: bytes = field(repr=False)
    whole: object = field(repr=False)
    rows: list[object] = field(repr=False)
    following_url: str | None = field(repr=False)

    @property
    def digest(self) -> str:
        """What the page's rows are known by again."""
        return page_digest(self.rows)

    def at(self, dotted: str) -> object:
        """What stands at a place such as ``page.totalPages``; None if nothing does."""
        return _at(self.whole, dotted)


@dataclass(frozen=True)
class Asking:
    """One run's questions to one partner: with one session, one credential and one spacing.

    1. A link to the next page is followed within the origin of the feed's own url (scheme, host and port) alone: the
       hub's credentials go with it.
    2. A bearer token that is refused is renewed once: it may have been revoked early.
    3. What is not said to be JSON is not read.
    """

    transport: RestTransport
    session: requests.Session
    where: str
    patience: Patience
    spacing: Spacing = field(default_factory=Spacing)

    def page(self, quarter: Quarter, counting: Mapping[str, str], month: str = "") -> Content:
        """The answer to the feed's own question, with what tells of the page; raises ConnectorError."""
        given = {name: _filled(value, quarter, month) for name, value in self.transport.params.items()}
        return self._content(self.transport.url + self.transport.path, given | dict(counting))

    def link(self, url: str) -> Content:
        """The answer at an address that an earlier answer gave; raises ConnectorError."""
        return self._content(self.own(url), {})

    def own(self, url: str) -> str:
        """The address, if it is one of the partner's own; raises WrongAnswer (1)."""
        try:
            mine = _origin(urlsplit(url)) == _origin(urlsplit(self.transport.url)) and "@" not in urlsplit(url).netloc
        except ValueError:
            mine = False
        if not mine:
            raise self.wrong("its link to the next page leads to another server")
        return url

    def count(self, content: Content, dotted: str) -> int:
        """The number at a place; raises WrongAnswer."""
        found = content.at(dotted)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise self.wrong(f"it holds no count at {dotted}")
        return found

    def total(self, content: Content) -> int | None:
        """How many rows the partner says that there are, if the feed's file says where; raises WrongAnswer."""
        return None if self.transport.total_items is None else self.count(content, self.transport.total_items)

    def wrong(self, why: str) -> WrongAnswer:
        """The refusal of an answer."""
        return WrongAnswer(
            "The partner's answer cannot be read",
            where=self.where,
            why=why,
            fix="Compare it with the agreed form, and correct the feed's file or ask the partner",
        )

    def changed(self, why: str) -> SourceChanged:
        """The refusal to go on with a delivery."""
        return SourceChanged(
            "The delivery cannot be continued",
            where=self.where,
            why=why,
            fix="Begin the delivery anew; the hub does so by itself. If it stays so, check paging in the feed's file",
        )

    def _content(self, url: str, params: Mapping[str, str]) -> Content:
        answer = self._fetch(url, params)
        if not _is_json(answer.headers.get("Content-Type", "")):
            raise self.wrong("its content type is not one of JSON")  # (3)
        try:
            whole: object = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.wrong("it is not JSON") from None
        rows = whole if self.transport.items is None else _at(whole, self.transport.items)
        if not isinstance(rows, list):
            raise self.wrong(f"it holds no list of rows at {self.transport.items or 'its top'}")
        return Content(answer.body, whole, rows, _following(answer))

    def _fetch(self, url: str, params: Mapping[str, str]) -> Answer:
        if isinstance(self.session.auth, BearerToken):
            try:
                return self._ask(url, params, _perhaps_ended)
            except _TokenRefused:
                self.session.auth.forget()  # (2)
        return self._ask(url, params, refused)

    def _ask(self, url: str, params: Mapping[str, str], refusal: Callable[[int, str], ConnectorError]) -> Answer:
        timeout = self.patience.timeout_s
        return ask(
            lambda: self.session.get(url, params=params, timeout=timeout, allow_redirects=False, stream=True),
            self.where,
            self.patience,
            self.spacing,
            refusal,
        )


class _TokenRefused(ConnectorError):
    """A token was answered by 401. It leaves this module never: another token is tried."""


def _perhaps_ended(status: int, where: str) -> ConnectorError:
    said = refused(status, where)
    if status != requests.codes.unauthorized:
        return said
    return _TokenRefused(said.what, where=said.where, why=said.why, fix=said.fix)


def _following(answer: Answer) -> str | None:
    """Where the Link header says that the next page is (RFC 8288): absolute, without a fragment; or as it stands."""
    links = parse_header_links(answer.headers.get("Link", ""))
    found = next((link["url"] for link in links if "next" in link.get("rel", "").lower().split()), None)
    try:
        return None if found is None else urljoin(answer.url, found).partition("#")[0]
    except ValueError:
        return found  # no address at all: it is refused as one that leads elsewhere


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "application/json", "text/json") or (kind.startswith("application/") and kind.endswith("+json"))


def _filled(value: str, quarter: Quarter, month: str) -> str:
    return value.replace("{period}", str(quarter)).replace("{month}", month)


def _at(content: object, dotted: str) -> object:
    for part in dotted.split("."):
        content = content.get(part) if isinstance(content, dict) else None
    return content
