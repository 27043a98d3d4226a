"""A partner's file as a delivery, wherever it lies: whole, in pages, gone on with, and held against its receipt."""

import hashlib
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest
from pydantic import ValidationError

from connectors import Connector, Page, connect
from connectors.errors import NotAsSent, NotReady, SourceChanged, WrongAnswer
from connectors.page import DONE, Receipt
from connectors.place import Place
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import FileTransport

Q3 = Quarter(2026, 3)
CANARY = "Zyxwhiffenpoof"
NAME, CHUNK = f"rows_{Q3}.csv", 1024


@dataclass
class Drop:
    """A folder that a partner writes into, and the hub that reads it."""

    settings: Settings
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / NAME

    def connect(self, **changes: object) -> Connector:
        """A fresh connector, as another run would have it."""
        stated = {"kind": "file", "url": str(self.folder), "path": "rows_{period}.csv", "chunk_bytes": CHUNK}
        transport = FileTransport.model_validate(stated | {"settle_s": 0} | changes)
        feed = load_feed(self.settings.config, "council.exclusions").model_copy(update={"transport": transport})
        return connect(self.settings, feed)


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    (tmp_path / "home").mkdir()
    (tmp_path / "drop").mkdir()
    return Drop(Settings(home=tmp_path / "home"), tmp_path / "drop")


def joined(pages: list[Page]) -> bytes:
    return b"".join(page.body for page in pages)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK, 5 * CHUNK + 7])
def test_a_file_of_any_size_comes_in_pages_that_make_one_document(drop, size) -> None:
    drop.file.write_bytes(os.urandom(size))
    pages = list(drop.connect().pages(Q3))
    assert joined(pages) == drop.file.read_bytes()
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(len(page.body) <= CHUNK for page in pages)
    assert pages[-1].cursor == DONE
    assert list(drop.connect().pages(Q3, DONE)) == []


@dataclass
class Counted:
    """A place that counts what is read of the file."""

    place: Place
    read_bytes: list[int] = field(default_factory=list)

    def state(self, path: str) -> object:
        return self.place.state(path)

    def read(self, path: str, start: int, length: int) -> bytes:
        self.read_bytes += [length] if path.endswith(".csv") else []
        return self.place.read(path, start, length)


def counting(connector: Connector) -> tuple[Connector, list[int]]:
    read: list[int] = []

    @contextmanager
    def opening(timeout_s: float) -> Iterator[Counted]:
        with connector.opening(timeout_s) as place:
            yield Counted(place, read)

    return replace(connector, opening=opening), read


@pytest.mark.parametrize("receipt", [None, "{path}.sha256"])
def test_a_run_that_was_killed_after_any_page_goes_on_and_fetches_nothing_again(drop, receipt) -> None:
    drop.file.write_bytes(os.urandom(6 * CHUNK + 5))
    _receipt(drop)
    whole = list(drop.connect(receipt=receipt).pages(Q3))
    for kept in range(1, len(whole)):
        killed = drop.connect(receipt=receipt).pages(Q3)
        before = [next(killed) for _ in range(kept)]
        killed.close()
        connector, read = counting(drop.connect(receipt=receipt))
        connector.kept = lambda before=before: [page.body for page in before]
        rest = list(connector.pages(Q3, before[-1].cursor))
        assert [page.body for page in (*before, *rest)] == [page.body for page in whole]
        assert sum(read) == len(joined(rest))


def test_without_the_kept_pages_a_run_that_goes_on_reads_what_was_before_to_hold_it_against_the_receipt(drop) -> None:
    drop.file.write_bytes(os.urandom(4 * CHUNK))
    _receipt(drop)
    first, *others = drop.connect(receipt="{path}.sha256").pages(Q3)
    assert list(drop.connect(receipt="{path}.sha256").pages(Q3, first.cursor)) == others


def test_a_page_size_that_was_changed_meanwhile_loses_nothing(drop) -> None:
    drop.file.write_bytes(os.urandom(5 * CHUNK))
    first = next(drop.connect().pages(Q3))
    rest = list(drop.connect(chunk_bytes=4 * CHUNK).pages(Q3, first.cursor))
    assert first.body + joined(rest) == drop.file.read_bytes()


def _rewritten(drop: Drop) -> None:
    """Another file of the same size and time."""
    before = drop.file.stat()
    (drop.folder / "new").write_bytes(os.urandom(before.st_size))
    os.utime(drop.folder / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
    (drop.folder / "new").replace(drop.file)


def _grown(drop: Drop) -> None:
    with drop.file.open("ab") as file:
        file.write(b"more")


CHANGES: list[Callable[[Drop], None]] = [
    _rewritten,
    _grown,
    lambda drop: os.truncate(drop.file, 2 * CHUNK),
    lambda drop: os.utime(drop.file, (1, 1)),
]


@pytest.mark.parametrize("change", CHANGES, ids=["replaced", "grown", "shortened", "touched"])
def test_a_file_that_changes_under_a_delivery_ends_it(drop, change) -> None:
    drop.file.write_bytes(os.urandom(6 * CHUNK))
    running = drop.connect().pages(Q3)
    first = next(running)
    change(drop)
    with pytest.raises(SourceChanged) as changed:
        next(running)
    assert changed.value.transient
    with pytest.raises(SourceChanged):  # a run that would go on sees it too, before it fetches
        next(drop.connect().pages(Q3, first.cursor))


def test_a_file_that_went_away_is_gone_on_with_when_it_is_back(drop) -> None:
    drop.file.write_bytes(os.urandom(3 * CHUNK))
    first, *others = drop.connect().pages(Q3)
    drop.file.rename(drop.folder / "aside")
    with pytest.raises(NotReady, match="no such file yet"):
        next(drop.connect().pages(Q3, first.cursor))
    (drop.folder / "aside").rename(drop.file)
    assert list(drop.connect().pages(Q3, first.cursor)) == others


def test_a_cursor_of_another_version_begins_the_delivery_anew(drop) -> None:
    drop.file.write_bytes(b"a,b\n")
    for cursor in ("17", "a/b/c/d", "x/1/2/y/z"):
        with pytest.raises(SourceChanged):
            next(drop.connect().pages(Q3, cursor))


def test_with_a_marker_a_file_is_whole_when_the_marker_is_there_and_without_waiting(drop) -> None:
    drop.file.write_bytes(b"a,b\n")
    marked = {"marker": "{path}.done", "settle_s": 1000}
    with pytest.raises(NotReady, match=rf"its marker {NAME}\.done is not there yet"):
        next(drop.connect(**marked).pages(Q3))
    (drop.folder / f"{NAME}.done").touch()
    assert joined(list(drop.connect(**marked).pages(Q3))) == b"a,b\n"


def test_the_marker_of_an_earlier_delivery_does_not_speak_for_a_file_that_is_being_replaced(drop) -> None:
    (drop.folder / f"{NAME}.done").touch()
    os.utime(drop.folder / f"{NAME}.done", (1000, 1000))
    drop.file.write_bytes(b"half of")
    with pytest.raises(NotReady, match="older than the file"):
        next(drop.connect(marker="{path}.done").pages(Q3))


def _receipt(drop: Drop, text: str | None = None) -> None:
    digest = hashlib.sha256(drop.file.read_bytes()).hexdigest()
    (drop.folder / f"{NAME}.sha256").write_text(text or f"{digest}  {NAME}\n")


def test_a_receipt_goes_on_with_the_last_page(drop) -> None:
    drop.file.write_bytes(b"a,b\n1,2\n" * CHUNK)
    _receipt(drop, '{"rows": 1024, "totals": {"b": 2048}}')
    pages = list(drop.connect(receipt="{path}.sha256").pages(Q3))
    assert [page.receipt for page in pages[:-1]] == [None] * (len(pages) - 1)
    assert pages[-1].receipt == Receipt(rows=1024, totals={"b": "2048"})


def test_a_file_whose_hash_is_not_its_receipts_is_refused_before_its_last_page(drop) -> None:
    drop.file.write_bytes(os.urandom(3 * CHUNK))
    _receipt(drop, "0" * 64)
    given = []
    with pytest.raises(NotAsSent, match="its SHA-256 is not the one") as refused:
        given += drop.connect(receipt="{path}.sha256").pages(Q3)  # what is added is added page by page
    assert not refused.value.transient
    assert all(page.more for page in given)


def test_a_run_that_went_on_and_finds_the_hash_wrong_begins_anew(drop) -> None:
    drop.file.write_bytes(os.urandom(3 * CHUNK))
    _receipt(drop, "0" * 64)
    first = next(drop.connect(receipt="{path}.sha256").pages(Q3))
    with pytest.raises(SourceChanged, match="its SHA-256 is not the one"):
        list(drop.connect(receipt="{path}.sha256").pages(Q3, first.cursor))


def test_bytes_that_changed_under_the_same_size_and_time_are_found_where_there_is_a_receipt(drop) -> None:
    drop.file.write_bytes(os.urandom(3 * CHUNK))
    first, kept = next(drop.connect().pages(Q3)), drop.file.stat()
    with drop.file.open("r+b") as file:
        file.write(b"other bytes")
    os.utime(drop.file, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    _receipt(drop)
    with pytest.raises(SourceChanged, match="are not those that were read"):
        list(drop.connect(receipt="{path}.sha256").pages(Q3, first.cursor))
    connector = drop.connect(receipt="{path}.sha256")
    connector.kept = lambda: [first.body]
    with pytest.raises(SourceChanged, match="its SHA-256 is not the one"):
        list(connector.pages(Q3, first.cursor))


def test_a_receipt_that_is_agreed_is_waited_for(drop) -> None:
    drop.file.write_bytes(b"a,b\n")
    for _ in range(2):  # the second time it is there, but empty
        with pytest.raises(NotReady, match=rf"its receipt {NAME}\.sha256 is not there yet"):
            next(drop.connect(receipt="{path}.sha256").pages(Q3))
        (drop.folder / f"{NAME}.sha256").touch()


def test_a_receipt_that_says_nothing_of_the_file_is_refused(drop) -> None:
    drop.file.write_bytes(b"a,b\n")
    for text in (
        f"{CANARY} is well",
        f'{{"rows": "{CANARY}"}}',
        f'{{"{CANARY}": 1}}',
        f'{{"{CANARY}',
        "0" * 64 + f"  {CANARY}",
    ):
        _receipt(drop, text)
        with pytest.raises(WrongAnswer) as refused:
            next(drop.connect(receipt="{path}.sha256").pages(Q3))
        assert CANARY not in "".join(traceback.format_exception(refused.value))


def test_memory_does_not_grow_with_the_file(drop) -> None:
    drop.file.touch()
    os.truncate(drop.file, 192 << 20)
    _receipt(drop)
    before, most, size = psutil.Process().memory_info().rss, 0, 0
    for page in drop.connect(chunk_bytes=1 << 20, receipt="{path}.sha256").pages(Q3):
        size += len(page.body)
        most = max(most, psutil.Process().memory_info().rss)
    assert size == 192 << 20
    assert most - before < 32 << 20


@pytest.mark.parametrize(
    "names",
    [
        {"path": "../rows_{period}.csv"},
        {"path": "/outgoing/../../rows.csv"},
        {"path": "rows/./a.csv"},
        {"path": ".."},
        {"path": "rows\x00.csv"},
        {"path": "rows\n.csv"},
        {"path": "..\\rows.csv"},
        {"path": "rows_{quarter}.csv"},
        {"path": "outgoing/"},
        {"marker": "{path}/../../done"},
        {"marker": "../{path}"},
        {"receipt": "{path}/../x\x00"},
        {"receipt": "{receipt}"},
    ],
)
def test_no_name_leads_out_of_the_partners_folder(drop, names) -> None:
    with pytest.raises(ValidationError):
        drop.connect(**names)
