"""Before signing, the officer sees all that the release is, and how to sign; nothing can be signed in the page."""

import json

from publish.publication import publish
from tests.unit.console.conftest import add, change, text_of
from tests.unit.publish.small_hub import OFFICER


def shown(reviewer, name: str) -> str:
    return text_of(reviewer.get(f"/releases/{name}").text)


def test_a_candidate_is_shown_with_all_that_it_is_made_of(hub, reviewer):
    made = hub.build()
    page = shown(reviewer, made.release)

    for part in (
        made.manifest_hash,
        "awaits a decision",
        "police.recorded_crime admitted 2026-Q3 5 4 1",
        "yot.cases missing",
        "Missing feeds council.antisocial_behaviour",
        "event 7",
        "lsoa_code",
        "Records 6 Persons 3",
        "the agreement asks for 5",
        "there is no decision on it",
        f"Those who may sign today: {OFFICER} (appointed by",
        f'hub release approve {made.release} --officer "YOUR NAME" --key YOUR-KEY.pem --reason',
        f'hub release refuse {made.release} --officer "YOUR NAME" --key YOUR-KEY.pem --reason',
        "Nobody has decided",
    ):
        assert part in page, part
    assert "<form" not in reviewer.get(f"/releases/{made.release}").text
    assert made.release in text_of(reviewer.get("/").text)
    assert made.release in text_of(reviewer.get("/releases").text)


def test_an_approval_is_shown_with_who_decided_and_until_when_it_counts(hub, reviewer):
    made = hub.build()
    hub.decide(made.release)
    page = shown(reviewer, made.release)

    assert f"under the approval of {OFFICER}" in page
    assert f"{OFFICER} approve Checked" in page
    assert "approved, not yet published" in text_of(reviewer.get("/releases").text)


def test_a_refusal_is_shown(hub, reviewer):
    made = hub.build()
    hub.decide(made.release, "refuse", reason="Too early")
    page = shown(reviewer, made.release)

    assert f"{OFFICER} refuse Too early" in page
    assert "the newest decision is to refuse" in page
    assert "refused" in text_of(reviewer.get("/releases").text)


def test_a_published_release_has_no_command_and_names_who_approved_it(hub, reviewer):
    made = hub.build()
    hub.decide(made.release)
    publish(hub.settings, hub.ring, made.release)
    page = shown(reviewer, made.release)

    assert "hub release approve" not in page
    assert f"{OFFICER} approve" in page
    assert "Nothing awaits a decision" in text_of(reviewer.get("/releases").text)
    assert "1 release published" in text_of(reviewer.get("/").text)


def test_a_manifest_that_was_changed_after_it_was_built_is_told(hub, reviewer):
    made = hub.build()
    (manifest,) = hub.rows("SELECT manifest FROM hub.release")[0]
    changed = json.dumps(json.loads(manifest) | {"missing": []})
    with_quotes = changed.replace("'", "''")
    change(hub, f"UPDATE hub.release SET manifest = '{with_quotes}'")
    page = shown(reviewer, made.release)

    assert "The manifest was changed" in page
    assert made.manifest_hash in page


def test_a_decision_that_was_altered_does_not_hide_the_release(hub, reviewer):
    made = hub.build()
    hub.decide(made.release)
    change(hub, "UPDATE hub.decision SET statement = '{}'")

    assert "Would not be published" in shown(reviewer, made.release)
    assert made.release in text_of(reviewer.get("/releases").text)


def test_without_an_agreement_in_force_nothing_would_be_published(hub, reviewer):
    made = hub.build()
    hub.decide(made.release)
    hub.agree(lambda terms: None, but=["yot"])

    assert "The agreement is not in force: this party has not signed" in shown(reviewer, made.release)


def test_the_log_of_a_release_is_one_link_away(hub, reviewer):
    made = hub.build()
    add(hub, release=made.release)

    assert f"/entries?release={made.release}" in reviewer.get(f"/releases/{made.release}").text
