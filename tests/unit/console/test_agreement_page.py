"""The reviewer sees which agreement is in force, who signed it, and what it lets flow."""

import re

import pytest

from agreement.policy import load_agreement
from tests.unit.console.conftest import text_of


def test_the_agreement_in_force_is_shown(hub, reviewer):
    page = text_of(reviewer.get("/agreement").text)

    for part in (
        load_agreement(hub.settings).hash,
        "In force",
        "1 April 2024 to 31 March 2029, review on 31 March 2027",
        "police Commissioner of Police of the Metropolis head 1 March 2024",
        "health.emergency_care",
        "pseudonymised at the source",
        "needs-assessment, strategy, evaluation",
        "Analysts of the Safer Kingston Partnership",
    ):
        assert part in page, part


def test_a_signature_of_another_text_is_none(hub, reviewer):
    path = hub.settings.config / "agreement.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("late_feed_wait_days: 45", "late_feed_wait_days: 46"))
    page = text_of(reviewer.get("/agreement").text)

    assert "Not in force: nothing flows" in page
    assert page.count("not signed") == 6
    assert "Not in force" in text_of(reviewer.get("/").text)


def test_its_documents_are_made_as_it_stands(hub, reviewer):
    page = reviewer.get("/agreement")
    listed = reviewer.get("/agreement/documents/index.html")

    assert "/agreement/documents/isa.html" in page.text
    assert listed.headers["content-type"].startswith("text/html")
    for path in re.findall(r'href="([^"#:]+)"', listed.text):
        made = reviewer.get(f"/agreement/documents/{path}")
        assert made.status_code == 200, path
        assert load_agreement(hub.settings).hash[:12] in made.text, path
        assert "default-src 'none'" in made.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["", "other.html", "../agreement.yaml", "%2e%2e/agreement.yaml"])
def test_another_document_there_is_none(reviewer, path):
    answer = reviewer.get(f"/agreement/documents/{path}")

    assert answer.status_code == 404
    assert "late_feed_wait_days" not in answer.text
