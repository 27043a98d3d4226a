"""Whoever changes what is stored is found out: random single changes of every kind, each on its own.

The log has 23 entries and checkpoints at 7, 13 and 20, so three entries are not signed yet.
"""

import itertools
import random
import re
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
from audit.models import BUNDLE, CHECKPOINT, HEAD, TILE
from audit.verify import verify
from keys.signing import RingSigner
from tests.stored_log import all_contents, columns, remove_entry, rewrite, rewrite_entry

BATCHES = (7, 6, 7)
KEYS = {BUNDLE: "first", HEAD: "id", CHECKPOINT: "number"}
FIRSTS = (0, 7, 13, 20)
CASES = 20
first = BUNDLE.c.first


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
        return value ^ 1 << chance.randrange(31 if value > 1_000 else 15)
    if isinstance(value, str | bytes):
        return _changed_text(value, chance)
    if isinstance(value, list):
        place = chance.randrange(len(value))
        return [*value[:place], _changed_text(value[place], chance), *value[place + 1 :]]
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
            remove_entry(log, number)


def test_deleting_an_entry_and_closing_the_gap(log: Connection, signer: RingSigner) -> None:
    contents = all_contents(log)
    for number in range(23):
        with found_out(log, signer, f"entry {number}"):
            write_anew(log, contents[:number] + contents[number + 1 :])


def test_deleting_a_bundle(log: Connection, signer: RingSigner) -> None:
    for number in FIRSTS:
        with found_out(log, signer, f"the bundle of {number}"):
            log.execute(delete(BUNDLE).where(first == number))


def test_truncation(log: Connection, signer: RingSigner) -> None:
    contents = all_contents(log)
    for size in range(23):
        with found_out(log, signer, f"after {size}"):
            write_anew(log, contents[:size])


def write_anew(log: Connection, contents: list[bytes]) -> None:
    """Let these be all entries, in one bundle that fits them."""
    log.execute(delete(BUNDLE))
    if contents:
        log.execute(insert(BUNDLE).values(first=0, **columns(contents)))


def test_entries_in_other_bundles_are_the_same_log(log: Connection, signer: RingSigner) -> None:
    """Only what entries say, and their order, is proved: how many were added at once is not."""
    write_anew(log, all_contents(log))
    assert verify(log, Verifier.of(signer)).verified


def test_deleting_a_checkpoint(log: Connection, signer: RingSigner) -> None:
    for number in (1, 2, 3):
        with found_out(log, signer, f"checkpoint {number}"):
            log.execute(delete(CHECKPOINT).where(CHECKPOINT.c.number == number))


@pytest.mark.parametrize(
    "tables",
    ["audit_head", "audit_bundle", "audit_checkpoint", "audit_bundle audit_head", "audit_head audit_checkpoint"],
)
def test_emptying_tables(log: Connection, signer: RingSigner, tables: str) -> None:
    with found_out(log, signer, tables):
        for table in KEYS:
            if table.name in tables.split():
                log.execute(delete(table))


def test_swapping_two_entries(log: Connection, signer: RingSigner) -> None:
    chance = random.Random(5)
    contents = all_contents(log)
    for _ in range(60):
        one, other = chance.sample(range(23), 2)
        with found_out(log, signer, f"{one} and {other}"):
            rewrite_entry(log, one, lambda _, place=other: contents[place])
            rewrite_entry(log, other, lambda _, place=one: contents[place])


def test_swapping_two_bundles(log: Connection, signer: RingSigner) -> None:
    for one, other in itertools.combinations(FIRSTS, 2):
        with found_out(log, signer, f"{one} and {other}"):
            move(log, BUNDLE, one, other)


def test_swapping_two_checkpoints(log: Connection, signer: RingSigner) -> None:
    for one, other in ((1, 2), (2, 3), (1, 3)):
        with found_out(log, signer, f"{one} and {other}"):
            move(log, CHECKPOINT, one, other)


def test_rewriting_an_entry_and_its_hash(log: Connection, signer: RingSigner, entry: Callable[[int], Entry]) -> None:
    for number in range(23):
        content = entry(number).canonical().replace(b'"rows":', b'"rows":1')
        with found_out(log, signer, f"entry {number}"):
            rewrite_entry(log, number, lambda _, said=content: said)
            held = func.overlay(TILE.c.hashes, leaf_hash(content), number * HASH_BYTES + 1)
            log.execute(update(TILE).values(hashes=held))


def test_adding_an_entry_outside_the_log(log: Connection, signer: RingSigner) -> None:
    for number in (-1, 8, 23, 24, 256, 1 << 62):
        row = dict(log.execute(select(BUNDLE).where(first == 20)).mappings().one())
        with found_out(log, signer, f"entry {number}"):
            log.execute(insert(BUNDLE), row | {"first": number})


def test_an_entry_that_no_search_would_find(log: Connection, signer: RingSigner) -> None:
    """Each term and instant beside the entries of a bundle: taken away, added to, or another one's."""
    rows = log.execute(select(BUNDLE).order_by(first)).mappings().all()
    for row in rows:
        some = row["terms"]
        for terms in (some[1:], some[:-1], [*some, "zone=x"], some[::-1], [*some, some[-1]], [], rows[0]["terms"][:5]):
            with found_out(log, signer, f"{row['first']} {terms}"):
                log.execute(update(BUNDLE).where(first == row["first"]).values(terms=terms))


def test_rewriting_what_is_signed_with_the_head_made_to_fit(
    log: Connection, signer: RingSigner, entry: Callable[[int], Entry]
) -> None:
    """Even who recomputes the tree is held by the signed checkpoints."""
    entries = [entry(number + (number == 4)) for number in range(23)]
    log.execute(delete(BUNDLE))
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
    rewrite(log, 0, lambda _: [b"not JSON"] * 200)
    problems = verify(log, Verifier.of(signer)).problems
    assert len(problems) == 101
    assert re.fullmatch(r"There are [0-9]{3} more problems\.", problems[-1])
