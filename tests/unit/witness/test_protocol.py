"""The witness over real HTTP: what it cosigns, what it refuses, and what it never forgets."""

import concurrent.futures
import socket
from urllib.parse import urlsplit

import pytest

from tests.unit.witness import small_log
from tests.unit.witness.small_log import OTHER, body, entries, note
from witness.verify_log import parse_checkpoint

TEN, TWELVE = entries(10), entries(12)
FORKED = [*entries(7), *entries(5, "forged")]


def cosigned_by(running, text: str, answer: str) -> bool | None:
    return running.witness.key.signed(parse_checkpoint(text + answer))


def test_a_log_that_grows_is_cosigned_each_time(running) -> None:
    sizes = (0, 1, 2, 3, 7, 8, 9, 64, 65, 100)
    for old, new in zip((0, *sizes), sizes, strict=False):
        answer = running.post(body(old, entries(new)))
        assert answer.status_code == 200, answer.text
        assert cosigned_by(running, note(entries(new)), answer.text) is True
    assert running.evidence() == []


def test_the_newest_checkpoint_is_given_to_whoever_asks_with_both_signatures(running) -> None:
    assert running.newest().status_code == 404
    for old, leaves in ((0, TEN), (10, TWELVE)):
        running.post(body(old, leaves))
    point = parse_checkpoint(running.newest().text)
    assert point.size == 12
    assert small_log.KEY.signed(point) is True
    assert running.witness.key.signed(point) is True
    assert running.newest("another.example/log").status_code == 404


@pytest.mark.parametrize(
    ("old", "leaves", "status", "evidence"),
    [
        (0, TWELVE, 409, []),  # it must say from where: the witness tells it
        (9, TWELVE, 409, []),
        (10, FORKED, 422, ["fork"]),  # longer, with another past
        (10, [*entries(9), b"forged"], 409, ["fork"]),  # as long, with another past
        (8, entries(8), 409, ["rewound"]),
        (0, entries(8), 409, ["rewound"]),
        (11, TEN, 400, []),  # it cannot go on from what it has not
        (10, TEN, 200, []),  # asked again, as after an answer that was lost
        (10, TWELVE, 200, []),
    ],
)
def test_after_ten_entries(running, old, leaves, status, evidence) -> None:
    assert running.post(body(0, TEN)).status_code == 200
    answer = running.post(body(old, leaves))
    assert answer.status_code == status
    assert running.evidence() == evidence
    if status == 409:
        assert answer.text == "10\n"
        assert answer.headers["Content-Type"] == "text/x.tlog.size"
    kept = parse_checkpoint(running.newest().text)
    assert (kept.size, kept.root) == (
        (12, small_log.root(TWELVE)) if leaves is TWELVE and status == 200 else (10, small_log.root(TEN))
    )


def test_an_older_checkpoint_that_it_cosigned_itself_accuses_nobody(running) -> None:
    for old, leaves in ((0, TEN), (10, TWELVE)):
        running.post(body(old, leaves))
    assert running.post(body(0, TEN)).text == "12\n"
    assert running.evidence() == []


def test_evidence_holds_what_was_sent_once(running) -> None:
    running.post(body(0, TEN))
    for _ in range(3):
        running.post(body(10, FORKED))
    (path,) = running.folder.glob("logs/*/refused/*.txt")
    assert path.read_bytes() == body(10, FORKED)


def test_a_log_that_it_does_not_know_and_a_key_that_it_does_not_know(running) -> None:
    elsewhere = note(TEN, OTHER, "another.example/log")
    assert running.post(body(0, TEN, elsewhere)).status_code == 404
    assert running.post(body(0, TEN, note(TEN, OTHER))).status_code == 403
    assert running.newest().status_code == 404
    assert running.evidence() == []


def test_a_line_of_another_key_changes_nothing_and_is_not_kept(running) -> None:
    strange = note(TEN, OTHER).splitlines(keepends=True)[-1]
    assert running.post(body(0, TEN, note(TEN) + strange * 40)).status_code == 200
    assert len(parse_checkpoint(running.newest().text).lines) == 2
    assert running.post(body(10, TWELVE)).status_code == 200


def test_a_restart_forgets_nothing(serve) -> None:
    with serve() as running:
        running.post(body(0, TEN))
    with serve() as running:
        assert running.post(body(10, FORKED)).status_code == 422
        assert running.post(body(0, entries(3))).text == "10\n"
        assert running.post(body(10, TWELVE)).status_code == 200


def test_of_many_that_come_at_once_one_history_is_cosigned(running) -> None:
    running.post(body(0, TEN))
    logs = [[*TEN, *entries(count, f"branch{count}")] for count in range(1, 9)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = [answer.status_code for answer in pool.map(running.post, (body(10, leaves) for leaves in logs))]
    assert statuses.count(200) == 1
    won = logs[statuses.index(200)]
    assert parse_checkpoint(running.newest().text).root == small_log.root(won)
    assert len(list(running.folder.glob("logs/*/*.checkpoint"))) == 2


def test_a_copy_that_was_damaged_on_the_disk_stops_all_cosigning(running) -> None:
    running.post(body(0, TEN))
    (kept,) = running.folder.glob("logs/*/*.checkpoint")
    kept.write_text(kept.read_text().replace("\n10\n", "\n11\n"))
    assert running.post(body(10, TWELVE)).status_code == 500
    kept.write_bytes(b"\xff")
    assert running.post(body(10, TWELVE)).status_code == 500
    assert running.newest().status_code == 500


@pytest.mark.parametrize("length", [b"65537", b"99999999999999999999", b"-1", b"+1", b"1_0", "\u0661".encode(), b""])
def test_a_body_of_no_or_too_great_a_length_is_not_read(running, length) -> None:
    address = urlsplit(running.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_other_paths_are_not_there(running) -> None:
    import requests

    assert requests.post(f"{running.url}/elsewhere", b"", timeout=10).status_code == 404
    assert requests.get(f"{running.url}/logs", timeout=10).status_code == 404
    assert requests.put(f"{running.url}/checkpoint", b"", timeout=10).status_code == 501
