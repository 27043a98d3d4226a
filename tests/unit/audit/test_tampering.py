"""Whoever changes what is stored is found out: random single changes of every kind, each on its own.

The log has 23 entries and checkpoints at 7, 13 and 20, so three entries are not signed yet.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update

from audit.checkpoint import Verifier
from audit.events import Entry
from audit.log import append, checkpoint
from audit.merkle import HASH_BYTES, leaf_hash
from audit.models import CHECKPOINT, ENTRY, HEAD, TILE
from audit.verify import verify
from keys.signing import RingSigner

BATCHES = (7, 6, 7)
KEYS = {ENTRY: "index", HEAD: "id", CHECKPOINT: "number"}
CASES = 20
index = ENTRY.c["index"]


@pytest.fixture
def log(engine: Engine, entry: Callable[[int], Entry], signer: RingSigner) -> Iterator[Connection]:
    """A sound log, and a transaction that is rolled back."""
    written = 0
    with engine.connect() as connection:
        for batch in BATCHES:
            append(connection, *(entry(written + number) for number in range(batch)))
            checkpoint(connection, signer)
            written += batch
        append(connection, *(entry(written + number) for number in range(3)))
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # as an administrator may
        yield connection


def changed(value: Any, chance: random.Random) -> Any:
    """The value with one bit changed; for what is absent, something."""
    if value is None:
        return "x"
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(31)
    if isinstance(value, str | bytes):
        return _changed_text(value, chance)
    return value + timedelta(microseconds=1 << chance.randrange(40))


def _changed_text(value: str | bytes, chance: random.Random) -> str | bytes:
    content = bytearray(value if isinstance(value, bytes) else value.encode())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    if isinstance(value, bytes):
        return bytes(content)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _changed_text(value, chance)
    return _changed_text(value, chance) if "\0" in text else text


def some_row(connection: Connection, table: Table, chance: random.Random) -> Any:
    rows = connection.execute(select(table).order_by(table.c[KEYS[table]])).mappings().all()
    return chance.choice(rows)


@contextmanager
def found_out(log: Connection, signer: RingSigner, what: str) -> Iterator[None]:
    """What is done in the block is found out; then it is undone."""
    with log.begin_nested() as attempt:
        yield
        assert verify(log, Verifier.of(signer)).problems, f"not found out: {what}"
        attempt.rollback()


def move(log: Connection, table: Table, one: int, other: int) -> None:
    """Let two rows change places."""
    key = table.c[KEYS[table]]
    for number, place in ((one, 100), (other, one), (100, other)):
        log.execute(update(table).where(key == number).values({key.name: place}))


def test_the_log_itself_is_sound(log: Connection, signer: RingSigner) -> None:
    found = verify(log, Verifier.of(signer))
    assert (found.size, found.checkpoints, found.unsigned, found.verified) == (23, 3, 3, True)


@pytest.mark.parametrize("table", KEYS, ids=lambda table: str(table.name))
def test_one_bit_of_any_column(log: Connection, signer: RingSigner, table: Table) -> None:
    chance = random.Random(table.name)
    key = KEYS[table]
    for column in (column.name for column in table.columns if column.name != "id"):
        for _ in range(CASES):
            row = some_row(log, table, chance)
            value = changed(row[column], chance)
            if column == key and log.scalar(select(func.count()).where(table.c[key] == value)):
                continue
            with found_out(log, signer, f"{table.name} {row[key]} {column}"):
                log.execute(update(table).where(table.c[key] == row[key]).values({column: value}))


def test_deleting_an_entry(log: Connection, signer: RingSigner) -> None:
    for number in range(23):
        with found_out(log, signer, f"entry {number}"):
            log.execute(delete(ENTRY).where(index == number))


def test_deleting_an_entry_and_closing_the_gap(log: Connection, signer: RingSigner) -> None:
    for number in range(23):
        with found_out(log, signer, f"entry {number}"):
            log.execute(delete(ENTRY).where(index == number))
            for later in range(number + 1, 23):
                log.execute(update(ENTRY).where(index == later).values(index=later - 1))


def test_truncation(log: Connection, signer: RingSigner) -> None:
    for size in range(23):
        with found_out(log, signer, f"after {size}"):
            log.execute(delete(ENTRY).where(index >= size))


def test_deleting_a_checkpoint(log: Connection, signer: RingSigner) -> None:
    for number in (1, 2, 3):
        with found_out(log, signer, f"checkpoint {number}"):
            log.execute(delete(CHECKPOINT).where(CHECKPOINT.c.number == number))


@pytest.mark.parametrize(
    "tables", ["audit_head", "audit_entry", "audit_checkpoint", "audit_entry audit_head", "audit_head audit_checkpoint"]
)
def test_emptying_tables(log: Connection, signer: RingSigner, tables: str) -> None:
    with found_out(log, signer, tables):
        for table in KEYS:
            if table.name in tables.split():
                log.execute(delete(table))


def test_swapping_two_entries(log: Connection, signer: RingSigner) -> None:
    chance = random.Random(5)
    for _ in range(60):
        one, other = chance.sample(range(23), 2)
        with found_out(log, signer, f"{one} and {other}"):
            move(log, ENTRY, one, other)


def test_swapping_two_checkpoints(log: Connection, signer: RingSigner) -> None:
    for one, other in ((1, 2), (2, 3), (1, 3)):
        with found_out(log, signer, f"{one} and {other}"):
            move(log, CHECKPOINT, one, other)


def test_rewriting_an_entry_and_its_hash(log: Connection, signer: RingSigner, entry: Callable[[int], Entry]) -> None:
    for number in range(23):
        content = entry(number).canonical().replace(b'"rows":', b'"rows":1')
        with found_out(log, signer, f"entry {number}"):
            log.execute(update(ENTRY).where(index == number).values(entry=content))
            held = func.overlay(TILE.c.hashes, leaf_hash(content), number * HASH_BYTES + 1)
            log.execute(update(TILE).values(hashes=held))


def test_adding_an_entry_outside_the_log(log: Connection, signer: RingSigner) -> None:
    for number in (-1, 23, 24):
        row = dict(log.execute(select(ENTRY).where(index == 3)).mappings().one())
        with found_out(log, signer, f"entry {number}"):
            log.execute(insert(ENTRY), row | {"index": number})


def test_rewriting_what_is_signed_with_the_head_made_to_fit(
    log: Connection, signer: RingSigner, entry: Callable[[int], Entry]
) -> None:
    """Even who recomputes the tree is held by the signed checkpoints."""
    entries = [entry(number + (number == 4)) for number in range(23)]
    log.execute(delete(ENTRY))
    log.execute(delete(TILE))
    log.execute(update(HEAD).values(size=0, frontier=b""))
    append(log, *entries)
    problems = verify(log, Verifier.of(signer)).problems
    assert [problem.split(":")[0] for problem in problems] == [f"Checkpoint {n} is contradicted" for n in (1, 2, 3)]


def test_a_checkpoint_by_an_unknown_key(log: Connection, other_signer: RingSigner) -> None:
    problems = verify(log, Verifier.of(other_signer)).problems
    assert len(problems) == 3
    assert all("not signed by a known key" in problem for problem in problems)


def test_problems_are_counted_not_listed_past_a_hundred(log: Connection, signer: RingSigner) -> None:
    log.execute(update(ENTRY).values(actor="x", period="x", purpose="x", outcome="x", action="x"))
    problems = verify(log, Verifier.of(signer)).problems
    assert len(problems) == 101
    assert problems[-1] == "There are 15 more problems."
