"""A MESH mailbox: messages of one workflow, found by file name, acknowledged only when safely kept.

Numbered rules:
1. A message leaves the mailbox by acknowledgement only, so none is given before ``confirm``.
2. Of several messages for one quarter the newest counts, since each is the whole return; the older
   ones are acknowledged with it.
3. A message that came after the one which was fetched stays, for the next delivery.
4. So a mailbox without a message of the quarter has nothing new; whether one was fetched before, the hub knows.

Source: NHS England, Message Exchange for Social Care and Health API.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests
from mesh_client import MeshClient
from pydantic import SecretStr
from urllib3.exceptions import HTTPError

from connectors.errors import ConnectionFailed, NothingNew, WrongAnswer
from connectors.http import refused
from connectors.page import Page
from hub.feeds import MeshTransport
from hub.periods import Quarter

_NOT_MESH = (ValueError, TypeError, AttributeError, zlib.error)  # what the client makes of an answer of another form


@dataclass
class MeshConnector:
    """Fetches the quarter's message as one page, joined from its chunks. The cursor is the message's id."""

    feed: str
    transport: MeshTransport
    secret: Callable[[str], SecretStr]
    timeout_s: float = 60.0
    _fetched: str | None = field(default=None, init=False)

    @property
    def _where(self) -> str:
        return f"{self.feed} at {self.transport.url}, mailbox {self.transport.mailbox}"

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The newest message of the quarter; nothing if ``cursor`` says that it is kept already."""
        if cursor is not None:
            self._fetched = cursor
            return
        with self._mailbox() as mailbox:
            found = self._of_quarter(mailbox, quarter)
            if not found:
                raise self._nothing_new(quarter)  # (4)
            body = mailbox.retrieve_message(found[-1]).read()  # (2)
        self._fetched = found[-1]
        yield Page(body, found[-1], self._filename(quarter))

    def confirm(self, quarter: Quarter) -> None:
        """Acknowledge the message that ``pages`` fetched, and older ones of the quarter; again does no harm."""
        if self._fetched is None:
            return
        with self._mailbox() as mailbox:
            found = self._of_quarter(mailbox, quarter)
            if self._fetched not in found:
                return
            for message in found[: found.index(self._fetched) + 1]:  # (2) (3)
                mailbox.acknowledge_message(message)  # (1)

    def _of_quarter(self, mailbox: MeshClient, quarter: Quarter) -> list[str]:
        """Ids of the quarter's messages that are not acknowledged, oldest first."""
        dated: list[tuple[str, int, str]] = []
        for identifier in mailbox.iterate_message_ids(workflow_filter=self.transport.workflow_id):
            message = mailbox.retrieve_message(identifier)
            message.close()  # type: ignore[no-untyped-call]
            if message.filename == self._filename(quarter):
                dated.append((message.mex_header("statustimestamp") or "", len(dated), identifier))
        return [identifier for _, _, identifier in sorted(dated)]

    def _filename(self, quarter: Quarter) -> str:
        return self.transport.filename.replace("{period}", str(quarter))

    @contextmanager
    def _mailbox(self) -> Iterator[MeshClient]:
        """An open mailbox; the client signs each request (NHSMESH scheme) and retries what may pass."""
        try:
            with MeshClient(
                self.transport.url,
                self.transport.mailbox,
                self.secret(self.transport.password).get_secret_value(),
                shared_key=self.secret(self.transport.shared_key).get_secret_value().encode(),
                application_name="safer-hub",
                timeout=self.timeout_s,
            ) as client:
                yield client
        except requests.HTTPError as error:
            raise refused(error.response.status_code, self._where) from None
        except (requests.RequestException, HTTPError) as error:  # urllib3's own, while a message is read
            raise self._failed(type(error).__name__) from None
        except _NOT_MESH as error:
            raise self._wrong(type(error).__name__) from None

    def _failed(self, why: str) -> ConnectionFailed:
        return ConnectionFailed(
            "The MESH mailbox does not answer", where=self._where, why=why, fix="It is tried again later"
        )

    def _wrong(self, why: str) -> WrongAnswer:
        return WrongAnswer(
            "The MESH mailbox's answer cannot be read", where=self._where, why=why, fix="Check the feed's address"
        )

    def _nothing_new(self, quarter: Quarter) -> NothingNew:
        return NothingNew(
            "The quarter's message is not in the mailbox",
            where=self._where,
            why=f"none of workflow {self.transport.workflow_id} is named {self._filename(quarter)}",
            fix="It is tried again later; ask the sender if it stays away",
        )
