"""The witness over HTTP: ``POST /add-checkpoint`` (C2SP tlog-witness) and ``GET /checkpoint?origin=...``."""

import base64
import logging
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from witness.judging import ACCUSING, Ground, judge, parse_submission
from witness.keeping import Kept
from witness.verify_log import WITNESS, Checkpoint, Key

MOST_BYTES = 64 * 1024  # of a request's body: 63 hashes and a checkpoint with many signatures fit well
PATIENCE_S = 10.0  # between two bytes
MOST_AT_ONCE = 32  # connections
log = logging.getLogger("witness")


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    status: HTTPStatus
    text: str
    kind: str = "text/plain; charset=utf-8"


class Witness:
    """Cosigns what goes on from what it cosigned before, for the logs that it knows.

    Raises ValueError if its key is a log's: then its word would be the log's own.
    """

    def __init__(self, folder: Path, name: str, private: Ed25519PrivateKey, logs: Mapping[str, Sequence[Key]]) -> None:
        self._folder, self._private, self._logs = folder, private, logs
        self.key = Key(name, WITNESS, private.public_key().public_bytes_raw())
        self._one_at_a_time = threading.Lock()
        if any(key.public == self.key.public for keys in logs.values() for key in keys):
            raise ValueError("the witness's key is a log's key")

    def add_checkpoint(self, body: bytes) -> Answer:
        """Judge, keep, and only then answer."""
        try:
            sent = parse_submission(body)
        except ValueError as problem:
            return Answer(HTTPStatus.BAD_REQUEST, f"{problem}\n")
        point = sent.checkpoint
        if point.origin not in self._logs:
            return Answer(HTTPStatus.NOT_FOUND, f"{Ground.UNKNOWN_LOG}\n")
        kept = Kept(self._folder, point.origin)
        with self._one_at_a_time:  # from the reading of the newest to the keeping of its successor
            newest = kept.newest()
            verdict = judge(sent, self._logs[point.origin], newest and newest[0], kept.of_size(point.size))
            if verdict.ground in ACCUSING:
                log.error("%s: %s, size %d; the evidence is kept", point.origin, verdict.ground, point.size)
                kept.hold_against(verdict.ground, body)
            if verdict.status == HTTPStatus.CONFLICT:
                return Answer(verdict.status, f"{newest[0].size if newest else 0}\n", "text/x.tlog.size")
            if verdict.ground:
                return Answer(verdict.status, f"{verdict.ground}\n")
            line = self._cosign(point.text)
            kept.keep(point.size, f"{point.text}\n{_signed_by(self._logs[point.origin], point)}{line}")
        log.info("%s: cosigned %d entries", point.origin, point.size)
        return Answer(HTTPStatus.OK, line)

    def newest(self, origin: str) -> Answer:
        """The newest checkpoint that was cosigned, with the cosignature."""
        found = Kept(self._folder, origin).newest() if origin in self._logs else None
        return Answer(HTTPStatus.OK, found[1]) if found else Answer(HTTPStatus.NOT_FOUND, "none\n")

    def _cosign(self, text: str) -> str:
        """A line of C2SP tlog-cosignature."""
        seconds = int(time.time())
        signature = self._private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        return _line(self.key.name, self.key.hash + seconds.to_bytes(8, "big") + signature)


def _signed_by(keys: Sequence[Key], point: Checkpoint) -> str:
    """The log's own line alone: whatever else was sent is nobody's word that this witness knows."""
    return next(_line(*line) for line in point.lines if any(key.signed(replace(point, lines=(line,))) for key in keys))


def _line(name: str, content: bytes) -> str:
    return f"— {name} {base64.b64encode(content).decode()}\n"


class Server(ThreadingHTTPServer):
    """Serves one witness; connections beyond ``MOST_AT_ONCE`` are closed at once."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """Answer in a thread, if there is a place."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no fault of the witness."""
        log.info("a connection was lost", exc_info=log.isEnabledFor(logging.DEBUG))

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S
    server: Server

    def do_POST(self) -> None:
        """POST /add-checkpoint."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or len(length) > 9 or int(length) > MOST_BYTES:
            self.close_connection = True  # what is left of the body is not read
            self._say(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a length of at most {MOST_BYTES} is needed\n"))
            return
        body = self.rfile.read(int(length))
        if self.path == "/add-checkpoint":
            self._say(self._safely(lambda: self.server.witness.add_checkpoint(body)))
        else:
            self._say(Answer(HTTPStatus.NOT_FOUND, "there is only /add-checkpoint\n"))

    def do_GET(self) -> None:
        """GET /checkpoint?origin=..."""
        asked = urlsplit(self.path)
        origin = parse_qs(asked.query).get("origin", [""])[0]
        if asked.path == "/checkpoint":
            self._say(self._safely(lambda: self.server.witness.newest(origin)))
        else:
            self._say(Answer(HTTPStatus.NOT_FOUND, "there is only /checkpoint?origin=...\n"))

    def _safely(self, act: Any) -> Answer:
        """Without what is kept, nothing is cosigned: a disk that fails is said to be the witness's own trouble."""
        try:
            answer: Answer = act()
        except (OSError, ValueError):
            log.exception("what this witness keeps cannot be read or written")
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "this witness cannot read or write what it keeps\n")
        return answer

    def _say(self, answer: Answer) -> None:
        content = answer.text.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def version_string(self) -> str:
        """Say no more of the machine than is asked."""
        return "witness"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the standard library's name
        """The witness logs what it decides, not each request."""
