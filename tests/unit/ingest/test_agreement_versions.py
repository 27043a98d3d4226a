"""Before anything flows under a text of the agreement, the text is kept; a version is one text for ever."""

import pytest

from agreement.archive import versions
from agreement.errors import AgreementRefusal
from agreement.policy import load_agreement
from hub.database import transaction
from ingest.admission import admit
from ingest.collection import collect
from tests.agreed import agree
from tests.unit.ingest.conftest import QUARTER, Hub

FIRE, MARAC = "fire.fire_setter_referrals", "council.marac"


def kept(hub: Hub) -> list[str]:
    with transaction(hub.settings) as connection:
        return [version.hash for version in versions(connection)]


def test_the_text_is_kept_before_the_first_page_and_logged_once(hub: Hub) -> None:
    admit(hub.settings, collect(hub.settings, FIRE, QUARTER))
    agreed = load_agreement(hub.settings).hash
    assert kept(hub) == [agreed]
    assert hub.actions()[0] == "agreement:version:agreement"
    assert hub.actions().count("agreement:version:agreement") == 1
    assert {entry["agreement_hash"] for entry in hub.log() if "agreement_hash" in entry} == {agreed}


def test_another_text_under_the_same_version_flows_nothing_and_the_refusal_is_logged(hub: Hub) -> None:
    delivery = collect(hub.settings, FIRE, QUARTER)
    before, path = kept(hub), hub.settings.config / "agreement.yaml"
    text = path.read_text(encoding="utf-8").replace("late_feed_wait_days: 45", "late_feed_wait_days: 46")
    path.write_text(text, encoding="utf-8")
    agree(path)  # all six sign it, under the old version
    for act in (lambda: collect(hub.settings, MARAC, QUARTER), lambda: admit(hub.settings, delivery)):
        with pytest.raises(AgreementRefusal, match="Give the text a new version"):
            act()
        assert hub.log()[-1]["clause"] == "Agreement, version"
    assert kept(hub) == before


def test_a_refused_collection_keeps_no_text(hub: Hub) -> None:
    hub.change("agreement.yaml", review_on="2026-10-01", expires_on="2026-10-01")
    with pytest.raises(AgreementRefusal, match="expired"):
        collect(hub.settings, MARAC, QUARTER)
    assert kept(hub) == []
