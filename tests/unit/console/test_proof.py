"""What the reviewer is told of the proof is computed when it is asked for, and a forged log does not pass."""

import re
from datetime import timedelta

import pytest

from agreement.policy import load_agreement
from agreement.witnesses import quorum
from audit.checkpoint import Verifier
from audit.verify import remember, verify
from hub.clock import now
from hub.database import transaction
from keys.home import log_signer
from tests.stored_log import rewrite_entry
from tests.unit.console.conftest import add, change, cosign, sign_log, text_of

FOUR = ("police", "fire", "health", "council")


def entry_page(reviewer, index: int = 0) -> str:
    return text_of(reviewer.get(f"/entries/{index}").text)


def proof_page(reviewer) -> str:
    return text_of(reviewer.get("/proof").text)


def verified(hub) -> None:
    """Run a full verification, and remember what it found."""
    with transaction(hub.settings) as connection:
        verifier = Verifier.of(log_signer(hub.settings, hub.ring))
        remember(connection, verify(connection, verifier, quorum=quorum(load_agreement(hub.settings))))


def test_an_entry_is_proved_against_the_newest_checkpoint(hub, reviewer):
    for number in range(300):
        add(hub, rows=number)
    sign_log(hub)
    page = entry_page(reviewer, 150)

    assert "Proved This very entry is number 150" in page
    assert "of 302 entries" in page
    assert "9 hashes" in page
    assert "NOT PROVED" not in page
    assert "Not yet witnessed" in page


def test_an_entry_that_no_checkpoint_covers_is_not_called_proved(hub, reviewer):
    index = add(hub)
    page = entry_page(reviewer, index)

    assert "Not signed yet" in page
    assert "Proved This very entry" not in page


def test_a_rewritten_entry_is_not_proved(hub, reviewer):
    add(hub)
    sign_log(hub)
    with transaction(hub.settings) as connection:
        rewrite_entry(connection, 1, lambda said: said.replace(b"linker", b"nobody"))
    page = entry_page(reviewer, 1)

    assert "NOT PROVED" in page
    assert "do not lead to the root" in page


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE hub.audit_tile SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1) WHERE level = 0",
         "do not lead to the root"),
        ("UPDATE hub.audit_tile SET hashes = substring(hashes FROM 1 FOR 32) WHERE level = 0", "tree is damaged"),
        ("UPDATE hub.audit_checkpoint SET note = regexp_replace(note, E'\\n[0-9]+\\n', E'\\n2\\n')",
         "does not carry the log"),
    ],
    ids=["tile", "tile cut", "checkpoint"],
)  # fmt: skip
def test_a_changed_log_is_not_proved(hub, reviewer, statement, why):
    add(hub)
    sign_log(hub)
    assert "NOT PROVED" not in entry_page(reviewer, 1)
    change(hub, statement)
    page = entry_page(reviewer, 1)

    assert "NOT PROVED" in page
    assert why in page
    assert "Proved This very entry" not in page


def test_cosignatures_count_by_the_agreement(hub, reviewer):
    add(hub)
    sign_log(hub)
    cosign(hub, FOUR[:3])
    assert "Not yet witnessed" in entry_page(reviewer)
    assert "3 of 6" in proof_page(reviewer)

    cosign(hub, FOUR[3:])
    assert "Witnessed Enough authorities" in entry_page(reviewer)
    assert "4 of 6" in proof_page(reviewer)


def test_a_cosignature_by_another_key_counts_for_nothing(hub, reviewer):
    add(hub)
    sign_log(hub)
    cosign(hub, FOUR[:3])
    cosign(hub, ["council", "yot"], key_of="probation")

    assert "Not yet witnessed" in entry_page(reviewer)
    assert "3 of 6 witnesses" in entry_page(reviewer)
    assert re.search("yot Kingston youth offending team . . never", proof_page(reviewer))


def test_an_entry_keeps_its_witnesses_while_newer_checkpoints_wait_for_theirs(hub, reviewer):
    sign_log(hub)
    cosign(hub, FOUR)
    add(hub)
    sign_log(hub)
    page = entry_page(reviewer)

    assert "Witnessed Enough authorities" in page
    assert "0 of 6 witnesses" in page
    assert "The newest checkpoint that enough witnesses cosigned" in page
    assert "Not yet witnessed" in entry_page(reviewer, 2)


def test_the_state_says_when_all_was_verified_and_what_came_since(hub, reviewer):
    sign_log(hub)
    cosign(hub, FOUR)
    assert "Last full verification never" in proof_page(reviewer)

    verified(hub)
    add(hub)
    add(hub)
    page = proof_page(reviewer)

    assert "2 entries, nothing wrong" in page
    assert "4, 2 of them since that verification" in page
    assert "up to entry 1; 2 not yet" in page
    assert "cosignatures of 4 of 6 authorities over every entry older than 24 hours" in page
    assert "police Commissioner of Police of the Metropolis 2 2 " in page


def test_problems_that_the_last_verification_found_are_told(hub, reviewer):
    sign_log(hub)
    change(hub, "UPDATE hub.audit_bundle SET terms = array_append(terms, 'actor=somebody') WHERE first = 0")
    verified(hub)

    assert "was changed: the column terms beside it says something else" in proof_page(reviewer)
    assert "problems found" in text_of(reviewer.get("/").text)


def test_entries_that_wait_too_long_for_witnesses_are_told(hub, reviewer):
    sign_log(hub)
    cosign(hub, FOUR)
    add(hub, at=now() - timedelta(hours=25))

    assert "longer than allowed" in proof_page(reviewer)
    assert "Witnesses are overdue" in text_of(reviewer.get("/").text)


def test_a_checkpoint_that_cannot_be_read_is_named_and_the_rest_still_shown(hub, reviewer):
    sign_log(hub)
    add(hub)
    sign_log(hub)
    change(hub, "UPDATE hub.audit_checkpoint SET note = 'nothing' WHERE number = 1")
    page = proof_page(reviewer)

    assert "cannot be read" in page
    assert "of 6" in page


def test_checkpoints_are_paged(hub, reviewer):
    for _ in range(25):
        add(hub)
        sign_log(hub)
    first = reviewer.get("/proof").text

    assert 'rel="next" href="/proof?before=' in first
    older = reviewer.get("/proof?before=7").text
    assert "Newest" in older
    assert 'rel="next"' not in older
