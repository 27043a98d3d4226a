"""What is admitted and what is not: in force, not empty, not damaged, and nobody to whom access is barred."""

import json
import logging
from collections.abc import Sequence

import pytest

from agreement.errors import AgreementRefusal
from hub.database import transaction
from hub.errors import HubError
from hub.feeds import load_feed
from hub.periods import Quarter
from ingest.barred import barred_records
from ingest.errors import DeliveryRefused
from ingest.journey import admit, collect
from ingest.outcome import Admission
from partners.layout import extract_path
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.references import record_id_for
from pseudonymise.scheme_keys import scheme_keys
from store.datakeys import destroy_data_key, open_data_key
from store.deliveries import admitted_delivery, find_delivery, open_delivery
from store.errors import DataKeyGone, FileMissing, SealBroken
from store.landing import close_delivery, seal_page
from store.tables import read_table
from tests.agreed import agree
from tests.unit.ingest.conftest import QUARTER, Hub
from tests.unit.ingest.test_journey import FIRE, PROBATION, ingest, spoil, states

EARLIER = Quarter(2026, 2)
HEALTH = "health.emergency_care"


def deliver(hub: Hub, feed: str, pages: Sequence[bytes]) -> str:
    """A closed delivery with these pages, as collection leaves it."""
    with transaction(hub.settings) as connection:
        delivery = open_delivery(connection, hub.ring, load_feed(hub.settings.config, feed), QUARTER)
        for body in pages:
            delivery = seal_page(hub.settings, connection, hub.ring, delivery, body, cursor=None)
        return close_delivery(connection, delivery).id


def told(hub: Hub, action: str, feed: str) -> dict[str, object]:
    """The detail of the log's last entry of an action on a feed."""
    entries = [entry for entry in hub.log() if (entry["action"], entry.get("feed")) == (action, feed)]
    return entries[-1].get("detail", {})


def test_what_was_collected_is_not_admitted_once_the_agreement_has_expired(hub: Hub) -> None:
    delivery = collect(hub.settings, FIRE, QUARTER)
    agreement = hub.settings.config / "agreement.yaml"
    whole = agreement.read_text(encoding="utf-8")
    hub.change("agreement.yaml", review_on="2026-10-01", expires_on="2026-10-01")

    with pytest.raises(AgreementRefusal, match="expired"):
        admit(hub.settings, delivery)
    assert states(hub, FIRE) == ["closed"]
    assert hub.log()[-1]["delivery"] == delivery
    assert hub.log()[-1]["clause"] == "Agreement, expiry"

    agreement.write_text(whole, encoding="utf-8")
    agree(agreement)
    assert admit(hub.settings, delivery).state == "admitted"


def test_a_quarter_that_has_not_ended_is_not_collected(hub: Hub) -> None:
    with pytest.raises(AgreementRefusal, match="after it has ended"):
        collect(hub.settings, FIRE, Quarter(2062, 3))


def test_an_empty_delivery_does_not_take_the_place_of_a_full_one(hub: Hub) -> None:
    full = ingest(hub, FIRE)
    spoil(hub, FIRE, lambda _: "[]")

    with pytest.raises(DeliveryRefused, match="no row"):
        ingest(hub, FIRE)
    with pytest.raises(DeliveryRefused, match="no row"):
        admit(hub.settings, deliver(hub, FIRE, []))

    assert states(hub, FIRE) == ["admitted", "refused", "refused"]
    assert told(hub, "ingest:delivery:refusal", FIRE) == {"ground": "empty"}
    assert hub.table(FIRE).height == full.accepted


def test_more_or_fewer_rows_than_usual_are_admitted_and_remarked_on(hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    usual = ingest(hub, FIRE)
    assert "unusual_volume" not in told(hub, "ingest:delivery:alteration", FIRE)

    hub.change(f"feeds/{FIRE}.yaml", expected_rows=[usual.received + 1, 2000])
    hub.change("agreement.yaml", version="1.1")
    with caplog.at_level(logging.WARNING, "ingest"):
        assert ingest(hub, FIRE).state == "admitted"

    assert told(hub, "ingest:delivery:alteration", FIRE)["unusual_volume"] is True
    assert f"{FIRE} has {usual.received} rows for {QUARTER}" in caplog.text


def test_the_log_counts_what_was_remarked_on_in_admitted_rows(hub: Hub) -> None:
    def unreadable(content: str) -> str:
        rows = json.loads(content)
        for row in rows[:2]:
            row["child"] |= {"dateOfBirth": "2011-02-31", "uprn": "1.00021E+11"}
        return json.dumps(rows)

    spoil(hub, FIRE, unreadable)
    ingest(hub, FIRE)

    said = told(hub, "ingest:delivery:alteration", FIRE)
    assert (said["unreadable"], said["lost_precision"]) == (2, 2)


def _spoil_page(hub: Hub, delivery: str) -> None:
    page = next(hub.settings.home.rglob(f"{delivery}/page-000001.sealed"))
    page.write_bytes(page.read_bytes()[:-1] + b"\x00\x01")


def _lose_page(hub: Hub, delivery: str) -> None:
    next(hub.settings.home.rglob(f"{delivery}/page-000001.sealed")).unlink()


def _destroy_key(hub: Hub, delivery: str) -> None:
    with transaction(hub.settings) as connection:
        destroy_data_key(connection, find_delivery(connection, delivery).data_key_id)


@pytest.mark.parametrize(
    ("damage", "error"), [(_spoil_page, SealBroken), (_lose_page, FileMissing), (_destroy_key, DataKeyGone)]
)
def test_a_delivery_that_cannot_be_opened_is_refused_and_the_next_is_admitted(
    hub: Hub, damage, error: type[HubError]
) -> None:
    delivery = collect(hub.settings, FIRE, QUARTER)
    damage(hub, delivery)

    with pytest.raises(error):
        admit(hub.settings, delivery)

    assert told(hub, "ingest:delivery:refusal", FIRE) == {"ground": error.__name__}
    assert ingest(hub, FIRE).state == "admitted"
    assert states(hub, FIRE) == ["refused", "admitted"]


def test_rows_that_cannot_be_split_refuse_the_delivery(hub: Hub) -> None:
    row = {
        "reference": "0" * 32,
        "reference_sealed": "A" * 32,
        "site_code": "RAX01",
        "arrival_on": "2026-08-01",
        "occurred_on": "2026-08-01",
        "encoding_surname": "A" * 85 + "B==",  # in form, but bits are left over at its end
        **dict.fromkeys(
            ("assault_location", "assault_method", "injury_intent", "alcohol", "occurred_at", "lsoa_code", "ward_code")
        ),
        **dict.fromkeys(("sex", "ethnic_group", "birth_year")),
    }
    delivery = deliver(hub, HEALTH, [json.dumps(row).encode()])

    with pytest.raises(EncodedFormRefused):
        admit(hub.settings, delivery)
    assert states(hub, HEALTH) == ["refused"]
    assert told(hub, "ingest:delivery:refusal", HEALTH) == {"ground": "EncodedFormRefused"}


@pytest.fixture
def supervised(hub: Hub) -> list[str]:
    """The case numbers in two quarters of probation's extracts; the first has a second order."""
    path = extract_path(hub.partners, PROBATION, str(QUARTER))
    rows = json.loads(path.read_text(encoding="utf-8"))
    rows = [row | {"limitedAccessOffender": False} for row in rows if row["supervision"]["startDate"] < "2026-06"]
    again = rows[0] | {"supervision": rows[0]["supervision"] | {"eventNumber": 99}}
    for quarter in EARLIER, QUARTER:
        extract_path(hub.partners, PROBATION, str(quarter)).write_text(json.dumps([*rows, again]), encoding="utf-8")
    return [row["crn"] for row in rows]


def bar(hub: Hub, crn: str | None) -> Admission:
    """Deliver the later quarter with access barred to one of a person's orders, or to none."""

    def change(content: str) -> str:
        rows = [row | {"limitedAccessOffender": False} for row in json.loads(content)]
        next((row for row in rows if row["crn"] == crn), {})["limitedAccessOffender"] = True
        return json.dumps(rows)

    spoil(hub, PROBATION, change)
    return ingest(hub, PROBATION)


def barred_now(hub: Hub) -> list[str]:
    with transaction(hub.settings) as connection:
        return barred_records(connection)["record_id"].to_list()


def test_a_bar_reaches_every_row_of_the_record_in_every_quarter(hub: Hub, supervised: list[str]) -> None:
    assert admit(hub.settings, collect(hub.settings, PROBATION, EARLIER)).quarantined == 0
    assert barred_now(hub) == []
    done = bar(hub, supervised[0])

    assert [(str(count.reason), count.rows) for count in done.reasons] == [("limited_access", 2)]
    assert barred_now(hub) == [record_id_for(PROBATION, supervised[0], scheme_keys(hub.ring))]
    assert not set(barred_now(hub)) & set(hub.table(PROBATION, "records")["record_id"])
    with transaction(hub.settings) as connection:
        earlier = admitted_delivery(connection, PROBATION, EARLIER)
        key = open_data_key(connection, hub.ring, earlier.data_key_id)
    kept = read_table(hub.settings, "records", f"{PROBATION}/{earlier.id}.parquet", key)
    assert set(barred_now(hub)) < set(kept["record_id"])  # the very id by which the earlier quarter is linked
    assert told(hub, "ingest:delivery:alteration", PROBATION)["barred_records"] == 1


def test_a_bar_is_lifted_by_the_delivery_that_takes_the_place_of_its_own(hub: Hub, supervised: list[str]) -> None:
    bar(hub, supervised[0])
    assert len(barred_now(hub)) == 1

    admit(hub.settings, collect(hub.settings, PROBATION, EARLIER))  # another quarter lifts nothing
    assert len(barred_now(hub)) == 1

    bar(hub, None)
    assert barred_now(hub) == []
