"""How long the whole log takes to verify at a million entries: ``python -m benchmarks.log_verify``."""

import resource
import time
from datetime import timedelta

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from audit.checkpoint import Checkpoint, Signature, Verifier
from audit.cosignatures import Quorum, Witness, cosigned_message
from audit.log import append, checkpoint
from audit.statements import add_cosignature
from audit.verify import verify
from benchmarks.log_home import START, cpu, engine, entry, server
from keys.key import Key
from keys.signing import RingSigner

ENTRIES, BATCH = 1_000_000, 1_000
SIGNER = RingSigner(Key("audit/1", bytes(32)), "safer-kingston.example/hub")
KEYS = {name: Ed25519PrivateKey.generate() for name in ("police", "fire", "health", "yot")}
WITNESSES = tuple(Witness(name, key.public_key().public_bytes_raw()) for name, key in KEYS.items())
SECONDS = int(START.timestamp())


def fill(connection: Connection) -> None:
    """A checkpoint after each batch, cosigned by four witnesses."""
    for number in range(ENTRIES // BATCH):
        append(connection, *(entry(number * BATCH + place) for place in range(BATCH)))
        _cosign(connection, number + 1, checkpoint(connection, SIGNER))
        connection.commit()


def _cosign(connection: Connection, number: int, point: Checkpoint) -> None:
    for witness in WITNESSES:
        signature = KEYS[witness.name].sign(cosigned_message(SECONDS, point.note.text))
        line = Signature(witness.name, witness.key_hash, SECONDS.to_bytes(8) + signature)
        assert add_cosignature(connection, number, line, START)


def main() -> None:
    """Print the figures: by the clock, of the processor, and how much memory it took more."""
    quorum = Quorum(WITNESSES, 4, timedelta(days=1))
    with engine() as log, log.connect() as connection:
        fill(connection)
        both = (psutil.Process(), server(connection))
        memory, used, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, cpu(*both), time.perf_counter()
        found = verify(connection, Verifier.of(SIGNER), quorum=quorum, at=START)
        clock, used = time.perf_counter() - began, cpu(*both) - used
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
    assert found.verified, found.problems
    print(
        f"\nVerifying {found.size:,} entries, {found.checkpoints:,} checkpoints and {found.checkpoints * 4:,} "
        f"cosignatures in full: {clock:.1f} s; processor, client and server: {used:.1f} s; memory: {more:.0f} MB more"
    )


if __name__ == "__main__":
    main()
