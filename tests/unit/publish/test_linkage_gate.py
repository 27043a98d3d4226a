"""A release whose persons are not right enough is refused, when it is built and again when it is published."""

import pytest

from agreement.model import Agreement, LinkageQuality
from hub.settings import PROJECT
from hub.yaml_files import load_yaml
from publish import candidate
from publish.errors import CandidateRefused, PublicationRefused
from publish.linkage_gate import require_right_enough
from publish.manifest import LinkageEntry
from publish.publication import publish
from tests.unit.publish.small_hub import Hub
from tests.unit.publish.test_candidate import manifest_of

LOW = [
    ({"estimated_precision": 0.9}, "0.9000 are estimated to be of one person, and the agreement asks for 0.98"),
    ({"estimated_recall": 0.8999}, "0.8999 are estimated to be joined, and the agreement asks for 0.9"),
    ({"reviewed_recall": 0.5}, "0.5000 are estimated to be joined"),
    ({"subgroup_gap": 0.06, "furthest_behind": "recall/age_band/under_18"},
     "recall of age band under 18 is 0.0600 behind the whole, and the agreement allows 0.05"),
]  # fmt: skip


@pytest.mark.parametrize(("quality", "sentence"), LOW, ids=["precision", "recall", "reviewed", "a-subgroup"])
def test_a_candidate_is_refused_below_a_level(hub: Hub, quality: dict[str, float | str], sentence: str) -> None:
    hub.link(**quality)
    with pytest.raises(CandidateRefused, match="not right enough") as refusal:
        hub.build()
    assert sentence in str(refusal.value)


RIGHT = {"estimated_precision": 0.99, "estimated_recall": 0.95, "subgroup_gap": 0.01}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_no_number_is_not_enough(name: str) -> None:
    agreement = load_yaml(PROJECT / "config" / "agreement.yaml", Agreement)
    levels = LinkageQuality(precision=0.98, recall=0.9, subgroup_gap=0.05)
    asked = agreement.model_copy(update={"linkage": agreement.linkage.model_copy(update={"quality": levels})})
    said = LinkageEntry(model="", records=2, persons=1, quality=RIGHT)
    require_right_enough(asked, said, CandidateRefused, "a test")
    no_number = said.model_copy(update={"quality": RIGHT | {name: float("nan")}})
    with pytest.raises(CandidateRefused, match="nan"):
        require_right_enough(asked, no_number, CandidateRefused, "a test")


def test_what_people_said_counts_before_what_the_model_says(hub: Hub) -> None:
    hub.link(estimated_precision=0.5, reviewed_precision=0.99)
    assert manifest_of(hub, hub.build().release).linkage.quality["reviewed_precision"] == 0.99


def test_a_link_that_says_nothing_of_its_quality_is_refused(hub: Hub) -> None:
    hub.link(silent=True)
    with pytest.raises(CandidateRefused, match="nothing says what its precision is"):
        hub.build()


def test_the_manifest_names_the_subgroup_that_is_furthest_behind(hub: Hub) -> None:
    said = manifest_of(hub, hub.build().release).linkage
    assert (said.behind, said.quality["subgroup_gap"]) == ("recall/sex/male", 0.01)


def test_publication_holds_the_manifest_to_the_agreement_again(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate that came to be without the gate: only its last step can stop it, and nobody sees a row."""
    hub.link(estimated_precision=0.9)
    monkeypatch.setattr(candidate, "require_right_enough", lambda *_: None)
    release = hub.build().release
    hub.decide(release)
    with pytest.raises(PublicationRefused, match="not right enough"):
        publish(hub.settings, hub.ring, release)
    assert hub.logged("publish:release:disclosure") == 0
    assert hub.logged("publish:release:refusal") == 1


def test_without_a_level_in_the_agreement_nothing_is_asked(hub: Hub) -> None:
    hub.agree(lambda terms: terms["linkage"].pop("quality"))
    hub.link(estimated_precision=0.1)
    assert manifest_of(hub, hub.build().release).linkage.quality["estimated_precision"] == 0.1
