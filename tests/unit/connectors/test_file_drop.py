"""Files in a folder or a store: what a partner could put there, and what a store's library may say."""

import hashlib
import os
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from connectors import Connector, connect
from connectors.errors import ConnectionFailed, NotReady, SourceChanged, Unauthorised, WrongAnswer
from hub.errors import ConfigurationError, HubError
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import FileTransport

Q3 = Quarter(2026, 3)
CANARY = "Zyxwhiffenpoof"


def connecting(home: Path, url: str, endpoints: dict[str, str] | None = None, **changes: object) -> Connector:
    stated = {"kind": "file", "url": url, "path": "/in/rows_{period}.csv", "chunk_bytes": 1024, "settle_s": 0.0}
    settings = Settings(home=home, endpoints=endpoints or {})
    transport = FileTransport.model_validate(stated | changes)
    feed = load_feed(settings.config, "council.exclusions").model_copy(update={"transport": transport})
    return connect(settings, feed)


def refused(connector: Connector) -> HubError:
    """What fetching ends with, which does not show the canary."""
    with pytest.raises(HubError) as found:
        list(connector.pages(Q3))
    assert CANARY not in "".join(traceback.format_exception(found.value))
    return found.value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop" / "in").mkdir(parents=True)
    return tmp_path / "drop"


def test_a_folder_is_named_by_its_path_or_as_a_url_and_an_endpoint_goes_before_it(tmp_path, folder) -> None:
    (folder / "in" / f"rows_{Q3}.csv").write_bytes(b"a,b\n")
    elsewhere = {"council.exclusions": str(folder)}
    for connector in (
        connecting(tmp_path, str(folder)),
        connecting(tmp_path, f"file://{folder}"),
        connecting(tmp_path, "s3://nowhere", elsewhere),
    ):
        assert [page.body for page in connector.pages(Q3)] == [b"a,b\n"]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path, folder) -> None:
    (tmp_path / "secret").write_text(CANARY)
    (folder / "in" / f"rows_{Q3}.csv").symlink_to(tmp_path / "secret")
    assert isinstance(refused(connecting(tmp_path, str(folder))), WrongAnswer)


def test_a_folder_inside_that_is_a_link_out_is_not_followed(tmp_path, folder) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / f"rows_{Q3}.csv").write_text(CANARY)
    (folder / "in").rmdir()
    (folder / "in").symlink_to(tmp_path / "elsewhere")
    assert isinstance(refused(connecting(tmp_path, str(folder))), WrongAnswer)


@pytest.mark.parametrize("name", ["marker", "receipt"])
def test_neither_marker_nor_receipt_may_be_a_link_out(tmp_path, folder, name) -> None:
    (folder / "in" / f"rows_{Q3}.csv").write_bytes(b"a,b\n")
    (tmp_path / "secret").write_text(CANARY)
    (folder / "in" / "beside").symlink_to(tmp_path / "secret")
    assert isinstance(refused(connecting(tmp_path, str(folder), **{name: "/in/beside"})), WrongAnswer)


def test_a_link_inside_the_folder_is_as_good_as_the_file(tmp_path, folder) -> None:
    (folder / "in" / "newest").write_bytes(b"a,b\n")
    (folder / "in" / f"rows_{Q3}.csv").symlink_to(folder / "in" / "newest")
    assert [page.body for page in connecting(tmp_path, str(folder)).pages(Q3)] == [b"a,b\n"]


def test_a_pipe_is_not_waited_for_and_a_folder_is_no_file(tmp_path, folder) -> None:
    os.mkfifo(folder / "in" / f"rows_{Q3}.csv")
    assert isinstance(refused(connecting(tmp_path, str(folder))), WrongAnswer)
    (folder / "in" / f"rows_{Q3}.csv").unlink()
    (folder / "in" / f"rows_{Q3}.csv").mkdir()
    assert isinstance(refused(connecting(tmp_path, str(folder))), WrongAnswer)


@pytest.fixture
def store() -> Iterator[MemoryFileSystem]:
    """A store of objects without folders or links."""
    yield MemoryFileSystem()
    MemoryFileSystem.store.clear()


def test_an_object_store_gives_the_same_pages_and_goes_on_with_them(tmp_path, store) -> None:
    body = os.urandom(5000)
    assert isinstance(refused(connecting(tmp_path, "memory://drop")), NotReady)
    store.pipe(f"/drop/in/rows_{Q3}.csv", body)
    first, *others = connecting(tmp_path, "memory://drop").pages(Q3)
    assert first.body + b"".join(page.body for page in others) == body
    assert list(connecting(tmp_path, "memory://drop").pages(Q3, first.cursor)) == others
    store.pipe(f"/drop/in/rows_{Q3}.csv", os.urandom(5000))
    with pytest.raises(SourceChanged):
        list(connecting(tmp_path, "memory://drop").pages(Q3, first.cursor))


def test_a_folder_of_a_store_is_no_file(tmp_path, store) -> None:
    store.pipe(f"/drop/in/rows_{Q3}.csv/inside", b"a")
    assert isinstance(refused(connecting(tmp_path, "memory://drop")), WrongAnswer)


class _Tagged(MemoryFileSystem):
    """A store whose clock stands still, and which tells versions apart by a tag, as S3 does."""

    protocol = "tagged"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return super()._strip_protocol(path.removeprefix("tagged://"))

    def info(self, path: str, **options: object) -> dict[str, object]:
        tag = hashlib.md5(self.cat_file(path)).hexdigest()
        return super().info(path, **options) | {"ETag": tag, "LastModified": datetime(2026, 10, 1, tzinfo=UTC)}


def test_a_stores_own_mark_tells_a_replaced_object_from_the_one_that_was_begun(tmp_path, store) -> None:
    fsspec.register_implementation("tagged", _Tagged, clobber=True)
    store.pipe(f"/drop/in/rows_{Q3}.csv", b"a" * 5000)
    running = connecting(tmp_path, "tagged://drop").pages(Q3)
    first = next(running)
    store.pipe(f"/drop/in/rows_{Q3}.csv", b"b" * 5000)
    for going_on in (running, connecting(tmp_path, "tagged://drop").pages(Q3, first.cursor)):
        with pytest.raises(SourceChanged):
            next(going_on)


class _Talking(MemoryFileSystem):
    """A store that fails in its own words, and takes a credential."""

    protocol = "talking"
    raised: Exception
    asked_with: str

    def __init__(self, *args: object, credential: str, **options: object) -> None:
        _Talking.asked_with = credential
        super().__init__(*args, **options)

    def info(self, path: str, **_: object) -> dict[str, object]:
        raise self.raised


@pytest.fixture
def talking(tmp_path: Path) -> Connector:
    fsspec.register_implementation("talking", _Talking, clobber=True)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "store_credential").write_text(f"{CANARY}-credential")
    return connecting(tmp_path, "talking://drop", secrets={"credential": "store_credential"})


class _OfAnotherMaker(Exception): ...


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (PermissionError(CANARY), Unauthorised),
        (TimeoutError(CANARY), ConnectionFailed),
        (_OfAnotherMaker(CANARY), ConnectionFailed),
        (KeyError(CANARY), ConnectionFailed),
    ],
)
def test_what_a_stores_library_says_is_told_in_the_hubs_own_words(talking, raised, kind) -> None:
    _Talking.raised = raised
    assert isinstance(refused(talking), kind)
    assert _Talking.asked_with == f"{CANARY}-credential"
    assert CANARY not in repr(talking)


def test_a_stores_credential_is_not_kept_by_its_library(talking) -> None:
    _Talking.raised = TimeoutError()
    refused(talking)
    assert _Talking._cache == {}


@pytest.mark.parametrize("url", [f"ftp://user:{CANARY}@host/drop", f"s3://{CANARY}@bucket"])
def test_a_login_in_the_url_is_refused_and_not_shown(tmp_path, url) -> None:
    assert isinstance(refused(connecting(tmp_path, url)), ConfigurationError)


@pytest.mark.parametrize("url", ["nosuch://drop", "oss://bucket"])
def test_a_store_that_cannot_be_opened_here_is_an_operators_matter(tmp_path, url) -> None:
    assert isinstance(refused(connecting(tmp_path, url)), ConfigurationError)
