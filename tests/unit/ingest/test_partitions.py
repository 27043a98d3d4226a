"""A delivery that many tasks carry side by side comes to the same as one that a single task admits."""

import logging
import re
from dataclasses import asdict

import pytest

from audit.events import Action
from hub.database import transaction
from ingest import partitions
from ingest.bound import Bound
from ingest.errors import DeliveryRefused, StepMissing, StepsDiffer
from ingest.journey import admit
from ingest.outcome import Admission
from schemas.errors import ContractError
from store.deliveries import State, find_delivery
from store.errors import SealBroken
from tests.cases import ALL, takes_long
from tests.unit.ingest.road import CANARY, PARTITIONS, POLICE, PROBATION, STEPS, Road


@pytest.mark.parametrize("feed", [POLICE, *([PROBATION] if ALL else [])])
def test_it_comes_to_the_same_and_no_name_shows(road: Road, feed: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pages = [re.sub(rb"(Smith|Jones|Khan|Williams|Brown)", CANARY.encode(), page) for page in road.pages(feed, 17)]
    assert len(pages) > 4
    assert any(CANARY.encode() in page for page in pages)
    one = road.delivered(feed, pages)
    alone = admit(road.settings, one)
    kept = road.kept(one)
    other = road.delivered(feed, pages)
    together = road.in_partitions(other)
    assert (together.received, together.accepted, together.reasons) == (alone.received, alone.accepted, alone.reasons)
    assert together.quarantined == alone.quarantined
    assert feed == PROBATION or alone.quarantined > 0  # so few orders may all be sound
    again = road.kept(other)
    for mine, theirs in zip(again.pop("tables"), kept.pop("tables"), strict=True):  # type: ignore[call-overload]
        assert mine.equals(theirs)
    assert again == kept
    assert road.left() == []
    assert partitions.keep_all(road.settings, other, PARTITIONS) == together  # asked for once more, it is told
    assert len(road.log(other, Action.ADMIT)) == 1
    assert CANARY not in caplog.text


def test_what_is_wrong_with_a_partition_refuses_the_delivery_and_the_others_do_nothing(road: Road) -> None:
    first, *others = road.pages(POLICE, 40)[:4]
    delivery = road.delivered(POLICE, [first, *(b"number" + page[page.index(b",") :] for page in others)])
    with pytest.raises(ContractError):
        partitions.check(road.settings, delivery, 0, PARTITIONS)
    partitions.check(road.settings, delivery, 1, PARTITIONS)
    assert road.left() == []
    assert len(road.log(delivery, Action.REFUSE_DELIVERY)) == 1
    with pytest.raises(DeliveryRefused):
        partitions.keep_all(road.settings, delivery, PARTITIONS)


def test_past_the_threshold_all_of_it_is_refused_once_it_is_settled(road: Road) -> None:
    pages = [
        page.replace(b",M,", b",?,").replace(b",F,", b",?,") if n % 2 else page
        for n, page in enumerate(road.pages(POLICE, 17))
    ]
    delivery = road.delivered(POLICE, pages)
    with pytest.raises(DeliveryRefused, match="refused whole"):
        road.in_partitions(delivery)
    with transaction(road.settings) as connection:
        assert find_delivery(connection, delivery).state is State.REFUSED


@takes_long
def test_what_was_changed_between_the_steps_is_not_kept(road: Road) -> None:
    delivery = road.delivered(POLICE, road.pages(POLICE, 17))
    with pytest.raises(SealBroken):
        road.spoilt_at("split-1-of-2", delivery)
    with transaction(road.settings) as connection:
        assert find_delivery(connection, delivery).state is State.REFUSED


def test_a_partition_that_was_left_out_is_missed(road: Road) -> None:
    delivery = road.delivered(POLICE, road.pages(POLICE, 17))
    for partition in range(PARTITIONS):
        partitions.check(road.settings, delivery, partition, PARTITIONS)
    (first,) = road.settings.home.rglob("rows-0-of-2.sealed")
    (second,) = road.settings.home.rglob("rows-1-of-2.sealed")
    second.write_bytes(first.read_bytes())
    with pytest.raises(SealBroken):
        partitions.settle(road.settings, delivery, PARTITIONS)


def test_a_step_that_is_started_too_early_fails_and_the_delivery_is_admitted_later(road: Road) -> None:
    delivery = road.delivered(POLICE, road.pages(POLICE, 17)[:3])
    for forerunner, step in zip(("check of partition 0", "settle", "tokenise of partition 0"), STEPS[1:], strict=True):
        with pytest.raises(StepMissing, match=f"Run {forerunner}, and what follows it, again"):
            road.step(step, delivery)
        assert road.undecided(delivery)
        road.step(STEPS[STEPS.index(step) - 1], delivery)
    (split,) = road.settings.home.rglob("split-1-of-2.sealed")
    split.unlink()  # cleared meanwhile
    with pytest.raises(StepMissing, match="Run tokenise of partition 1"):
        road.step(partitions.keep_all, delivery)
    assert road.undecided(delivery)
    road.step(partitions.split, delivery)
    assert isinstance(admitted := road.step(partitions.keep_all, delivery), Admission)
    assert admitted.state == "admitted"


def test_all_steps_are_of_one_commit_which_the_admission_says(road: Road) -> None:
    delivery = road.delivered(POLICE, road.pages(POLICE, 17)[:3])
    other = road.settings.model_copy(update={"commit": "a" * 40})
    road.step(partitions.check, delivery)
    for step in STEPS[1:]:
        with pytest.raises(
            StepsDiffer, match=f"under the code {'0' * 40}, and this step under {'a' * 40}"
        ) as differing:
            road.step(step, delivery, other)
        assert "Start it again from check" in str(differing.value)
        assert road.undecided(delivery)
        if step is not partitions.keep_all:
            road.step(step, delivery)
    for step in STEPS:  # from check
        road.step(step, delivery, other)
    assert [entry["code_commit"] for entry in road.log(delivery, Action.ADMIT)] == ["a" * 40]


def test_nor_is_a_feed_configured_otherwise_between_two_steps(road: Road) -> None:
    delivery = road.delivered(POLICE, road.pages(POLICE, 17)[:3])
    road.step(partitions.check, delivery)
    configured = road.settings.config / "feeds" / f"{POLICE}.yaml"
    configured.write_text(re.sub("(?m)^rejection_threshold:.*$", "rejection_threshold: 0.99", configured.read_text()))
    with pytest.raises(StepsDiffer, match="a configuration of the feed with the digest"):
        road.step(partitions.settle, delivery)
    assert road.undecided(delivery)


@pytest.mark.parametrize(("name", "told"), [("agreement", "the agreement bbb"), ("tokens", "version 2 of the tokens")])
def test_nor_is_the_agreement_changed_or_the_key_turned(name: str, told: str) -> None:
    now = Bound(commit="c", feed="f", agreement="a", tokens=1)
    now.hold(asdict(now), "tokenise", "1")
    with pytest.raises(StepsDiffer, match=f"tokenise worked under {told}"):
        now.hold(asdict(now) | {name: {"agreement": "b" * 64, "tokens": 2}[name]}, "tokenise", "1")
    with pytest.raises(StepsDiffer):
        now.hold({}, "tokenise", "1")
