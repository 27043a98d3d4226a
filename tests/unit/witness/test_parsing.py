"""Whatever is sent, the witness answers: it never breaks, and never cosigns what the log did not sign."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cases import cases
from tests.unit.witness import small_log
from tests.unit.witness.small_log import KEY, body, entries
from witness.judging import parse_submission
from witness.server import Witness
from witness.verify_log import Key, parse_checkpoint, verify_consistency, verify_inclusion

GOOD = body(5, entries(9))


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A right request with some bytes replaced, removed or put in."""
    content = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 8)))
        content[start:end] = draw(st.binary(max_size=8) | st.sampled_from([b"\n", b"\n\n", b"old ", "— ".encode()]))
    return bytes(content)


@settings(max_examples=cases(2000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "ignore")) | mangled()
)
def test_whatever_is_sent_is_read_or_answered_by_400_and_an_unsigned_one_is_never_cosigned(sent, tmp_path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    witness = Witness(tmp_path, "w", Ed25519PrivateKey.from_private_bytes(bytes(32)), {KEY.name: (KEY,)})
    answer = witness.add_checkpoint(sent)
    try:
        read = parse_submission(sent)
    except ValueError:
        assert answer.status == 400
    else:
        assert answer.status in (403, 404, 409, 422)
        assert answer.status in (403, 404) or KEY.signed(read.checkpoint)
    assert list(tmp_path.glob("logs/*/*.checkpoint")) == []


def test_the_right_request_is_read() -> None:
    sent = parse_submission(GOOD)
    assert (sent.old, sent.checkpoint.size, len(sent.proof)) == (5, 9, 5)


@pytest.mark.parametrize(
    "changed",
    [
        GOOD.replace(b"old 5", b"old 05"),
        GOOD.replace(b"old 5", b"old  5"),
        GOOD.replace(b"old 5", b"OLD 5"),
        GOOD.replace(b"old 5", b"old 10"),
        GOOD.replace(b"\n9\n", b"\n09\n"),
        GOOD.replace(b"\n9\n", b"\n9 \n"),
        GOOD.replace(b"\n9\n", b"\r\n9\r\n"),
        GOOD[:-1],
        GOOD + b"\n",
        GOOD.replace(b"=\n", b"\n", 1),
        GOOD.replace(b"old 5\n", b"old 5\n" + b"A" * 43 + b"=\n" * 60),
        GOOD.replace("— ".encode(), b"- "),
        b"old 5\n" + (b"A" * 43 + b"=\n") * 64 + GOOD[GOOD.index(b"\n\n") + 1 :],
    ],
)
def test_a_request_of_nearly_the_form_is_malformed(changed) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each has its own words
        parse_submission(changed)


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33])
def test_proofs_of_another_program_hold_and_any_other_does_not(size) -> None:
    leaves = entries(size)
    whole = small_log.root(leaves)
    for index in range(size):
        proof = small_log.inclusion(index, leaves)
        leaf = small_log.root([leaves[index]])
        assert verify_inclusion(leaf, index, size, proof, whole)
        assert not verify_inclusion(small_log.root([b"other"]), index, size, proof, whole)
        assert not verify_inclusion(leaf, index, size, [*proof, whole], whole)
        assert not verify_inclusion(leaf, size, size, proof, whole)
        assert not proof or not verify_inclusion(leaf, index, size, proof[:-1], whole)
    for old in range(size + 1):
        proof, part = small_log.consistency(old, leaves), small_log.root(leaves[:old])
        assert verify_consistency(old, size, part, whole, proof)
        assert not verify_consistency(old, size, small_log.root([b"other"]), whole, proof)
        assert not verify_consistency(old, size, part, whole, [*proof, whole])
        assert old == 0 or not verify_consistency(old, size, part, small_log.root([b"other"]), proof)
        assert not proof or not verify_consistency(old, size, part, whole, proof[1:])
        assert not verify_consistency(size + 1, size, whole, whole, [])


# The transparency log Arche2025h1 (staging) as it was cosigned in public, and one of its witnesses.
GENUINE = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
"""  # noqa: E501
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"


def test_a_genuine_cosignature_is_right_and_none_of_its_changes_is() -> None:
    key = Key.parse(REMORA)
    assert str(parse_checkpoint(GENUINE).size) in GENUINE
    assert key.signed(parse_checkpoint(GENUINE)) is True
    assert key.signed(parse_checkpoint(GENUINE.replace("532\n", "533\n"))) is False
    assert key.signed(parse_checkpoint(GENUINE.replace("2net5wAAAABq", "2net5wAAAABr"))) is False
    with pytest.raises(ValueError, match="hash"):
        Key.parse(REMORA.replace("da77ade7", "da77ade8"))
