"""Cosignatures in the form of C2SP tlog-cosignature, held against one that was made in public."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import Signature, parse_checkpoint
from audit.cosignatures import Witness, cosigned_message, cosigners
from tests.unit.witness.test_parsing import GENUINE, REMORA
from witness.verify_log import Key

TEXT = "small.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes([5] * 32))
WITNESS = Witness("council.witness", PRIVATE.public_key().public_bytes_raw())


def line(seconds: int = 1_790_000_000, text: str = TEXT, witness: Witness = WITNESS) -> Signature:
    signed = seconds.to_bytes(8, "big") + PRIVATE.sign(cosigned_message(seconds, text))
    return Signature(witness.name, witness.key_hash, signed)


def test_a_genuine_cosignature_tells_when_it_was_made() -> None:
    key = Key.parse(REMORA)
    witness = Witness(key.name, key.public)
    assert witness.key_hash.hex() == "da77ade7"
    assert witness.vkey == REMORA
    point = parse_checkpoint(GENUINE)
    (signature,) = point.note.signatures
    assert witness.cosigned(point.note.text, signature) == datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)
    assert witness.cosigned(point.note.text.replace("532", "533"), signature) is None


def test_any_changed_bit_of_the_line_is_found() -> None:
    right = line()
    assert WITNESS.cosigned(TEXT, right) is not None
    for bit in range(len(right.signature) * 8):
        changed = bytearray(right.signature)
        changed[bit // 8] ^= 1 << bit % 8
        assert WITNESS.cosigned(TEXT, Signature(right.name, right.key_hash, bytes(changed))) is None, bit


@pytest.mark.parametrize(
    "wrong",
    [
        line(text=TEXT.replace("\n0\n", "\n1\n")),
        line(seconds=2**63 - 1),
        line(seconds=2**64 - 1),
        Signature("another.witness", WITNESS.key_hash, line().signature),
        Signature(WITNESS.name, b"\0\0\0\0", line().signature),
        Signature(WITNESS.name, WITNESS.key_hash, line().signature[8:]),
        Signature(WITNESS.name, WITNESS.key_hash, line().signature + b"\0"),
        Signature(WITNESS.name, WITNESS.key_hash, b""),
        Signature(WITNESS.name, WITNESS.key_hash, bytes(8) + PRIVATE.sign(TEXT.encode())),  # a log's, not a witness's
    ],
)
def test_a_line_that_is_not_exactly_a_cosignature_does_not_count(wrong: Signature) -> None:
    assert WITNESS.cosigned(TEXT, wrong) is None
    assert cosigners(TEXT, [wrong], [WITNESS]) == frozenset()


def test_only_witnesses_that_are_asked_for_count_and_each_once() -> None:
    other = Witness("fire.witness", bytes(32))
    assert cosigners(TEXT, [line(), line(1_790_000_001)], [WITNESS, other]) == {"council.witness"}
    assert cosigners(TEXT, [line()], [other]) == frozenset()
