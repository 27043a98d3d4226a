"""10,000 random changes to what is stored, each on its own, and every one is found out.

Each is one of: a bit of a value flipped, a value emptied or filled, a row removed, a row copied, values or rows
swapped, a value cut short, a table cut short; or it is done to the entries of a bundle, which are packed anew, with all
that stands beside them made to fit or left as it was. The database itself refuses some (a text that is not UTF-8, a key
that is taken, a head with another id): nothing is stored then, and another is drawn.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, Table, and_, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from audit.checkpoint import Checkpoint, Signature, Verifier
from audit.cosignatures import Quorum, Witness, cosigned_message
from audit.events import Entry
from audit.log import append, checkpoint
from audit.models import BUNDLE, CHECKPOINT, COSIGNATURE, HEAD, TILE
from audit.packing import packed, unpacked
from audit.statements import add_cosignature
from audit.verify import verify
from keys.signing import RingSigner
from tests.cases import cases
from tests.stored_log import columns

SEED = 20261005
TABLES = (BUNDLE, TILE, HEAD, CHECKPOINT, COSIGNATURE)
BATCHES = (3, 4)
NOW = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECRETS = {name: Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32)) for name in ("police", "health", "yot")}
WITNESSES = tuple(Witness(name, key.public_key().public_bytes_raw()) for name, key in SECRETS.items())
QUORUM = Quorum(WITNESSES, 2, timedelta(hours=24))
Row = dict[str, Any]


def cosign(connection: Connection, number: int, point: Checkpoint, witness: Witness) -> None:
    seconds = int(NOW.timestamp()) + number
    signature = SECRETS[witness.name].sign(cosigned_message(seconds, point.note.text))
    line = Signature(witness.name, witness.key_hash, seconds.to_bytes(8) + signature)
    assert witness.cosigned(point.note.text, line) is not None
    assert add_cosignature(connection, number, line, NOW + timedelta(seconds=number, microseconds=7))


def write_log(
    connection: Connection, entry: Callable[[int], Entry], signer: RingSigner, batches: tuple[int, ...]
) -> int:
    """A log with a checkpoint after each batch, cosigned by all, and two entries after the last."""
    size = 0
    for number, batch in enumerate(batches, 1):
        append(connection, *(entry(size + place) for place in range(batch)))
        size += batch
        point = checkpoint(connection, signer)
        for witness in WITNESSES:
            cosign(connection, number, point, witness)
    append(connection, entry(size), entry(size + 1))
    connection.execute(text("SET LOCAL session_replication_role = replica"))  # as an administrator may
    return size + 2


@dataclass
class Vandal:
    """Draws changes; ``rows`` is what is stored, and is put back after each."""

    connection: Connection
    chance: random.Random
    rows: dict[Table, list[Row]]
    said: str = ""

    @classmethod
    def of(cls, connection: Connection, seed: int) -> "Vandal":
        stored = {table: list(map(dict, connection.execute(select(table)).mappings())) for table in TABLES}
        return cls(connection, random.Random(seed), stored)

    def change(self) -> None:
        """Change something; raises DBAPIError or Same if there is nothing to change or it is not let."""
        table = self.chance.choice(TABLES)
        kinds = (
            self.flip,
            self.flip,
            self.flip,
            self.cut,
            self.empty,
            self.swap,
            self.remove,
            self.copy,
            self.truncate,
        )
        kind = self.repack if table is BUNDLE and self.chance.random() < 0.5 else self.chance.choice(kinds)
        row = self.chance.choice(self.rows[table])
        self.said = f"{kind.__name__} {table.name} {key_of(table, row)}"
        kind(table, row)

    def set(self, table: Table, row: Row, **values: Any) -> None:
        if all(row[name] == value for name, value in values.items()):
            raise Same
        self.said += f" {values}"[:200]
        self.connection.execute(update(table).where(here(table, row)).values(values))

    def flip(self, table: Table, row: Row) -> None:
        column = self.chance.choice([name for name, value in row.items() if value is not None])
        self.set(table, row, **{column: flipped(row[column], self.chance)})

    def cut(self, table: Table, row: Row) -> None:
        column = self.chance.choice([name for name, value in row.items() if isinstance(value, str | bytes | list)])
        self.set(table, row, **{column: row[column][: self.chance.randrange(len(row[column]) or 1)]})

    def empty(self, table: Table, row: Row) -> None:
        """Make a value null, or fill one that was."""
        column = self.chance.choice(list(row))
        self.set(table, row, **{column: "x" if row[column] is None else None})

    def swap(self, table: Table, row: Row) -> None:
        """Exchange one value, or all but the key, with another row."""
        other = self.chance.choice(self.rows[table])
        keys = {column.name for column in table.primary_key}
        rest = [name for name in row if name not in keys]
        names = self.chance.choice([rest, [self.chance.choice(rest)]])
        self.set(table, row, **{name: other[name] for name in names})
        self.set(table, other, **{name: row[name] for name in names})

    def remove(self, table: Table, row: Row) -> None:
        self.connection.execute(delete(table).where(here(table, row)))

    def copy(self, table: Table, row: Row) -> None:
        keys = [column.name for column in table.primary_key]
        column = self.chance.choice(keys)
        self.connection.execute(insert(table), row | {column: flipped(row[column], self.chance)})

    def repack(self, table: Table, row: Row) -> None:
        """Change the entries of a bundle as one who knows how they are packed."""
        before = unpacked(row["entries"])
        place, other = self.chance.randrange(len(before)), self.chance.randrange(len(before))
        kind = self.chance.choice(("flip", "flip", "cut", "remove", "copy", "swap", "truncate"))
        after, one = list(before), before[place]
        if kind == "flip":
            after[place] = flipped(one, self.chance)
        elif kind == "cut":
            after[place] = one[: self.chance.randrange(len(one))]
        elif kind == "swap":
            after[place], after[other] = before[other], one
        else:
            after = {
                "remove": before[:place] + before[place + 1 :],
                "copy": [*before[:place], one, *before[place:]],
                "truncate": before[:place],
            }[kind]
        if after == before:
            raise Same
        self.said += f" {kind} {row['first'] + place}"
        fitting = columns(after) if self.chance.random() < 0.5 else {"entries": packed(after)}
        self.set(table, row, **fitting)

    def truncate(self, table: Table, row: Row) -> None:
        """Remove the row and all after it in the order of their keys, or all from a random part of the tables."""
        if self.chance.random() < 0.2:
            for one in self.chance.sample(TABLES, self.chance.randint(1, 4)):
                self.connection.execute(delete(one))
            return
        for one in self.rows[table]:
            if key_of(table, one) >= key_of(table, row):
                self.remove(table, one)


class Same(Exception):
    """What was drawn would change nothing."""


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key)


def here(table: Table, row: Row) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key))


def flipped(value: Any, chance: random.Random) -> Any:
    """The value with one bit changed; Same if it is empty."""
    if isinstance(value, datetime):
        return EPOCH + timedelta(microseconds=flipped((value - EPOCH) // timedelta(microseconds=1), chance))
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(50)
    if isinstance(value, list):
        place = chance.randrange(len(value))
        return [*value[:place], flipped(value[place], chance), *value[place + 1 :]]
    content = bytearray(value if isinstance(value, bytes) else value.encode())
    if not content:
        raise Same
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    try:
        return bytes(content) if isinstance(value, bytes) else content.decode()
    except UnicodeDecodeError:
        raise Same from None


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    with connection.begin_nested() as attempt:
        try:
            yield
        finally:
            attempt.rollback()


def is_found(connection: Connection, verifier: Verifier, quorum: Quorum | None) -> bool:
    return bool(verify(connection, verifier, quorum=quorum, at=NOW + timedelta(hours=1)).problems)


def vandalise(connection: Connection, verifier: Verifier, *, times: int, seed: int) -> None:
    vandal = Vandal.of(connection, seed)
    done = 0
    while done < times:
        with undone(connection):
            try:
                vandal.change()
            except (DBAPIError, Same, OverflowError):
                continue
            quorum = QUORUM if done % 4 else None  # what no witness's key is known for is to be found too
            assert is_found(connection, verifier, quorum), f"seed {seed}, change {done}, not found out: {vandal.said}"
        done += 1


@pytest.mark.parametrize("part", range(4))
def test_every_change_to_a_small_log_is_found(
    engine: Engine, entry: Callable[[int], Entry], signer: RingSigner, part: int
) -> None:
    with engine.connect() as connection:
        write_log(connection, entry, signer, BATCHES)
        assert not is_found(connection, Verifier.of(signer), QUORUM)
        vandalise(connection, Verifier.of(signer), times=cases(2_400, 20), seed=SEED + part)


def test_every_change_to_a_log_of_two_levels_is_found(
    engine: Engine, entry: Callable[[int], Entry], signer: RingSigner
) -> None:
    with engine.connect() as connection:
        assert write_log(connection, entry, signer, (200, 57)) == 259
        assert {row["level"] for row in Vandal.of(connection, SEED).rows[TILE]} == {0, 1}
        vandalise(connection, Verifier.of(signer), times=cases(400, 20), seed=SEED)
