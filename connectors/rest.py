"""JSON over HTTP, in the partner's way of paging: by page, offset, cursor, link or month."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from connectors.asking import Asking
from connectors.followed import followed
from connectors.http import Patience
from connectors.numbered import monthly, numbered
from connectors.oauth2 import credential
from connectors.page import DONE, Page
from connectors.rate import Spacing
from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.transports import RestTransport

_WALKS = {"page": numbered, "offset": numbered, "cursor": followed, "link": followed, "month": monthly}


@dataclass(frozen=True)
class RestConnector:
    """Fetches a quarter page by page; a page's body is the partner's JSON, byte for byte.

    How it goes from page to page, and what it holds against rows that move meanwhile: ``connectors.numbered`` and
    ``connectors.followed``. All questions of one run share one session, one credential and one spacing.
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
        self._hold_address()
        spacing = Spacing(self.transport.requests_per_second)
        with requests.Session() as session:
            session.auth = credential(self.transport, self.secret, self._where, self.patience, spacing)
            asking = Asking(self.transport, session, self._where, self.patience, spacing)
            yield from _WALKS[self.transport.by](asking, quarter, cursor)

    def confirm(self, quarter: Quarter) -> None:
        """Nothing: reading changes nothing at the partner."""

    def _hold_address(self) -> None:
        """An endpoint of this machine takes the place of the file's url unread, and errors show it."""
        if "@" in urlsplit(self.transport.url).netloc:
            raise ConfigurationError(
                "The feed's address cannot be used",
                where=self.feed,
                why="it holds a user or a password, which logs would show",
                fix="Write it without, and name a secret in the feed's file",
            )
