"""A log that was written before the tree had tiles: migrated, it verifies, and what was wrong stays found."""

from collections.abc import Callable

from alembic import command
from sqlalchemy import Connection, Engine, insert, text

from audit.checkpoint import Verifier, sign_checkpoint
from audit.events import Entry
from audit.log import append
from audit.merkle import Frontier, leaf_hash, verify_inclusion
from audit.models import CHECKPOINT, ENTRY, FILTERS, HEAD
from audit.proofs import inclusion, root
from audit.verify import verify
from hub.database import alembic_config
from hub.settings import Settings
from keys.signing import RingSigner

SIZE, SIGNED = 66_000, 65_999  # more than 256 * 256, so that there is a third level
Make = Callable[[int], Entry]


def write_old_log(connection: Connection, entry: Make, signer: RingSigner) -> list[bytes]:
    """The rows as they were written then; returns the leaf hashes."""
    some = [entry(number) for number in range(500)]
    entries = [some[number % 500] for number in range(SIZE)]
    rows = [
        {"index": index, "entry": content, "leaf_hash": leaf_hash(content), "at": one.at}
        | {name: getattr(one, name) for name in FILTERS}
        for index, (one, content) in enumerate((one, one.canonical()) for one in entries)
    ]
    names = ", ".join(rows[0])
    given = ", ".join(f"%({name})s" for name in rows[0])
    with connection.connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO hub.audit_entry ({names}) VALUES ({given})", rows)
    leaves = [row["leaf_hash"] for row in rows]
    note = str(sign_checkpoint(SIGNED, Frontier().add(leaves[:SIGNED]).root, signer).note)
    old_checkpoint = {name: CHECKPOINT.c[name] for name in ("number", "size", "note")}
    connection.execute(insert(CHECKPOINT).values({old_checkpoint["number"]: 1, "size": SIGNED, "note": note}))
    head = {"id": 1, "size": SIZE, "frontier": Frontier().add(leaves).packed(), "checkpoints": 1}
    connection.execute(insert(HEAD).values(head))
    return leaves


def test_a_log_without_tiles_is_given_them(settings: Settings, engine: Engine, entry: Make, signer: RingSigner) -> None:
    config = alembic_config(settings)
    command.downgrade(config, "0001")
    with engine.begin() as connection:
        leaves = write_old_log(connection, entry, signer)
        connection.execute(text("UPDATE hub.audit_entry SET feed = 'forged' WHERE index = 7"))

    command.upgrade(config, "head")

    with engine.begin() as connection:
        (problem,) = verify(connection, Verifier.of(signer)).problems
        assert problem == "Entry 7 was changed: its column feed does not say what the entry says."
        assert root(connection, SIZE) == Frontier().add(leaves).root
        proof = inclusion(connection, 40_000, SIZE)
        assert verify_inclusion(leaves[40_000], 40_000, SIZE, proof, root(connection, SIZE))
        assert "leaf_hash" not in ENTRY.c
        assert append(connection, entry(1)) == range(SIZE, SIZE + 1)
