"""Those on duty are told by a web hook; that one fails hides nothing."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hub.alerts import alert
from hub.settings import Settings

SENTENCE = "ingest_yot_cases.collect for 2026-Q3 failed: The partner refuses the hub"
TELLING = "a-token-that-opens-the-hook"


@contextmanager
def hook(status: int) -> Iterator[tuple[str, list[object]]]:
    """A web hook, and what it was told."""
    told: list[object] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{TELLING}", told
    finally:
        server.shutdown()
        server.server_close()


def settings_with(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HUB_SECRET_ON_DUTY", url)
    return Settings(home=folder, alert_secret="on_duty")  # the name of a secret


def test_those_on_duty_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hook(200) as (url, told):
        assert alert(settings_with(url, tmp_path, monkeypatch), SENTENCE)
    assert told == [{"text": SENTENCE}]


def test_without_a_hook_nobody_is_told(tmp_path: Path) -> None:
    assert not alert(Settings(home=tmp_path), SENTENCE)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_hook_that_refuses_is_said_without_its_address(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with hook(status) as (url, _):
        assert not alert(settings_with(url, tmp_path, monkeypatch), SENTENCE)
    assert f"answered {status}" in caplog.text
    assert TELLING not in caplog.text


@pytest.mark.parametrize("url", [f"http://127.0.0.1:9/{TELLING}", f"no address {TELLING}", "http://[::1"])
def test_a_hook_that_cannot_be_reached_is_said_without_its_address(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert not alert(settings_with(url, tmp_path, monkeypatch), SENTENCE)
    assert "cannot be used" in caplog.text
    assert TELLING not in caplog.text


def test_a_secret_that_is_missing_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert not alert(Settings(home=tmp_path, alert_secret="on_duty"), SENTENCE)
    assert "ConfigurationError" in caplog.text
