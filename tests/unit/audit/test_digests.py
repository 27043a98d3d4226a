"""Digests of many messages at once are those of one after the other."""

import hmac
from hashlib import sha256
from random import Random

import numpy as np
import pytest

from audit.digests import digests, in_order, keyed_digests, root, rows_of
from audit.merkle import Frontier, leaf_hash


def values(count: int) -> list[bytes]:
    return [Random(number).randbytes(32) for number in range(count)]


def of(rows: np.ndarray) -> list[bytes]:
    return [row.tobytes() for row in rows]


@pytest.mark.parametrize("count", [0, 50, 600])
@pytest.mark.parametrize("length", [1, 33, 65, 200])
def test_digests_are_sha256(length: int, count: int) -> None:
    messages = [Random(number).randbytes(length) for number in range(count)]
    rows = np.frombuffer(b"".join(messages), np.uint8).reshape(-1, length)
    assert of(digests(rows)) == [sha256(message).digest() for message in messages]


@pytest.mark.parametrize("count", [0, 1, 50, 600])
def test_keyed_digests_are_hmac_of_one_message_under_each_key(count: int) -> None:
    keys, message = values(count), b"hub/disclosed/1\n2026-Q3-v1\nanalysts"
    assert of(keyed_digests(rows_of(b"".join(keys)), message)) == [hmac.digest(k, message, "sha256") for k in keys]


def test_they_are_ordered_as_bytes_are() -> None:
    mixed = [*values(200), bytes(32), b"\xff" * 32, *(bytes([1]) + one[1:] for one in values(9)), values(1)[0]]
    assert of(in_order(rows_of(b"".join(mixed)))) == sorted(mixed)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 511, 512, 513, 1024, 1025, 1027, 2049, 3333])
def test_the_root_is_that_of_the_log_s_own_tree(count: int) -> None:
    entries = values(count)
    assert root(rows_of(b"".join(entries))) == Frontier().add(map(leaf_hash, entries)).root
