"""Checkpoints in the form of C2SP tlog-checkpoint, strict enough that no bit can change unseen."""

import base64

import pytest

from audit.checkpoint import Verifier, parse_checkpoint, parse_note, sign_checkpoint
from audit.errors import CheckpointRefused
from audit.merkle import EMPTY_ROOT
from keys.key import Key
from keys.signing import RingSigner

# The example in the documentation of Go's golang.org/x/mod/sumdb/note, where the form comes from.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_published_note_verifies() -> None:
    name, key_hash, key = PUBLISHED_KEY.split("+", 2)
    verifier = Verifier(name, base64.b64decode(key)[1:])
    assert verifier.key_hash.hex() == key_hash
    assert verifier.signed(parse_note(PUBLISHED_NOTE))
    assert not verifier.signed(parse_note(PUBLISHED_NOTE.replace("answer", "enswer")))


def test_a_checkpoint_reads_as_it_was_written(signer: RingSigner) -> None:
    made = sign_checkpoint(0, EMPTY_ROOT, signer)
    assert str(made.note).startswith(
        "safer-kingston/audit\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— safer-"
    )
    assert parse_checkpoint(str(made.note)) == made
    assert Verifier.of(signer).signed(made.note)


def test_another_key_or_another_name_did_not_sign_it(signer: RingSigner, other_signer: RingSigner) -> None:
    note = sign_checkpoint(0, EMPTY_ROOT, signer).note
    assert not Verifier.of(other_signer).signed(note)
    assert not Verifier("somebody/else", signer.public_key).signed(note)


def test_a_witness_can_add_its_line(signer: RingSigner, other_signer: RingSigner) -> None:
    made = sign_checkpoint(0, EMPTY_ROOT, signer)
    witness = RingSigner(Key("audit/3", bytes([3] * 32)), "yot.example/witness")
    line = str(sign_checkpoint(0, EMPTY_ROOT, witness).note).splitlines(keepends=True)[-1]
    both = parse_checkpoint(str(made.note) + line)
    assert [signature.name for signature in both.note.signatures] == ["safer-kingston/audit", "yot.example/witness"]
    assert Verifier.of(signer).signed(both.note)


def test_any_changed_bit_is_refused_or_unsigned(signer: RingSigner) -> None:
    note = str(sign_checkpoint(12, EMPTY_ROOT, signer).note).encode()
    verifier = Verifier.of(signer)
    for bit in range(len(note) * 8):
        changed = bytearray(note)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            point = parse_checkpoint(changed.decode())
        except (UnicodeDecodeError, CheckpointRefused):
            continue
        assert not verifier.signed(point.note), f"bit {bit}"


@pytest.mark.parametrize("name", ["two words", "a+b", ""])
def test_a_key_that_a_note_cannot_name_does_not_sign(name: str) -> None:
    with pytest.raises(CheckpointRefused):
        sign_checkpoint(0, EMPTY_ROOT, RingSigner(Key("audit/1", bytes(32)), name))
