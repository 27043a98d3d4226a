"""A delivery's journey over real servers: admitted, repeated, superseded, refused, and what the log tells of it."""

import json
import re
import shutil

import pytest
import yaml
from sqlalchemy import text

from agreement.errors import AgreementRefusal
from hub.database import transaction
from hub.errors import HubError
from ingest.errors import DeliveryRefused
from ingest.journey import admit, collect
from partners.layout import extract_path
from schemas.errors import ContractError
from tests.agreed import agree
from tests.unit.ingest.conftest import QUARTER, Hub

FIRE, POLICE, PROBATION = "fire.fire_setter_referrals", "police.recorded_crime", "probation.supervision"


def ingest(hub: Hub, feed: str):
    return admit(hub.settings, collect(hub.settings, feed, QUARTER))


def states(hub: Hub, feed: str) -> list[str]:
    with transaction(hub.settings) as connection:
        asked = text("SELECT state FROM hub.delivery WHERE feed = :feed ORDER BY id")
        return list(connection.execute(asked, {"feed": feed}).scalars())


def spoil(hub: Hub, feed: str, change) -> None:
    """Change what an authority hands out. An SFTP server has its own copy, made when it started."""
    path = extract_path(hub.partners, feed, str(QUARTER))
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    for dropped in hub.partners.glob(f"sftp/*/outgoing/{path.name}"):
        shutil.copy(path, dropped)


def test_every_row_is_accepted_or_quarantined_and_counted(hub: Hub) -> None:
    done = ingest(hub, POLICE)

    lines = extract_path(hub.partners, POLICE, str(QUARTER)).read_text(encoding="utf-8").splitlines()
    assert done.received == len(lines) - 1 == done.accepted + done.quarantined
    assert done.quarantined > 0
    assert sum(count.rows for count in done.reasons) >= done.quarantined
    involved = hub.table(POLICE, kind=".involvements")
    assert involved.height == done.accepted == hub.table(POLICE, "records").height
    assert set(involved["event_id"]) == set(hub.table(POLICE)["event_id"])


def test_what_is_kept_holds_no_identifier_and_no_reference(hub: Hub) -> None:
    ingest(hub, POLICE)

    kept = hub.table(POLICE), hub.table(POLICE, kind=".involvements"), hub.table(POLICE, "records")
    rows = extract_path(hub.partners, POLICE, str(QUARTER)).read_text(encoding="utf-8").splitlines()[1:]
    references = {row.split(",")[0] for row in rows if row.split(",")[0]}
    texts = {str(value) for frame in kept for column in frame.iter_columns() for value in column.unique()}
    assert not texts & references
    assert not {"forename", "surname", "date_of_birth", "postcode"} & {name for frame in kept for name in frame.columns}


def test_the_log_tells_of_collection_and_admission_with_purpose_and_gateway(hub: Hub) -> None:
    done = ingest(hub, POLICE)

    told = [entry for entry in hub.log() if entry.get("feed") == POLICE]
    assert [entry["action"] for entry in told] == [
        "connectors:delivery:collection",
        "ingest:delivery:alteration",
        "ingest:rows:alteration",
    ]
    for entry in told:
        assert entry["clause"] == "pcsc-2022-s16"
        assert entry["purpose"]
        assert re.fullmatch("[0-9a-f]{64}", entry["agreement_hash"])
    assert told[1]["rows"] == done.accepted
    assert told[2]["rows"] == done.quarantined


def test_the_same_bytes_again_change_nothing(hub: Hub) -> None:
    first = ingest(hub, FIRE)
    second = ingest(hub, FIRE)

    assert (first.state, second.state) == ("admitted", "repeated")
    assert (second.received, second.accepted) == (first.received, first.accepted)
    assert states(hub, FIRE) == ["admitted", "repeated"]
    assert hub.actions()[-1] == "ingest:delivery:decision"


def test_the_same_bytes_under_another_agreement_are_admitted_anew(hub: Hub) -> None:
    ingest(hub, FIRE)
    hub.change("agreement.yaml", version="1.1")

    assert ingest(hub, FIRE).state == "admitted"
    assert states(hub, FIRE) == ["superseded", "admitted"]


def test_a_corrected_delivery_takes_the_place_of_the_earlier_one(hub: Hub) -> None:
    before = ingest(hub, FIRE)
    ids = set(hub.table(FIRE)["event_id"])
    spoil(hub, FIRE, lambda content: json.dumps(json.loads(content)[1:]))
    after = ingest(hub, FIRE)

    assert after.received == before.received - 1
    assert states(hub, FIRE) == ["superseded", "admitted"]
    kept = set(hub.table(FIRE)["event_id"])
    assert kept < ids  # the same rows have the same ids
    assert len(ids) - len(kept) == 1


def test_rows_barred_by_the_authority_are_left_out_and_do_not_count_as_faults(hub: Hub) -> None:
    def bar_all_but_two(content: str) -> str:
        rows = json.loads(content)
        return json.dumps([row | {"limitedAccessOffender": number > 1} for number, row in enumerate(rows)])

    spoil(hub, PROBATION, bar_all_but_two)
    done = ingest(hub, PROBATION)

    assert done.state == "admitted"
    assert done.accepted <= 2
    assert {str(count.reason) for count in done.reasons} >= {"limited_access"}


def test_past_the_threshold_the_delivery_is_refused_whole(hub: Hub) -> None:
    spoil(hub, POLICE, lambda content: content.replace(",VICTIM,", ",BYSTANDER,"))
    delivery = collect(hub.settings, POLICE, QUARTER)

    with pytest.raises(DeliveryRefused, match=r"above the 10% allowed .* unknown_code in Person Role"):
        admit(hub.settings, delivery)

    assert states(hub, POLICE) == ["refused"]
    (refusal,) = (entry for entry in hub.log() if entry["action"] == "ingest:delivery:refusal")
    assert refusal["detail"]["ground"] == "threshold"
    with pytest.raises(DeliveryRefused):  # asked again, it is not let in
        admit(hub.settings, delivery)


def test_an_undeclared_column_refuses_the_delivery(hub: Hub) -> None:
    def one_more(content: str) -> str:
        head, *lines = content.splitlines(keepends=True)
        return "".join([f"Mobile Phone,{head}", *(f"07700 900123,{line}" for line in lines)])

    spoil(hub, POLICE, one_more)

    with pytest.raises(ContractError, match="Mobile Phone"):
        ingest(hub, POLICE)
    assert states(hub, POLICE) == ["refused"]


def test_a_column_that_the_agreement_does_not_name_stops_the_delivery_unrefused(hub: Hub) -> None:
    delivery = collect(hub.settings, POLICE, QUARTER)
    agreement = hub.settings.config / "agreement.yaml"
    treatment = yaml.safe_load(agreement.read_text(encoding="utf-8"))["feeds"][POLICE]["fields"]["knife"]
    agree(agreement, lambda terms: terms["feeds"][POLICE]["fields"].pop("knife"))

    with pytest.raises(AgreementRefusal, match="knife"):
        admit(hub.settings, delivery)
    assert hub.actions()[-1] == "agreement:act:refusal"

    agree(
        agreement, lambda terms: terms["feeds"][POLICE]["fields"].update(knife=treatment)
    )  # the delivery was not at fault
    assert admit(hub.settings, delivery).state == "admitted"


def test_an_expired_agreement_lets_nothing_be_fetched(hub: Hub) -> None:
    hub.change("agreement.yaml", review_on="2025-01-01", expires_on="2025-06-30", commences_on="2024-01-01")

    with pytest.raises(AgreementRefusal, match="expired"):
        collect(hub.settings, FIRE, QUARTER)
    assert states(hub, FIRE) == []
    assert hub.log()[-1]["outcome"] == "refused"


def test_no_error_on_the_way_holds_a_row(hub: Hub) -> None:
    """A canary: a name found nowhere else is in every row, and no refusal and no log entry repeats it."""
    canary = "Zyxwhiffenpoof"
    spoil(hub, POLICE, lambda content: re.sub(r",(VICTIM|SUSPECT),(\d+),[^,]*,", rf",BYSTANDER,\2,{canary},", content))

    with pytest.raises(HubError) as refused:
        ingest(hub, POLICE)

    chain, error = [], refused.value
    while error is not None:
        chain.append(repr(error) + str(error))
        error = error.__cause__ or error.__context__
    assert canary not in " ".join(chain)
    assert canary not in json.dumps(hub.log())
    files = [path for path in hub.settings.home.rglob("*") if path.is_file()]
    assert any("quarantine" in str(path) for path in files)
    assert not [path for path in files if canary.encode() in path.read_bytes()]
