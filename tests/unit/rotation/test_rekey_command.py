"""``hub keys rekey`` as a custodian and two officers run it."""

import json

import pytest
from sqlalchemy import update

from hub.database import transaction
from ingest.models import AdmissionRow
from tests.unit.cli.conftest import Command
from tests.unit.rotation.keyed_hub import KeyedHub


@pytest.fixture
def command(hub: KeyedHub) -> Command:
    own = hub.settings
    given = {"HUB_DATABASE_URL": str(own.database_url), "HUB_AGREEMENT": str(own.agreement), "HUB_COMMIT": "0" * 40}
    return Command(own.home, given)


def ok(ran) -> str:
    assert ran.returncode == 0, ran.stderr
    return " ".join(ran.stdout.split())


def refused(ran) -> str:
    assert ran.returncode == 1, ran.stdout
    assert "Traceback" not in ran.stderr
    return " ".join(ran.stderr.split())


def test_it_is_asked_for_approved_by_two_and_done(hub, command, tmp_path):
    def says(word: str, officer: str) -> tuple[str, ...]:
        key = tmp_path / f"{officer}.pem"
        key.write_bytes(hub.officers[officer])
        return "keys", "rekey", word, rotation, "--officer", officer, "--key", str(key), "--reason", "It is due"

    assert "hub keys rekey ask" in refused(command("keys", "rotate", "hub"))
    rotation = ok(command("keys", "rekey", "ask", "--reason", "A year has passed")).split()[-1]
    assert "words of none count now" in refused(command("keys", "rekey", "run"))
    assert "Not yet" in ok(command(*says("approve", "Ann Officer")))
    assert "Approved by officers of council and police" in ok(command(*says("approve", "Bob Officer")))
    assert "hub/1" not in ok(command("keys", "rekey", "list"))
    done = ok(command("keys", "rekey", "run", rotation[:12]))
    assert "Re-keyed and logged: 6 deliveries." in done
    assert "Every stored token is under the new version" in done
    (listed,) = json.loads(ok(command("keys", "rekey", "list", "--json")))
    assert (listed["from"], listed["to"]) == (1, 2)
    assert listed["finished"] != "not yet"
    assert "it protects 6 deliveries" in refused(command("keys", "retire", "hub/1", "--at-once"))
    assert hub.versions() == {2}


def test_one_officer_stops_it(hub, command, tmp_path):
    rotation, key = hub.asked(), tmp_path / "key.pem"
    key.write_bytes(hub.officers["Ann Officer"])
    said = ("--officer", "Ann Officer", "--key", str(key), "--reason", "The backup is not restored yet")
    assert "an officer refuses" in ok(command("keys", "rekey", "refuse", rotation, *said))
    assert "an officer refuses" in refused(command("keys", "rekey", "run"))
    assert "There is no such rotation" in refused(command("keys", "rekey", "run", "0" * 64))


def test_the_source_key_is_turned_and_its_overlap_ended(hub, command, tmp_path):
    def decided() -> str:
        for officer, key in hub.officers.items():
            file = tmp_path / f"{officer}.pem"
            file.write_bytes(key)
            said = ("--officer", officer, "--key", str(file), "--reason", "It is due")
            standing = ok(command("keys", "rekey", "approve", asked, *said))
        return standing

    assert "nothing that arrives counts" in refused(command("keys", "rekey", "end", "--reason", "It is over"))
    told = ok(command("keys", "rekey", "ask", "--key", "source", "--reason", "A copy was lost"))
    assert "all tokens from hub/1 to source/2" in told
    asked = told.split()[-1]
    assert "Approved by officers of council and police" in decided()
    assert "Seal source/2 to each authority" in ok(command("keys", "rekey", "run"))
    with transaction(hub.settings) as connection:  # as an authority's delivery was admitted that has not changed
        first = "council.marac_2024-Q1_001"
        connection.execute(update(AdmissionRow).where(AdmissionRow.delivery_id == first).values(source_keys="1"))
    told = ok(command("keys", "rekey", "end", "--reason", "All had a month"))
    assert "refused, unless it has changed by then" in told
    asked = told.split()[-1]
    decided()
    assert "what arrives without source/2 is refused from now on" in ok(command("keys", "rekey", "run"))
    listed = json.loads(ok(command("keys", "rekey", "list", "--json")))
    assert [each["key"] for each in listed] == ["source, overlap ends", "source"]
