"""Verification beyond tampering: the quorum of witnesses, the guards, entries added meanwhile, what is remembered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, delete, text, update
from sqlalchemy.exc import IntegrityError

from audit.checkpoint import Signature, Verifier
from audit.cosignatures import Quorum, Witness, cosigned_message
from audit.events import Entry
from audit.log import append, checkpoint
from audit.models import BUNDLE, CHECKPOINT, COSIGNATURE
from audit.statements import add_cosignature, stored_checkpoint
from audit.verify import last_verification, remember, verify
from keys.signing import RingSigner

Make = Callable[[int], Entry]
SECRETS = {name: Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32)) for name in ("police", "health", "yot")}
WITNESSES = {name: Witness(name, key.public_key().public_bytes_raw()) for name, key in SECRETS.items()}
QUORUM = Quorum(tuple(WITNESSES.values()), 2, timedelta(hours=24))
START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)  # as the fixtures begin
SOON = START + timedelta(hours=1)


def cosign(connection: Connection, number: int, *names: str, as_: str | None = None, about: int | None = None) -> None:
    """Cosign a checkpoint; ``as_`` lies about who did, ``about`` signs another one's text."""
    for name in names:
        point = stored_checkpoint(connection, about or number)
        assert point is not None
        seconds = int(SOON.timestamp())
        signature = SECRETS[name].sign(cosigned_message(seconds, point.checkpoint.note.text))
        witness = WITNESSES[as_ or name]
        line = Signature(witness.name, witness.key_hash, seconds.to_bytes(8) + signature)
        assert add_cosignature(connection, number, line, SOON)


@pytest.fixture
def log(engine: Engine, entry: Make, signer: RingSigner) -> Engine:
    """Five entries under checkpoint 1 and two more under checkpoint 2."""
    with engine.begin() as connection:
        append(connection, *map(entry, range(5)))
        checkpoint(connection, signer)
        append(connection, entry(5), entry(6))
        checkpoint(connection, signer)
    return engine


def problems(connection: Connection, signer: RingSigner, quorum: Quorum | None = QUORUM, hours: int = 1) -> list[str]:
    return list(verify(connection, Verifier.of(signer), quorum=quorum, at=START + timedelta(hours=hours)).problems)


def test_the_newest_checkpoint_that_enough_witnesses_cosigned_vouches(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        cosign(connection, 1, "police", "yot")
        cosign(connection, 2, "police")
        found = verify(connection, Verifier.of(signer), quorum=QUORUM, at=SOON)
        assert (found.witnessed, found.problems) == (5, ())
        cosign(connection, 2, "health")
        assert verify(connection, Verifier.of(signer), quorum=QUORUM, at=SOON).witnessed == 7
        assert verify(connection, Verifier.of(signer)).witnessed is None


def test_no_checkpoint_with_enough_cosignatures(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        cosign(connection, 1, "police")
        cosign(connection, 2, "yot")
        assert problems(connection, signer) == ["No checkpoint is cosigned by 2 of 3 witnesses."]
        assert problems(connection, signer, quorum=None) == []


def test_old_entries_that_no_witness_has_seen(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        cosign(connection, 1, "police", "yot")
        assert problems(connection, signer, hours=24) == []
        assert problems(connection, signer, hours=25) == [
            "Entries from 5 on are older than 24 hours, "
            "and no checkpoint that covers them is cosigned by 2 of 3 witnesses."
        ]
        cosign(connection, 2, "police", "yot")
        assert problems(connection, signer, hours=25) == []


def test_a_cosignature_of_another_text_or_by_another_key_is_not_counted(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        cosign(connection, 2, "police")
        cosign(connection, 2, "yot", as_="health")
        cosign(connection, 1, "yot", about=2)
        assert problems(connection, signer) == [
            "The cosignature of yot under checkpoint 1 is not right, or the checkpoint's text was changed.",
            "The cosignature of health under checkpoint 2 is not right, or the checkpoint's text was changed.",
            "No checkpoint is cosigned by 2 of 3 witnesses.",
        ]


def test_a_witness_that_is_not_in_the_quorum_does_not_count(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        cosign(connection, 2, "police", "yot")
        without = replace(QUORUM, witnesses=tuple(w for w in QUORUM.witnesses if w.name != "yot"))
        assert problems(connection, signer, quorum=without) == ["No checkpoint is cosigned by 2 of 2 witnesses."]


def test_the_first_cosignature_of_a_witness_stays(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        cosign(connection, 2, "police", "yot")
        line = Signature("yot", WITNESSES["yot"].key_hash, bytes(72))
        assert not add_cosignature(connection, 2, line, SOON)
        assert problems(connection, signer) == []


@pytest.mark.parametrize("name", ["audit_bundle", "audit_checkpoint", "audit_cosignature", "audit_disclosed"])
def test_rows_are_only_ever_added(log: Engine, signer: RingSigner, name: str) -> None:
    for deed in (f"DELETE FROM hub.{name}", f"TRUNCATE hub.{name} CASCADE", f"UPDATE hub.{name} SET {_key(name)} = 0"):
        with log.connect() as connection, pytest.raises(IntegrityError, match="only ever added"):
            connection.execute(text(deed))
    with log.begin() as connection:
        assert problems(connection, signer, quorum=None) == []


def _key(name: str) -> str:
    return {"audit_bundle": "first", "audit_disclosed": "entry"}.get(name, "number")


@pytest.mark.parametrize("deed", ["DROP TRIGGER audit_only_added ON", "ALTER TABLE"])
def test_a_guard_that_was_switched_off_is_told(log: Engine, signer: RingSigner, deed: str) -> None:
    statement = f"{deed} hub.audit_bundle" + (" DISABLE TRIGGER audit_only_added" if deed == "ALTER TABLE" else "")
    with log.begin() as connection:
        connection.execute(text(statement))
        assert problems(connection, signer, quorum=None) == [
            "The table audit_bundle is not guarded: its trigger audit_only_added is missing or switched off."
        ]


def test_the_newest_checkpoint_cannot_vanish_with_its_count(log: Engine, signer: RingSigner) -> None:
    """Who removes a checkpoint, its cosignatures and the head's count of them leaves the digest behind."""
    with log.begin() as connection:
        cosign(connection, 1, "police", "yot")
        cosign(connection, 2, "police", "yot")
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(delete(COSIGNATURE).where(COSIGNATURE.c.number == 2))
        connection.execute(delete(CHECKPOINT).where(CHECKPOINT.c.number == 2))
        connection.execute(text("UPDATE hub.audit_head SET checkpoints = 1"))
        assert problems(connection, signer) == [
            "The log's head (the table audit_head) has another digest than the stored checkpoints and cosignatures: "
            "one was changed or removed."
        ]


def test_entries_added_while_it_runs_are_no_problem(log: Engine, entry: Make, signer: RingSigner) -> None:
    """Each batch is committed by another connection between the queries of a verification."""
    from sqlalchemy import event

    written = iter(range(7, 10_000))

    def add_some(*_: object) -> None:
        with log.begin() as other:
            append(other, *(entry(next(written)) for _ in range(90)))
            checkpoint(other, signer)

    with log.connect() as connection:
        event.listen(connection, "before_cursor_execute", add_some)
        for _ in range(4):
            found = verify(connection, Verifier.of(signer))
            assert found.problems == ()
    assert found.size > 500


def test_what_was_found_is_remembered(log: Engine, signer: RingSigner) -> None:
    with log.begin() as connection:
        assert last_verification(connection) is None
        remember(connection, verify(connection, Verifier.of(signer), quorum=QUORUM, at=SOON), SOON)
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(update(BUNDLE).where(BUNDLE.c.first == 0).values(terms=["feed=forged"]))
        found = verify(connection, Verifier.of(signer))
        remember(connection, found)
        last = last_verification(connection)
    assert last is not None
    assert (last.size, last.witnessed, last.problems) == (7, None, found.problems)
    assert found.problems == ("One of the entries 0 to 4 was changed: the column terms beside it says something else.",)
    assert last.at > SOON or last.at.tzinfo is not None
