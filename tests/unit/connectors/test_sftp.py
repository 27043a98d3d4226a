"""SFTP: the pinned host key, login by key, and files that are still being written."""

import asyncio
import hashlib
import os
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path

import asyncssh
import psutil
import pytest

from connectors.connect import located
from connectors.errors import (
    ConnectionFailed,
    NotReady,
    SourceChanged,
    Unauthorised,
    UntrustedServer,
    WrongAnswer,
)
from connectors.sftp import SftpPlace, SftpServer
from hub.errors import ConfigurationError
from hub.periods import Quarter

Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
NAME = "police.recorded_crime"


def _key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def _session(served) -> AbstractContextManager[SftpPlace]:
    """A plain session with the police server, as a partner's own staff might open one with the hub's key."""
    transport = located(served.settings, served.feed(NAME))
    return SftpServer(NAME, transport, served.settings.secret).session(10)


def test_a_server_with_another_host_key_is_refused(served, with_secret) -> None:
    settings = with_secret("police_sftp_host_key", _key().export_public_key().decode())
    with pytest.raises(UntrustedServer) as refused:
        list(served.connect(NAME, settings).pages(Q3))
    assert not refused.value.transient


def test_a_login_key_that_the_partner_does_not_know_is_refused_without_showing_it(served, with_secret) -> None:
    private = _key().export_private_key().decode()
    settings = with_secret("police_sftp_private_key", private)
    with pytest.raises(Unauthorised) as refused:
        list(served.connect(NAME, settings).pages(Q3))
    assert private.splitlines()[1] not in str(refused.value)


def test_one_partner_does_not_let_in_the_key_for_another(served, with_secret) -> None:
    yot_key = (served.settings.home / "secrets" / "yot_sftp_private_key").read_text()
    settings = with_secret("police_sftp_private_key", yot_key)
    with pytest.raises(Unauthorised):
        list(served.connect(NAME, settings).pages(Q3))


@pytest.mark.parametrize("secret", ["police_sftp_host_key", "police_sftp_private_key"])
def test_a_secret_that_is_no_key_is_named_and_not_shown(served, with_secret, secret) -> None:
    settings = with_secret(secret, "ssh-ed25519 not-a-key")
    with pytest.raises(ConfigurationError) as refused:
        list(served.connect(NAME, settings).pages(Q3))
    assert secret in str(refused.value)
    assert "not-a-key" not in str(refused.value)


def test_a_known_hosts_line_is_as_good_as_the_bare_key(served, with_secret) -> None:
    bare = (served.settings.home / "secrets" / "police_sftp_host_key").read_text()
    settings = with_secret("police_sftp_host_key", f"sftp.police.example {bare}")
    assert len(list(served.connect(NAME, settings).pages(Q3))) == 1


def test_a_file_that_is_still_being_written_is_not_ready(served) -> None:
    growing: Path = served.folder / "sftp" / "police" / "outgoing" / f"recorded_crime_{Q4}.csv"
    writing, stop = threading.Event(), threading.Event()

    def write() -> None:
        with growing.open("w") as file:
            while not stop.is_set():
                file.write("a row\n")
                file.flush()
                writing.set()
                time.sleep(0.05)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        writing.wait(5)
        with pytest.raises(NotReady) as refused:
            list(served.connect(NAME, receipt=None).pages(Q4))
        assert refused.value.transient
    finally:
        stop.set()
        thread.join()
    complete = list(served.connect(NAME, receipt=None).pages(Q4))
    assert complete[0].body == growing.read_bytes()
    growing.unlink()


PAGED = {"chunk_bytes": 20, "receipt": "{path}.sha256"}


def test_a_run_that_was_killed_goes_on_where_it_stopped_and_holds_the_whole_against_the_receipt(served) -> None:
    sent = (served.folder / "sftp" / "police" / "outgoing" / f"recorded_crime_{Q3}.csv").read_bytes()
    whole = list(served.connect(NAME, **PAGED).pages(Q3))
    assert len(whole) > 2
    assert b"".join(page.body for page in whole) == sent
    assert whole[-1].receipt is not None
    assert whole[-1].receipt.sha256 == hashlib.sha256(sent).hexdigest()
    for kept in range(1, len(whole)):
        killed = served.connect(NAME, **PAGED).pages(Q3)
        before = [next(killed) for _ in range(kept)]
        killed.close()
        assert [*before, *served.connect(NAME, **PAGED).pages(Q3, before[-1].cursor)] == whole


def test_a_marker_is_waited_for(served) -> None:
    outgoing = served.folder / "sftp" / "police" / "outgoing"
    marked = {"marker": "{path}.done", "settle_s": 1000.0}
    with pytest.raises(NotReady, match="its marker"):
        list(served.connect(NAME, **marked).pages(Q3))
    (outgoing / f"recorded_crime_{Q3}.csv.done").touch()
    try:
        assert len(list(served.connect(NAME, **marked).pages(Q3))) == 1
    finally:
        (outgoing / f"recorded_crime_{Q3}.csv.done").unlink()


def test_a_file_that_is_replaced_while_it_is_read_ends_the_delivery(served) -> None:
    path: Path = served.folder / "sftp" / "police" / "outgoing" / f"recorded_crime_{Q4}.csv"
    path.write_bytes(b"a" * 5000)
    try:
        running = served.connect(NAME, chunk_bytes=1024, receipt=None).pages(Q4)
        first = next(running)
        path.with_suffix(".new").write_bytes(b"b" * 5000)
        os.utime(path.with_suffix(".new"), (1, 1))
        path.with_suffix(".new").replace(path)
        with pytest.raises(SourceChanged):
            next(running)
        with pytest.raises(SourceChanged):
            next(served.connect(NAME, chunk_bytes=1024, receipt=None).pages(Q4, first.cursor))
    finally:
        path.unlink()


def test_a_folder_is_no_file(served) -> None:
    with pytest.raises(WrongAnswer, match="is a folder or a device"):
        list(served.connect(NAME, path="/outgoing").pages(Q3))


def test_no_more_than_two_pages_are_held_of_a_large_file(served) -> None:
    path: Path = served.folder / "sftp" / "police" / "outgoing" / f"recorded_crime_{Q4}.csv"
    with path.open("wb") as file:
        file.truncate(32 << 20)
    size, most, before = 0, 0, psutil.Process().memory_info().rss
    try:
        for page in served.connect(NAME, chunk_bytes=1 << 20, receipt=None).pages(Q4):
            size += len(page.body)
            most = max(most, psutil.Process().memory_info().rss)
    finally:
        path.unlink()
    assert size == 32 << 20
    assert most - before < 20 << 20


def test_a_server_that_is_away_is_a_passing_trouble(served) -> None:
    nowhere = served.settings.model_copy(update={"endpoints": {NAME: "127.0.0.1:1"}})
    with pytest.raises(ConnectionFailed) as refused:
        list(served.connect(NAME, nowhere).pages(Q3))
    assert refused.value.transient


def test_the_partner_lets_nobody_write_delete_or_leave_the_folder(served) -> None:
    with _session(served) as place:
        sftp = place.session
        for attempt in (
            lambda: sftp.open("/outgoing/new.csv", "w"),
            lambda: sftp.remove(f"/outgoing/recorded_crime_{Q3}.csv"),
            lambda: sftp.rename(f"/outgoing/recorded_crime_{Q3}.csv", "/outgoing/other.csv"),
            lambda: sftp.mkdir("/outgoing/folder"),
            lambda: sftp.truncate(f"/outgoing/recorded_crime_{Q3}.csv", 0),
            lambda: sftp.symlink("/", "/outgoing/link"),
        ):
            with pytest.raises(PermissionError):
                attempt()
        assert sftp.listdir("/../../..") == ["outgoing"]


def test_the_partner_takes_no_password(served) -> None:
    host, port = served.settings.endpoints[NAME].split(":")

    async def knock() -> None:
        options = {"username": "safer-hub", "password": "guess", "client_keys": None, "known_hosts": None}
        async with asyncssh.connect(host, int(port), **options):
            pass

    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(knock())
