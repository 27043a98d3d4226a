"""A log in an earlier form: migrated, it verifies, and what was wrong stays found."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, insert, select, text

from audit.checkpoint import Verifier, sign_checkpoint
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.merkle import Frontier, leaf_hash, verify_inclusion
from audit.models import BUNDLE, CHECKPOINT, HEAD
from audit.proofs import inclusion, root
from audit.query import Filter, entries
from audit.subjects import disclose
from audit.verify import verify
from hub.database import alembic_config
from hub.settings import Settings
from keys.signing import RingSigner
from tests.cases import takes_long
from tests.stored_log import all_contents

SIZE, SIGNED = 66_000, 65_999  # more than 256 * 256, so that there is a third level
COPIED = ("action", "actor", "outcome", "feed", "delivery", "period", "release", "recipient", "purpose")
BEFORE_BUNDLES = "0009"
Make = Callable[[int], Entry]


def write_old_log(connection: Connection, entry: Make, signer: RingSigner) -> list[bytes]:
    """The rows as they were written then; returns the leaf hashes."""
    some = [entry(number) for number in range(500)]
    entries = [some[number % 500] for number in range(SIZE)]
    rows = [
        {"index": index, "entry": content, "leaf_hash": leaf_hash(content), "at": one.at}
        | {name: getattr(one, name) for name in COPIED}
        for index, (one, content) in enumerate((one, one.canonical()) for one in entries)
    ]
    names = ", ".join(rows[0])
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY hub.audit_entry ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))
    leaves = [row["leaf_hash"] for row in rows]
    note = str(sign_checkpoint(SIGNED, Frontier().add(leaves[:SIGNED]).root, signer).note)
    old_checkpoint = {name: CHECKPOINT.c[name] for name in ("number", "size", "note")}
    connection.execute(insert(CHECKPOINT).values({old_checkpoint["number"]: 1, "size": SIGNED, "note": note}))
    head = {"id": 1, "size": SIZE, "frontier": Frontier().add(leaves).packed(), "checkpoints": 1}
    connection.execute(insert(HEAD).values(head))
    return leaves


@takes_long
def test_a_log_without_tiles_is_given_them(settings: Settings, engine: Engine, entry: Make, signer: RingSigner) -> None:
    config = alembic_config(settings)
    command.downgrade(config, "0001")
    with engine.begin() as connection:
        leaves = write_old_log(connection, entry, signer)
        connection.execute(text("UPDATE hub.audit_entry SET feed = 'forged' WHERE index = 7"))

    command.upgrade(config, "head")

    with engine.begin() as connection:
        (problem,) = verify(connection, Verifier.of(signer)).problems
        assert problem == "Entry 7 was changed: the column terms beside it says something else."
        assert root(connection, SIZE) == Frontier().add(leaves).root
        proof = inclusion(connection, 40_000, SIZE)
        assert verify_inclusion(leaves[40_000], 40_000, SIZE, proof, root(connection, SIZE))
        bundles = connection.execute(select(BUNDLE.c.first, BUNDLE.c.size).order_by(BUNDLE.c.first).limit(4)).all()
        assert [tuple(bundle) for bundle in bundles] == [(0, 7), (7, 1), (8, 248), (256, 256)]
        found = entries(connection, Filter(delivery="delivery-4", actor="service:worker-2"), limit=2)
        assert [one.index for one in found] == [65_994, 65_979]
        assert append(connection, entry(1)) == range(SIZE, SIZE + 1)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("delivery = 'other' WHERE index = 3", "Entry 3 was changed: the column terms beside it says something else."),
        ("at = at + interval '1 s' WHERE index = 3", "Entry 3 was changed: the column earliest_at beside it says"),
        ("entry = 'nonsense' WHERE index = 3", "Entry 3 does not have the hash that tile 0 at level 0 holds for it"),
        ("index = 1000 WHERE index = 3", "Entry 3 is missing: the next that is stored is 4."),
        ("index = -5 WHERE index = 9", "Entry 9 is missing: the tree holds the hashes of 10."),
    ],
)
def test_what_was_wrong_stays_found(settings, engine, entry, signer, change, problem) -> None:
    config = alembic_config(settings)
    with engine.begin() as connection:
        append(connection, *map(entry, range(4)))
        append(connection, *map(entry, range(4, 10)))
        checkpoint(connection, signer)
    command.downgrade(config, BEFORE_BUNDLES)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*), max(index) FROM hub.audit_entry")).one() == (10, 9)
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"UPDATE hub.audit_entry SET {change}"))
    command.upgrade(config, "head")
    with engine.begin() as connection:
        assert any(found.startswith(problem) for found in verify(connection, Verifier.of(signer)).problems)


def test_there_and_back_a_log_is_the_same(settings, engine, entry, signer) -> None:
    config = alembic_config(settings)
    with engine.begin() as connection:
        for batch in (1, 300, 2):
            append(connection, *map(entry, range(batch)))
        disclose(connection, replace(entry(1), action=Action.PUBLISH), ["a" * 32])
        checkpoint(connection, signer)
        before = all_contents(connection)
    command.downgrade(config, BEFORE_BUNDLES)
    command.upgrade(config, "head")
    with engine.begin() as connection:
        assert all_contents(connection) == before
        assert verify(connection, Verifier.of(signer)).problems == ()
