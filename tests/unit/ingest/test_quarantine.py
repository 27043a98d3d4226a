"""Rows that wait in quarantine: told without a value, reported to their provider, taken in again once mended."""

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agreement.errors import AgreementRefusal
from agreement.policy import load_agreement
from hub.database import transaction
from hub.feeds import load_feed
from hub.settings import PROJECT, Settings
from ingest.admission import admit
from ingest.case import Case
from ingest.errors import DeliveryRefused, MendingRefused
from ingest.mended import fetched, take_mended
from ingest.quarantine import disclose_report, find_waiting, findings, waiting
from keys.home import create_ring
from schemas.registry import contract_for
from store.datakeys import destroy_data_key
from store.deliveries import State, find_delivery
from store.kept import part_key_id
from tests.agreed import agree
from tests.unit.ingest.conftest import QUARTER, Hub
from tests.unit.ingest.test_admission import deliver

FEED = "council.exclusions"
CANARY = "Zyxcanary"
Row = dict[str, Any]


@pytest.fixture
def hub(settings: Settings, tmp_path: Path) -> Hub:
    """A hub with keys under a signed agreement; nobody serves it."""
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "config", config)
    agree(config / "agreement.yaml")
    own = settings.model_copy(update={"config": config, "agreement": None})
    return Hub(own, create_ring(own), tmp_path)


def a_row(number: int, **changed: Any) -> Row:
    return {
        "exclusion_id": f"EX-{number}",
        "upn": None,
        "forename": "Ann",
        "surname": f"{CANARY}{number}",
        "date_of_birth": "2011-02-03",
        "gender": "F",
        "ethnicity": "WBRI",
        "postcode": "KT1 1AA",
        "uprn": None,
        "school_urn": 102_600,
        "category": "SUSP",
        "reason": "PP",
        "start_date": "2026-07-01",
        "sessions": 4,
        "sen_provision": "N",
        "period": str(QUARTER),
    } | changed


def body(rows: Iterable[Row]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def spoilt(**by_number: Row) -> list[Row]:
    """Forty rows, some of them changed: ``row_3={...}``."""
    return [a_row(number, **by_number.get(f"row_{number}", {})) for number in range(1, 41)]


THREE = spoilt(row_3={"category": CANARY}, row_4={"category": CANARY}, row_9={"start_date": "31/07/2026"})


@pytest.fixture
def held(hub: Hub) -> str:
    """A delivery in force of forty rows, three of which wait."""
    delivery = deliver(hub, FEED, [body(THREE)])
    assert admit(hub.settings, delivery).quarantined == 3
    return delivery


def case_of(hub: Hub) -> Case:
    return Case(hub.settings, load_agreement(hub.settings), load_feed(hub.settings.config, FEED), QUARTER, hub.ring)


def found(hub: Hub, delivery: str) -> list[tuple[str, str, int, list[str]]]:
    told = findings(case_of(hub), contract_for(FEED), find_waiting(hub.settings, delivery))
    return [(one.reason.value, one.column, one.rows, list(map(str, one.spans))) for one in told]


def test_a_delivery_with_rows_in_quarantine_is_listed_until_another_takes_its_place(hub: Hub, held: str) -> None:
    (waits,) = waiting(hub.settings, FEED)
    assert (waits.delivery.id, waits.refused, waits.why) == (held, False, None)
    assert [(c.reason.value, c.column, c.rows) for c in waits.counts] == [
        ("unknown_code", "category", 2),
        ("wrong_type", "start_date", 1),
    ]
    closed_at = waits.delivery.closed_at
    assert closed_at is not None
    assert waits.erased_on == closed_at.date() + timedelta(days=90)
    assert waiting(hub.settings, "council.marac") == []

    admit(hub.settings, deliver(hub, FEED, [body(spoilt())]))
    assert waiting(hub.settings) == []
    assert [old.delivery.id for old in waiting(hub.settings, past=True)] == [held]


def test_rows_are_told_by_the_providers_own_numbers_document_by_document(hub: Hub) -> None:
    delivery = deliver(hub, FEED, [body(THREE), body([a_row(50, category=CANARY), a_row(51)])])
    admit(hub.settings, delivery)
    assert found(hub, delivery) == [
        ("unknown_code", "category", 3, ["3-4", "1 of document 2"]),
        ("wrong_type", "start_date", 1, ["9"]),
    ]


def test_once_the_sealed_rows_are_gone_the_counts_are_left(hub: Hub, held: str) -> None:
    with transaction(hub.settings) as connection:
        destroy_data_key(connection, part_key_id(held, "quarantine"))
    assert found(hub, held) == [("unknown_code", "category", 2, []), ("wrong_type", "start_date", 1, [])]


def test_a_delivery_refused_whole_says_why_and_where(hub: Hub) -> None:
    delivery = deliver(hub, FEED, [body(a_row(number, category=CANARY) for number in range(10))])
    with pytest.raises(DeliveryRefused, match="10 of 10 rows break the contract"):
        admit(hub.settings, delivery)

    (waits,) = waiting(hub.settings)
    assert waits.refused
    assert waits.why == "10 of 10 rows break the contract, above the 10% allowed (10 unknown_code in category)"
    assert found(hub, delivery) == [("unknown_code", "category", 10, ["1-10"])]
    with pytest.raises(DeliveryRefused, match="above the 10% allowed"):
        admit(hub.settings, delivery)  # asked again, it says the same


def test_a_delivery_that_cannot_be_read_says_why(hub: Hub) -> None:
    with pytest.raises(Exception, match="not JSON"):
        admit(hub.settings, deliver(hub, FEED, [f"{CANARY} {{".encode()]))
    (waits,) = waiting(hub.settings)
    assert waits.why is not None
    assert "is not JSON" in waits.why
    assert CANARY not in waits.why


def test_that_a_provider_is_told_is_permitted_and_logged(hub: Hub, held: str) -> None:
    case = case_of(hub)
    with transaction(hub.settings) as connection:
        delivery = find_delivery(connection, held)
    disclose_report(case, delivery, 3)

    said = next(entry for entry in reversed(hub.log()) if entry["action"] == "ingest:quarantine:disclosure")
    assert (said["action"], said["recipient"], said["rows"]) == ("ingest:quarantine:disclosure", "council", 3)
    assert said["purpose"]
    assert said["clause"]
    assert CANARY not in json.dumps(hub.log())

    hub.change("agreement.yaml", review_on="2026-10-01", expires_on="2026-10-01")
    with pytest.raises(AgreementRefusal, match="expired"):
        disclose_report(case_of(hub), delivery, 3)
    assert (hub.log()[-1]["clause"], hub.log()[-1]["outcome"]) == ("Agreement, expiry", "refused")


MENDED = [a_row(3, category="PERM"), a_row(4, category="SUSP"), a_row(9)]


@pytest.fixture
def hand_in(hub: Hub, held: str, tmp_path: Path) -> Callable[..., Any]:
    """Hand in rows as mended."""

    def hand_in(rows: Iterable[Row], delivery: str = held) -> Any:
        file = tmp_path / "mended.ndjson"
        file.write_bytes(body(rows))
        return take_mended(hub.settings, delivery, file)

    return hand_in


def test_mended_rows_enter_as_a_delivery_that_continues_the_one_in_force(hub: Hub, held: str, hand_in) -> None:
    done = hand_in(MENDED)

    assert (done.state, done.accepted, done.quarantined) == ("admitted", 40, 0)
    assert hub.table(FEED).height == 40
    with transaction(hub.settings) as connection:
        mended, base = find_delivery(connection, done.delivery), find_delivery(connection, held)
        assert (mended.continues_id, base.state) == (held, State.SUPERSEDED)
        assert fetched(connection, mended).id == held
    said = next(entry for entry in hub.log() if entry["action"] == "connectors:delivery:collection")
    assert (said["rows"], said["detail"]["mended"], said["detail"]["continues"]) == (3, True, held)
    assert waiting(hub.settings) == []


def test_what_is_still_at_fault_waits_again(hub: Hub, hand_in) -> None:
    done = hand_in([a_row(3, category="PERM"), a_row(4, category="still wrong")])
    assert (done.accepted, done.quarantined) == (38, 2)
    assert found(hub, done.delivery) == [
        ("unknown_code", "category", 1, ["2 of document 2"]),  # as it was handed in, in the place of as it came
        ("wrong_type", "start_date", 1, ["9"]),
    ]


def test_what_waits_again_is_mended_again(hub: Hub, hand_in) -> None:
    once = hand_in([a_row(3, category="PERM"), a_row(4, category="still wrong")])
    done = hand_in([a_row(4, category="PERM"), a_row(9)], once.delivery)
    assert (done.accepted, done.quarantined) == (40, 0)


def test_a_row_whose_reference_was_blank_comes_back_with_one(hub: Hub, tmp_path: Path) -> None:
    delivery = deliver(hub, FEED, [body(spoilt(row_7={"exclusion_id": ""}))])
    admit(hub.settings, delivery)
    file = tmp_path / "mended.ndjson"
    file.write_bytes(body([a_row(70), a_row(71)]))
    with pytest.raises(MendingRefused, match="more rows than the 1 that wait"):
        take_mended(hub.settings, delivery, file)
    file.write_bytes(body([a_row(70)]))
    done = take_mended(hub.settings, delivery, file)
    assert (done.accepted, done.quarantined) == (40, 1)  # the row without a reference waits until it is erased


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([a_row(3), a_row(99)], r"rows with a key that no waiting row has: 1, where 0 may be new \(row 2\)"),
        ([a_row(3), a_row(5)], r"rows with the key of a row that was taken: 1 \(row 2\)"),
        ([*MENDED, a_row(98)], "more rows than the 3 that wait"),
        ([], "no row"),
    ],
)
def test_rows_that_answer_to_none_that_waits_change_nothing(hub: Hub, held: str, hand_in, rows, why: str) -> None:
    before = len(hub.log())
    with pytest.raises(MendingRefused, match=why) as refused:
        hand_in(rows)
    assert CANARY not in str(refused.value)
    assert "EX-" not in str(refused.value)
    assert len(hub.log()) == before
    assert [waits.delivery.id for waits in waiting(hub.settings)] == [held]


def test_the_agreement_is_asked_before_mended_rows_are_taken(hub: Hub, hand_in) -> None:
    hub.change("agreement.yaml", review_on="2026-10-01", expires_on="2026-10-01")
    with pytest.raises(AgreementRefusal, match="expired"):
        hand_in(MENDED)
    assert hub.log()[-1]["clause"] == "Agreement, expiry"


def test_only_the_delivery_in_force_is_mended(hub: Hub, held: str, hand_in) -> None:
    newer = deliver(hub, FEED, [body(spoilt(row_5={"category": "?"}))])
    with pytest.raises(MendingRefused, match=f"{newer} is on its way"):
        hand_in(MENDED)
    admit(hub.settings, newer)
    with pytest.raises(MendingRefused, match="it is superseded"):
        hand_in(MENDED)


def test_once_its_pages_are_gone_the_whole_is_delivered_again(hub: Hub, held: str, hand_in) -> None:
    for page in hub.settings.home.rglob(f"{held}/page-*.sealed"):
        page.unlink()
    with pytest.raises(MendingRefused, match="have been erased"):
        hand_in(MENDED)
