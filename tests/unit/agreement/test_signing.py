"""Signing: by a party's own key, for its own text, kept beside it."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from agreement.errors import SigningRefused
from agreement.policy import read_agreement
from agreement.signing import keep_signature, read_signatures, require_right, sign, signatures_path
from hub.errors import ConfigurationError
from tests.agreed import agree, pem, signed

DAY = date(2026, 10, 5)


@pytest.fixture
def unsigned(tmp_path: Path, signed_agreement: Path) -> Path:
    """A text with the six parties' keys, which nobody has signed."""
    path = tmp_path / "agreement.yaml"
    shutil.copy(signed_agreement, path)
    return path


def test_a_signature_is_kept_beside_the_text_and_changes_nothing_in_it(unsigned: Path) -> None:
    before, text = unsigned.read_bytes(), read_agreement(unsigned)
    keep_signature(unsigned, sign(text, "police", pem("police"), "head of information", DAY))
    after = read_agreement(unsigned)
    assert list(after.signed_by) == ["police"]
    assert (unsigned.read_bytes(), after.hash) == (before, text.hash)


def test_signing_again_takes_the_place_of_the_earlier_signature(unsigned: Path) -> None:
    for role in ("deputy", "head"):
        keep_signature(unsigned, sign(read_agreement(unsigned), "police", pem("police"), role, DAY))
    assert [given.signed_by for given in read_signatures(unsigned)] == ["head"]


@pytest.mark.parametrize(
    ("party", "key", "role", "why"),
    [
        ("police", "fire", "head", "not the one whose public part"),
        ("prison", "police", "head", "states no key"),
        ("police", "police", "two\nlines", "not one line"),
        ("police", "police", "", "not one line"),
    ],
)
def test_a_signature_that_would_not_count_is_not_made(
    unsigned: Path, party: str, key: str, role: str, why: str
) -> None:
    with pytest.raises(SigningRefused, match=why):
        sign(read_agreement(unsigned), party, pem(key), role, DAY)


def test_what_is_no_private_key_is_refused_and_not_repeated(unsigned: Path) -> None:
    with pytest.raises(SigningRefused) as refused:
        sign(read_agreement(unsigned), "police", b"Zebulon's secret", "head", DAY)
    assert "Zebulon" not in str(refused.value)


def test_only_right_signatures_of_this_text_are_taken_in(unsigned: Path, tmp_path: Path) -> None:
    text = read_agreement(unsigned)
    given = signed(text).signatures
    require_right(text, given)
    other = tmp_path / "other.yaml"
    shutil.copy(unsigned, other)
    agree(other, lambda terms: terms.update(late_feed_wait_days=46))
    with pytest.raises(SigningRefused, match="very text"):
        require_right(text, [*given[:5], *read_signatures(other)[:1]])


@pytest.mark.parametrize("content", ["{", "[1]", json.dumps([{"authority": "prison"}])])
def test_a_file_of_signatures_that_cannot_be_read_stops_everything(unsigned: Path, content: str) -> None:
    signatures_path(unsigned).write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError):
        read_agreement(unsigned)


def test_a_text_that_states_signatures_itself_is_not_read(unsigned: Path) -> None:
    with unsigned.open("a", encoding="utf-8") as file:
        file.write("signatures: [{authority: police, signed_by: x, signed_on: 2024-01-01, signature: x}]\n")
    with pytest.raises(ConfigurationError, match="no part of the text"):
        read_agreement(unsigned)
