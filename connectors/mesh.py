"""A MESH mailbox: messages of one workflow, found by file name, acknowledged only when safely kept.

Numbered rules:
1. A message leaves the mailbox by acknowledgement only, so none is given before ``confirm``.
2. Of several messages for one quarter the newest counts, since each is the whole return; the older
   ones are acknowledged with it.
3. A message that came after the one which was fetched stays, for the next delivery.
4. So a mailbox without a message of the quarter has nothing new; whether one was fetched before, the hub knows.
5. A message is given on as it is read, in pages (connectors/mesh_message.py). A run that was killed goes on with the
   same message, though a newer one has come; if that message is gone, the delivery is begun anew.
6. MESH takes out what nobody acknowledged within five days. So of messages of other quarters, for which nobody asks,
   the log tells.

Source: NHS England, Message Exchange for Social Care and Health API.
"""

import gzip
import logging
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests
from mesh_client import MeshClient
from pydantic import SecretStr
from urllib3.exceptions import HTTPError

from connectors.errors import ConnectionFailed, NothingNew, SourceChanged, WrongAnswer
from connectors.http import Patience, asked_to_wait, may_pass, refused
from connectors.mesh_message import Position, pages_from
from connectors.mesh_opened import opened_pages
from connectors.mesh_retry import LaterAsked, MeshRetry
from connectors.openpgp import Opener
from connectors.page import Page
from connectors.whole_file import Names
from hub.periods import Quarter
from hub.transports import MeshTransport

log = logging.getLogger(__name__)
# What the client, or the unpacking of a chunk, makes of an answer of another form.
_NOT_MESH = (ValueError, TypeError, AttributeError, EOFError, zlib.error, gzip.BadGzipFile)
_GONE = (requests.codes.not_found, requests.codes.gone)


@dataclass
class MeshConnector:
    """Fetches the quarter's message. The cursor says where in which message to go on, and at last which was read."""

    feed: str
    transport: MeshTransport
    secret: Callable[[str], SecretStr] = field(repr=False)
    patience: Patience = field(default_factory=Patience)
    _fetched: str | None = field(default=None, init=False)

    @property
    def _where(self) -> str:
        return f"{self.feed} at {self.transport.url}, mailbox {self.transport.mailbox}"

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The newest message of the quarter, or the rest of the one that was begun; nothing if that is kept already."""
        begun = None if cursor is None else self._begun(cursor)
        if begun is not None and begun.is_end:
            self._fetched = begun.message
            return
        with self._mailbox() as mailbox:
            waiting = self._waiting(mailbox)
            self._tell_of_others(waiting, quarter)  # (6)
            found = waiting.get(self._filename(quarter), [])
            if begun is None and not found:
                raise self._nothing_new(quarter)  # (4)
            at = begun or Position(found[-1])  # (2)
            if at.message not in found:
                raise self._changed("the message that was begun is no longer in the mailbox")  # (5)
            yield from self._read(mailbox, at, self._filename(quarter))
        self._fetched = at.message

    def _begun(self, cursor: str) -> Position:
        try:
            return Position.parse(cursor)
        except ValueError:
            raise self._changed("its cursor is of another version of the hub") from None

    def _read(self, mailbox: MeshClient, at: Position, name: str) -> Iterator[Page]:
        try:
            if agreed := self.transport.openpgp:
                opener = Opener(Names(self._where, name, None, None), agreed, self.secret)
                yield from opened_pages(mailbox, at, opener, self.transport.chunk_bytes)
            else:
                yield from pages_from(mailbox, at, name, self.transport.chunk_bytes)
        except requests.HTTPError as error:
            if error.response.status_code in _GONE:
                raise self._changed("the message went away while it was read") from None
            raise

    def confirm(self, quarter: Quarter) -> None:
        """Acknowledge the message that ``pages`` fetched, and older ones of the quarter; again does no harm."""
        if self._fetched is None:
            return
        with self._mailbox() as mailbox:
            found = self._waiting(mailbox).get(self._filename(quarter), [])
            if self._fetched not in found:
                return
            for message in found[: found.index(self._fetched) + 1]:  # (2) (3)
                mailbox.acknowledge_message(message)  # (1)

    def _waiting(self, mailbox: MeshClient) -> dict[str, list[str]]:
        """Ids of the workflow's messages that are not acknowledged, by file name, oldest first."""
        dated: list[tuple[str, int, str, str]] = []
        for identifier in mailbox.iterate_message_ids(workflow_filter=self.transport.workflow_id):
            message = mailbox.retrieve_message(identifier)
            message.close()  # type: ignore[no-untyped-call]
            dated.append((message.mex_header("statustimestamp") or "", len(dated), identifier, message.filename or ""))
        found: dict[str, list[str]] = {}
        for _, _, identifier, name in sorted(dated):
            found.setdefault(name, []).append(identifier)
        return found

    def _tell_of_others(self, waiting: Iterable[str], quarter: Quarter) -> None:
        """Name the other quarters of which messages wait; of a name, which is its sender's, nothing else."""
        form = re.escape(self.transport.filename).replace(re.escape("{period}"), r"(\d{4}-Q[1-4])")
        said = filter(None, (re.fullmatch(form, name) for name in waiting))
        if others := sorted({match[1] for match in said if match.groups()} - {str(quarter)}):
            log.warning(
                "%s: messages of other quarters wait, and expire after five days: %s", self.feed, ", ".join(others)
            )

    def _filename(self, quarter: Quarter) -> str:
        return self.transport.filename.replace("{period}", str(quarter))

    @contextmanager
    def _mailbox(self) -> Iterator[MeshClient]:
        """An open mailbox; the client signs each request (NHSMESH scheme) and asks again what may pass."""
        try:
            with MeshClient(
                self.transport.url,
                self.transport.mailbox,
                self.secret(self.transport.password).get_secret_value(),
                shared_key=self.secret(self.transport.shared_key).get_secret_value().encode(),
                application_name="safer-hub",
                max_retries=MeshRetry.of(self.patience),
                timeout=self.patience.timeout_s[1],
            ) as client:
                yield client
        except LaterAsked as told:
            raise asked_to_wait(self._where, str(told), told.wait_s) from None
        except requests.HTTPError as error:
            status = error.response.status_code
            if may_pass(status):  # the client has asked again by itself
                raise self._failed(f"its answer was {status}") from None
            raise refused(status, self._where) from None
        except (requests.RequestException, HTTPError) as error:  # urllib3's own, while a message is read
            raise self._failed(type(error).__name__) from None
        except _NOT_MESH as error:
            raise self._wrong(type(error).__name__) from None

    def _failed(self, why: str) -> ConnectionFailed:
        return ConnectionFailed(
            "The MESH mailbox does not answer", where=self._where, why=why, fix="It is tried again later"
        )

    def _changed(self, why: str) -> SourceChanged:
        return SourceChanged(
            "The message cannot be gone on with",
            where=self._where,
            why=why,
            fix="Begin the delivery anew; the hub does so by itself",
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
