"""What a run passes on from task to task can be edited by anybody who operates it: the log says what was built."""

from dataclasses import asdict
from typing import Any

import pytest

from hub.periods import Quarter
from publish.built import publish_built
from publish.errors import DecisionRefused, PublicationRefused
from publish.releases import releases
from tests.unit.publish.small_hub import Q3, STREET, Hub


def publish_it(hub: Hub, told: object, quarter: Quarter = Q3) -> Any:
    return publish_built(hub.settings, hub.ring, quarter, told)


def refusals(hub: Hub) -> list[tuple[str | None, str | None]]:
    return [(entry.get("release"), entry.get("period")) for entry in hub.said(action="publish:release:refusal")]


def test_what_the_run_built_is_published(hub: Hub) -> None:
    built = hub.build()
    hub.decide(built.release)
    assert publish_it(hub, asdict(built)).manifest_hash == built.manifest_hash
    assert publish_it(hub, asdict(built)).release == built.release  # run again, nothing changes
    assert refusals(hub) == []


@pytest.mark.parametrize("told", [None, "2026-Q3-v1", [], {}, {"release": None}, {"release": "../v1\n", "a": 1}])
def test_a_run_that_passes_on_nothing_that_was_built_is_refused_and_logged(hub: Hub, told: object) -> None:
    hub.decide(hub.build().release)
    with pytest.raises(PublicationRefused, match=r"nothing to publish .* Clear its task build_candidate"):
        publish_it(hub, told)
    assert refusals(hub) == [(None, "2026-Q3")]
    assert [release.state for release in releases(hub.settings)] == ["candidate"]


def test_a_run_that_names_another_release_is_refused_and_logged_with_it(hub: Hub) -> None:
    first = hub.build()
    hub.decide(first.release)
    publish_it(hub, asdict(first))
    hub.deliver("police.street_crime", Q3, STREET[:1])
    second = hub.build()
    hub.decide(second.release)

    invented = {"release": "2031-Q1-v7", "manifest_hash": "a" * 64}
    other_hash = asdict(second) | {"manifest_hash": first.manifest_hash}
    for told in (asdict(first), invented, other_hash):
        with pytest.raises(PublicationRefused, match=f"where {second.release} was built last"):
            publish_it(hub, told)
    with pytest.raises(PublicationRefused, match="where nothing was built last"):
        publish_it(hub, asdict(second), Quarter(2026, 2))

    assert refusals(hub) == [
        ("2026-Q3-v1", "2026-Q3"),
        ("2031-Q1-v7", "2026-Q3"),
        ("2026-Q3-v2", "2026-Q3"),
        ("2026-Q3-v2", "2026-Q2"),
    ]
    assert [release.state for release in releases(hub.settings)] == ["published", "candidate"]


def test_what_the_run_built_still_needs_its_decision(hub: Hub) -> None:
    with pytest.raises(DecisionRefused, match="rule 1:"):
        publish_it(hub, asdict(hub.build()))
    assert len(refusals(hub)) == 1
