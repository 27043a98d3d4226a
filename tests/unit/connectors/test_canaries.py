"""A word found nowhere else, planted in partners' answers and in credentials: no error shows it, printed in full."""

import asyncio
import gzip
import json
import sqlite3
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import asyncssh
import pytest

from connectors import connect
from connectors.cursors import FollowedCursor
from connectors.errors import ConnectionFailed, NotReady, SourceChanged, Unauthorised, WrongAnswer
from hub.errors import ConfigurationError, HubError
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import ClientCredentials, PrivateKeyJwt

CANARY = "Zyxwhiffenpoof"
Q3 = Quarter(2026, 3)
FIRE, PROBATION, MESH, POLICE = (
    "fire.fire_setter_referrals",
    "probation.supervision",
    "health.emergency_care",
    "police.recorded_crime",
)
Answer = tuple[int, dict[str, str], bytes]


def fetching(settings: Settings, feed: str) -> HubError:
    """The error that fetching a feed ends with, which does not show the canary."""
    with pytest.raises(HubError) as refused:
        list(connect(settings, load_feed(settings.config, feed)).pages(Q3))
    assert CANARY not in "".join(traceback.format_exception(refused.value))
    return refused.value


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        place = next(place for place in self.server.answers if place in self.path)
        status, headers, body = self.server.answers[place]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Callable[[dict[str, Answer]], Settings]]:
    """A hub whose partners over HTTP answer as told, by what is in the path asked for."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "secrets").mkdir()
    for name in ("fire_api_key", "probation_client_secret", "health_mesh_password", "health_mesh_shared_key"):
        (tmp_path / "secrets" / name).write_text("known", encoding="utf-8")

    def told(answers: dict[str, Answer]) -> Settings:
        server.answers = answers
        return Settings(home=tmp_path, endpoints=dict.fromkeys((FIRE, PROBATION, MESH), url))

    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, f"{CANARY} is not JSON".encode()),
        (200, {}, f'{{"items": "{CANARY}"}}'.encode()),
        (200, {}, f'{{"items": ["{CANARY}"], "totalPages": "{CANARY}"}}'.encode()),
        (200, {}, b"[" * 100_000),
        (200, {"Content-Encoding": "gzip"}, CANARY.encode()),
        (400, {}, f"no such thing as {CANARY}".encode()),
        (302, {"Location": f"/{CANARY}"}, b""),
    ],
    ids=["no JSON", "no rows", "no count", "too deep", "no gzip", "refusal", "redirect"],
)
def test_an_answer_of_another_form(answering, answer) -> None:
    assert isinstance(fetching(answering({"/": answer}), FIRE), WrongAnswer)


@pytest.mark.parametrize("key", [f"{CANARY}\nsecond line", f"{CANARY}\u2019s", f"\r\n{CANARY}"])
def test_an_api_key_that_fits_no_header(answering, key) -> None:
    settings = answering({"/": (200, {}, b"[]")})
    (settings.home / "secrets" / "fire_api_key").write_text(key, encoding="utf-8", newline="")
    assert isinstance(fetching(settings, FIRE), WrongAnswer)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, f'{{"token": "{CANARY}"}}'.encode()),
        (200, {}, f'{{"access_token": "x", "expires_in": "{CANARY}"}}'.encode()),
        (200, {}, f'{{"access_token": "{CANARY}\\nmore", "expires_in": 60}}'.encode()),
    ],
    ids=["no token", "no duration", "two lines"],
)
def test_a_token_endpoint_that_gives_no_token(answering, answer) -> None:
    assert isinstance(fetching(answering({"/": answer}), PROBATION), WrongAnswer)


@pytest.mark.parametrize(
    ("inbox", "message", "kind"),
    [
        ((200, {}, f'["{CANARY}"]'.encode()), None, WrongAnswer),
        ((200, {}, f'{{"messages": [{{"{CANARY}": 1}}]}}'.encode()), None, WrongAnswer),
        ((200, {}, f"{CANARY} is not JSON".encode()), None, ConnectionFailed),
        ((404, {}, CANARY.encode()), None, NotReady),
        (None, (200, {"Mex-Chunk-Range": CANARY}, b""), WrongAnswer),
        (None, (200, {"Content-Encoding": "gzip"}, CANARY.encode()), WrongAnswer),
        (None, (200, {"Content-Length": "99"}, CANARY.encode()), ConnectionFailed),
        (None, (200, {"Content-Encoding": "gzip"}, gzip.compress(CANARY.encode())[:-4]), WrongAnswer),
        (None, (200, {"Mex-Chunk-Range": "2:2"}, CANARY.encode()), WrongAnswer),
        (None, (200, {"Content-Encoding": "br"}, CANARY.encode()), WrongAnswer),
    ],
    ids=[
        "a list",
        "no ids",
        "no JSON",
        "404",
        "no chunk range",
        "no gzip",
        "broken off",
        "gzip cut",
        "another chunk",
        "not gzip",
    ],
)
def test_a_mailbox_of_another_form(answering, inbox, message, kind) -> None:
    named = {"Mex-FileName": f"emergency_care_{Q3}.ndjson"}
    status, headers, body = message or (200, {}, b"")
    answers = {"/inbox/": (status, headers | named, body), "/": inbox or (200, {}, b'{"messages": ["1"]}')}
    assert isinstance(fetching(answering(answers), MESH), kind)


@pytest.mark.parametrize(("status", "kind"), [(410, SourceChanged), (404, SourceChanged), (403, Unauthorised)])
def test_a_message_of_which_a_part_is_not_given(answering, status, kind) -> None:
    first = {"Mex-FileName": f"emergency_care_{Q3}.ndjson", "Mex-Chunk-Range": "1:2"}
    answers = {"/inbox/1/2": (status, {}, CANARY.encode()), "/inbox/": (200, first, CANARY.encode())}
    assert isinstance(fetching(answering(answers | {"/": (200, {}, b'{"messages": ["1"]}')}), MESH), kind)


class _Refusing(asyncssh.SFTPServer):
    """Answers every question about a file with an error of its own words."""

    error: BaseException

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        raise self.error


class _Readable(asyncssh.SFTPServer):
    """Shows a file, but does not let it be read."""

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return asyncssh.SFTPAttrs(size=3, mtime=1, permissions=0o100600)

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        raise asyncssh.SFTPPermissionDenied(CANARY)


class _Silent(asyncssh.SFTPServer):
    """Takes questions, and never answers."""

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        await asyncio.sleep(60)
        raise asyncssh.SFTPFailure(CANARY)


@contextmanager
def serving(home: Path, **options: object) -> Iterator[Settings]:
    """A hub whose police server is an SSH server with the given options, run in a thread."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    (home / "secrets").mkdir(parents=True)
    (home / "secrets" / "police_sftp_host_key").write_text(key.export_public_key().decode(), encoding="utf-8")
    (home / "secrets" / "police_sftp_private_key").write_text(key.export_private_key().decode(), encoding="utf-8")
    began, end, ports = threading.Event(), threading.Event(), []

    async def serve() -> None:
        keys = {"server_host_keys": [key], "authorized_client_keys": authorised}
        async with await asyncssh.listen("127.0.0.1", 0, **keys, **options) as listener:
            ports.append(listener.get_port())
            began.set()
            await asyncio.to_thread(end.wait)

    authorised = asyncssh.import_authorized_keys(key.export_public_key().decode())
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    began.wait(10)
    try:
        yield Settings(home=home, endpoints={POLICE: f"127.0.0.1:{ports[0]}"})
    finally:
        end.set()
        thread.join(10)


def _refusing(error: Exception) -> type[_Refusing]:
    return type("Refusing", (_Refusing,), {"error": error})


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (_refusing(asyncssh.SFTPPermissionDenied(CANARY)), Unauthorised),
        (_refusing(asyncssh.SFTPNoSuchFile(CANARY)), NotReady),
        (_refusing(asyncssh.SFTPFailure(CANARY)), ConnectionFailed),
        (_refusing(asyncssh.SFTPBadMessage(CANARY)), ConnectionFailed),
        (_refusing(asyncssh.SFTPEOFError(CANARY)), ConnectionFailed),
        (_Readable, Unauthorised),
    ],
    ids=["not allowed", "no file", "failure", "bad message", "end of file", "not readable"],
)
def test_what_an_sftp_server_says_is_told_in_the_hubs_own_words(tmp_path, server, kind) -> None:
    with serving(tmp_path, sftp_factory=server) as settings:
        assert isinstance(fetching(settings, POLICE), kind)


def test_a_server_that_never_answers_is_waited_for_only_so_long(tmp_path) -> None:
    with serving(tmp_path, sftp_factory=_Silent) as settings:
        connector = replace(connect(settings, load_feed(settings.config, POLICE)), timeout_s=0.5)
        with pytest.raises(ConnectionFailed):
            list(connector.pages(Q3))


class _Another(asyncssh.SSHServer, asyncssh.SSHServerSession[bytes]):
    """Takes the wish for SFTP, and then says something else."""

    greeting: bytes

    def session_requested(self) -> "_Another":
        return self

    def connection_made(self, channel: object) -> None:
        self.channel = channel

    def subsystem_requested(self, subsystem: str) -> bool:
        return True

    def session_started(self) -> None:
        self.channel.write(self.greeting)


@pytest.mark.parametrize("greeting", [CANARY.encode(), b"\0\0\0\2\2x"], ids=["garbage", "too short"])
def test_a_server_that_speaks_something_else(tmp_path, greeting) -> None:
    another = type("Another", (_Another,), {"greeting": greeting})
    with serving(tmp_path, server_factory=another, encoding=None) as settings:
        assert isinstance(fetching(settings, POLICE), WrongAnswer)


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa"])
def test_a_login_key_that_was_pasted_badly(tmp_path, kind) -> None:
    lines = asyncssh.generate_private_key(kind).export_private_key().decode().splitlines()
    halves: list[list[str]] = [lines[:1] + lines[2:], [*lines[:2], lines[2][:-9] + CANARY, *lines[3:]], lines[:-2]]
    with _police_home(tmp_path) as settings:
        for spoiled in halves:
            (tmp_path / "secrets" / "police_sftp_private_key").write_text("\n".join(spoiled), encoding="utf-8")
            assert isinstance(fetching(settings, POLICE), ConfigurationError | Unauthorised)


@pytest.mark.parametrize(
    "pinned", [f"ssh-dss {CANARY}AA", "ssh-ed25519 AAAA", "ssh-ed25519 \u2019", "ssh-rsa AAAAB3Nz"]
)
def test_a_pinned_key_that_was_pasted_badly(tmp_path, pinned) -> None:
    with _police_home(tmp_path) as settings:
        (tmp_path / "secrets" / "police_sftp_host_key").write_text(pinned, encoding="utf-8")
        assert isinstance(fetching(settings, POLICE), ConfigurationError)


def _police_home(home: Path) -> AbstractContextManager[Settings]:
    return serving(home, sftp_factory=_Readable)


# Ways of paging, of proving a client, and any database


def fetching_by(settings: Settings, caplog, cursor: str | None = None, feed: str = FIRE, **changes: object) -> HubError:
    """The same as ``fetching``, of a feed whose transport is changed; no log shows the canary either."""
    caplog.set_level("DEBUG")
    known = load_feed(settings.config, feed)
    changed = known.model_copy(update={"transport": known.transport.model_copy(update=changes)})
    with pytest.raises(HubError) as refused:
        list(connect(settings, changed).pages(Q3, cursor))
    assert CANARY not in "".join(traceback.format_exception(refused.value)) + caplog.text
    return refused.value


def _page(headers: dict[str, str] | None = None, **more: object) -> Answer:
    return 200, headers or {}, json.dumps({"items": [], "totalItems": 0} | more).encode()


@pytest.mark.parametrize(
    ("by", "answer", "kind"),
    [
        ("link", _page({"Link": f'<https://{CANARY}.example/next>; rel="next"'}), WrongAnswer),
        ("link", _page({"Link": f"<http://[{CANARY}>; rel=next"}), WrongAnswer),
        ("link", _page({"Link": f"</rows?after={CANARY}>; rel=next"}), SourceChanged),
        ("cursor", _page(nextCursor=CANARY), SourceChanged),
        ("cursor", _page(nextCursor=[CANARY]), WrongAnswer),
        ("offset", _page(totalItems=CANARY), WrongAnswer),
        ("page", _page({"Content-Type": f"text/{CANARY}"}), WrongAnswer),
        ("page", (429, {"Retry-After": CANARY}, CANARY.encode()), ConnectionFailed),
    ],
    ids=["elsewhere", "no address", "link in a circle", "circle", "list", "no count", "no JSON", "too many"],
)
def test_what_a_partner_says_of_its_next_page(answering, caplog, monkeypatch, by, answer, kind) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    assert isinstance(fetching_by(answering({"/": answer}), caplog, by=by), kind)


@pytest.mark.parametrize("by", ["cursor", "link"])
def test_a_partners_own_word_that_it_has_forgotten(answering, caplog, by) -> None:
    settings = answering({"/": (410, {}, CANARY.encode())})
    word = f"{settings.endpoints[FIRE]}/rows?after={CANARY}" if by == "link" else CANARY
    cursor = str(FollowedCursor(word, None, 1, 9, 3, "a", "b"))
    assert isinstance(fetching_by(settings, caplog, cursor, by=by), SourceChanged)


def test_a_private_key_that_cannot_sign(answering, caplog) -> None:
    settings = answering({"/": (200, {}, b"{}")})
    (settings.home / "secrets" / "the_key").write_text(f"-----BEGIN PRIVATE KEY-----\n{CANARY}", encoding="utf-8")
    proof = PrivateKeyJwt(private_key="the_key", key_id="1")
    client = ClientCredentials(token_path="/token", client_id="hub", private_key_jwt=proof)
    assert isinstance(fetching_by(settings, caplog, feed=PROBATION, oauth2=client), ConfigurationError)


def test_a_token_endpoint_that_refuses_in_its_own_words(answering, caplog) -> None:
    settings = answering({"/": (400, {}, f'{{"error_description": "{CANARY}"}}'.encode())})
    assert isinstance(fetching_by(settings, caplog, feed=PROBATION), Unauthorised)


@pytest.mark.parametrize(
    ("value", "kind"), [(CANARY.encode(), WrongAnswer), (CANARY, WrongAnswer)], ids=["bytes", "no instant"]
)
def test_a_value_of_a_database_that_cannot_be_read(tmp_path, caplog, value, kind) -> None:
    with closing(sqlite3.connect(tmp_path / "partner.db")) as partner, partner:
        partner.execute("CREATE TABLE exclusions (exclusion_id, period, changed_at, deleted, note)")
        at = "" if isinstance(value, bytes) else f" {value}"  # sorts before the present instant
        partner.execute("INSERT INTO exclusions VALUES (?, ?, ?, ?, ?)", (CANARY, str(Q3), at, None, value))
    changes = {"url": f"sqlite:///{tmp_path}/partner.db", "password": None, "table": "exclusions"}
    if isinstance(value, str):
        changes |= {"changed_column": "changed_at", "deleted_column": "deleted"}
    assert isinstance(fetching_by(Settings(home=tmp_path), caplog, feed="council.exclusions", **changes), kind)
