"""The one road back: each authority is told which of its own records are meant, and nobody else is told anything."""

import csv
import hmac
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import text

from agreement.errors import AgreementRefusal
from agreement.policy import load_agreement
from audit.subjects import seen
from hub.clock import now
from hub.database import transaction
from keys.errors import KeyNotGranted
from keys.home import open_ring
from keys.purposes import Purpose
from keys.services import Service
from linkage.registered.forgetting import exclude
from publish.appointing import dismiss, new_key
from publish.officers import register
from publish.recipient_ids import RecipientIds
from reidentify import asking, fulfilling
from reidentify.asking import Officer, record_request, record_word
from reidentify.envelope import open_file
from reidentify.errors import EnvelopeRefused, FulfilmentRefused, ReidentificationError, RequestRefused, WordRefused
from reidentify.reading import Read, read
from reidentify.statements import Signed, Verdict
from reidentify.stored import find_request
from reidentify.target import About, Target
from tests.agreed import pem, signed
from tests.stored_log import rewrite_entry
from tests.unit.cli.conftest import Command
from tests.unit.publish.small_hub import Q3, an_id
from tests.unit.reidentify.conftest import REFERENCES, TEXTS, Road, private

THREE = ("police.recorded_crime", "probation.supervision", "council.marac")
RECIPIENT = "partnership_analysts"


def told(road: Road, path: str, authority: str) -> Read:
    return read(Path(path).read_bytes(), private(authority), load_agreement(road.settings))


def rows(found: Read, feed: str) -> list[str]:
    return ["\x1f".join(row) for row in found.tables[feed].iter_rows()]


# To whom ---------------------------------------------------------------------------------------------------------


def test_each_authority_is_told_of_its_own_records_and_of_no_others(road: Road) -> None:
    files = road.fulfil(road.approved(*THREE)).files
    assert sorted(files) == ["council", "police", "probation"] == road.outbox()
    own = {authority: told(road, path, authority) for authority, path in files.items()}
    assert {authority: list(found.tables) for authority, found in own.items()} == {
        "police": ["police.recorded_crime"],
        "probation": ["probation.supervision"],
        "council": ["council.marac"],
    }
    crimes = REFERENCES["police.recorded_crime"]
    assert rows(own["police"], "police.recorded_crime") == [crimes["a0"], crimes["a2"]]
    assert own["police"].tables["police.recorded_crime"].columns == ["crime_reference", "person_number"]
    assert rows(own["probation"], "probation.supervision") == ["Xanthippe-X320741"]
    assert rows(own["council"], "council.marac") == ["Xanthippe-MR-7"]
    assert [word.officer for word in own["police"].words] == ["police officer", "health officer"]


def test_no_other_authority_opens_it(road: Road) -> None:
    content = Path(road.fulfil(road.approved()).files["police"]).read_bytes()
    for other in ("council", "fire", "health", "probation", "yot"):
        with pytest.raises(EnvelopeRefused, match="another public key"):
            open_file(content, private(other))


def test_nothing_of_another_feed_is_sent_unless_it_is_named(road: Road) -> None:
    assert sorted(road.fulfil(road.approved("probation.supervision")).files) == ["probation"]


def test_no_id_goes_with_it_by_which_the_authority_could_know_the_person_in_a_release(road: Road) -> None:
    target = road.target()
    path = road.fulfil(road.approved(target=target)).files["police"]
    held = open_file(Path(path).read_bytes(), private("police")).content
    assert target.id not in str(held.model_dump())
    assert target.id.encode() not in Path(path).read_bytes()


def test_a_reviewer_of_pairs_asks_about_one_record_and_no_other_is_named(road: Road) -> None:
    """The ids that hub link review shows are records', under the hub's own ids."""
    path = road.fulfil(road.approved(target=Target.new("record", "hub", an_id("a", 2)))).files["police"]
    crimes = REFERENCES["police.recorded_crime"]
    assert rows(told(road, path, "police"), "police.recorded_crime") == [crimes["a2"]]


@pytest.mark.parametrize("about", ["person", "event"])
def test_a_recipients_own_id_leads_there_too(road: Road, about: About) -> None:
    road.ring.create(Purpose.RECIPIENT, RECIPIENT)
    keys = RecipientIds.of(road.ring, RECIPIENT)
    own, key = (road.target().id, keys.person) if about == "person" else (an_id("e", 0), keys.event)
    theirs = hmac_hex(key, own)
    path = road.fulfil(road.approved(target=Target.new(about, RECIPIENT, theirs))).files["police"]
    crimes = REFERENCES["police.recorded_crime"]
    expected = {"person": [crimes["a0"], crimes["a2"]], "event": [crimes["a0"], crimes["a1"]]}[about]
    assert rows(told(road, path, "police"), "police.recorded_crime") == expected


@pytest.mark.parametrize("about", ["person", "event"])
def test_an_id_of_an_older_release_leads_there_as_long_as_its_version_is_kept(road: Road, about: About) -> None:
    road.ring.create(Purpose.RECIPIENT, RECIPIENT)
    keys = RecipientIds.of(road.ring, RECIPIENT)
    own, key = (road.target().id, keys.person) if about == "person" else (an_id("e", 0), keys.event)
    older = hmac_hex(key, own)
    road.ring.rotate(Purpose.RECIPIENT, RECIPIENT)
    assert RecipientIds.of(road.ring, RECIPIENT) != keys
    path = road.fulfil(road.approved(target=Target.new(about, RECIPIENT, older))).files["police"]
    assert REFERENCES["police.recorded_crime"]["a0"] in rows(told(road, path, "police"), "police.recorded_crime")
    road.ring.retire(f"recipient/{RECIPIENT}/1")
    gone = road.approved(target=Target.new(about, RECIPIENT, older))
    with pytest.raises(FulfilmentRefused, match=f"under a version of {RECIPIENT}'s key that was retired"):
        road.fulfil(gone)


def hmac_hex(key: str, said: str) -> str:
    return hmac.new(key.encode(), said.encode(), sha256).hexdigest()[:32]


def test_a_record_that_its_authority_bars_is_not_told_of(road: Road) -> None:
    road.bar("police.recorded_crime", Q3, an_id("a", 0))
    path = road.fulfil(road.approved()).files["police"]
    assert rows(told(road, path, "police"), "police.recorded_crime") == [REFERENCES["police.recorded_crime"]["a2"]]


@pytest.mark.parametrize("ground", ["restricted", "objected"])
def test_who_had_the_data_restricted_or_objected_is_not_told_of(road: Road, ground: str) -> None:
    target = road.target()
    asked = road.approved(target=target)
    with transaction(road.settings) as connection:
        exclude(connection, target.id, ground)
    with pytest.raises(FulfilmentRefused, match="restricted"):
        road.fulfil(asked)
    assert road.outbox() == []


def test_what_the_hospital_sealed_goes_back_as_it_is(road: Road) -> None:
    road.agree(consenting_hospital)
    content = Path(road.fulfil(road.approved("health.emergency_care")).files["health"]).read_bytes()
    agreement, source = load_agreement(road.settings), road.ring.key(Purpose.SOURCE)
    with pytest.raises(EnvelopeRefused, match="under the source key"):
        read(content, private("health"), agreement)
    found = read(content, private("health"), agreement, source)
    assert rows(found, "health.emergency_care") == ["Xanthippe-A&E-1"]


def consenting_hospital(terms: dict[str, Any]) -> None:
    terms["feeds"]["health.emergency_care"]["purposes"].append("safeguarding")
    terms["feeds"]["health.emergency_care"]["reidentification"] = {"consent": "CR-9", "purposes": ["safeguarding"]}


def test_references_sealed_under_an_older_version_of_the_key_open(road: Road) -> None:
    road.ring.rotate(Purpose.REFERENCE)
    assert road.fulfil(road.approved()).files


# What is logged --------------------------------------------------------------------------------------------------


def test_each_step_is_in_the_log_and_the_person_can_be_told(road: Road) -> None:
    target = road.target()
    asked = road.approved(*THREE, target=target)
    files = road.fulfil(asked).files
    digest = asked.statement.digest
    (entry,) = road.said(action="reidentify:request:decision")
    assert (entry["actor"], entry["clause"]) == ("asker", "Children Act 2004 s.11")
    assert entry["detail"] == {"request": digest, "about": "person", "feeds": 3}
    words = road.said(action="reidentify:word:decision")
    assert [entry["actor"] for entry in words] == ["police officer", "health officer"]
    sent = {entry["recipient"]: entry for entry in road.said(action="reidentify:reference:disclosure")}
    assert {name: (entry["feed"], entry["rows"], entry["detail"]["persons"]) for name, entry in sent.items()} == {
        "police": ("police.recorded_crime", 2, 1),
        "probation": ("probation.supervision", 1, 1),
        "council": ("council.marac", 1, 1),
    }
    for name, path in files.items():
        assert sent[name]["detail"]["sha256"] == sha256(Path(path).read_bytes()).hexdigest()
    assert road.unsigned() == 0
    with transaction(road.settings) as connection:
        assert len(seen(connection, target.id)) == 3
        assert seen(connection, road.target("man").id) == []


def test_neither_an_id_nor_a_reference_lies_open_anywhere(road: Road) -> None:
    target = road.target()
    road.fulfil(road.approved(*THREE, target=target))
    logged = str(road.said())
    assert target.id not in logged
    held = [path.read_bytes() for path in road.settings.home.rglob("*") if path.is_file()]
    tables = ("reidentification_request", "reidentification_word", "reidentification_envelope")
    held += [str(road.rows(f"SELECT * FROM hub.{table}")).encode() for table in tables]
    canaries = [part.encode() for each in TEXTS for part in each.split("\x1f")]
    assert [canary for canary in [target.id.encode(), *canaries] for content in held if canary in content] == []


def test_whom_it_was_about_is_forgotten_at_the_end(road: Road) -> None:
    asked = road.ask()
    with transaction(road.settings) as connection:
        assert find_request(connection, asked.statement.digest).target is not None
    road.say(asked, "police officer", Verdict.REFUSE)
    with transaction(road.settings) as connection:
        assert find_request(connection, asked.statement.digest).target is None


# Refused, and logged ---------------------------------------------------------------------------------------------


def nothing_left(road: Road, why: str) -> None:
    assert road.outbox() == []
    assert road.logged("reidentify:reference:disclosure") == 0
    assert why in road.refused()[-1]


def test_a_feed_whose_controller_did_not_consent_is_refused_under_the_clause(road: Road) -> None:
    with pytest.raises(AgreementRefusal, match=r"DPA 2018 s\.171: the controller of health.emergency_care") as refused:
        road.ask("police.recorded_crime", "health.emergency_care")
    assert len(str(refused.value).splitlines()) == 1
    nothing_left(road, "s.171")


def test_consent_taken_back_before_the_effect_stops_it(road: Road) -> None:
    asked = road.approved()
    road.agree(lambda terms: terms["feeds"]["police.recorded_crime"].pop("reidentification"))
    with pytest.raises(ReidentificationError):
        road.fulfil(asked)
    nothing_left(road, "another agreement")


@pytest.mark.parametrize("by", [[], ["police officer"], ["council officer"]])
def test_fewer_than_two_approvals_open_nothing(road: Road, by: list[str]) -> None:
    asked = road.ask()
    for name in by:
        road.say(asked, name)
    with pytest.raises(FulfilmentRefused):
        road.fulfil(asked)
    nothing_left(road, f"{len(by)} of 2 officers")


def test_two_approvals_of_one_authority_open_nothing(road: Road) -> None:
    asked = road.ask(by="police officer")
    for name in ("asker", "council officer"):
        road.say(asked, name)
    with pytest.raises(FulfilmentRefused):
        road.fulfil(asked)
    nothing_left(road, "of different authorities")


def test_nobody_approves_his_own_request(road: Road) -> None:
    asked = road.ask()
    with pytest.raises(WordRefused, match="rule 5"):
        road.say(asked, "asker")
    nothing_left(road, "rule 5")


def test_an_engineer_approves_nothing(road: Road) -> None:
    asked, (secret, _) = road.ask(), new_key()
    with pytest.raises(WordRefused, match="rule 2"):
        asking.decide(road.settings, asked.statement.digest, Officer("engineer", secret), Verdict.APPROVE, "Please")
    nothing_left(road, "rule 2")


def test_an_engineer_who_writes_approvals_into_the_table_opens_nothing(road: Road) -> None:
    asked = road.ask()
    other = road.ask()
    for name in ("police officer", "health officer"):
        road.say(other, name)
    with transaction(road.settings) as connection:
        connection.execute(
            text("UPDATE hub.reidentification_word SET request = :asked"), {"asked": asked.statement.digest}
        )
    with pytest.raises(ReidentificationError):
        road.fulfil(asked)
    nothing_left(road, "the log knows of words on it that are gone")


def test_a_refusal_taken_out_of_the_table_still_stands(road: Road) -> None:
    asked = road.approved()
    road.say(asked, "council officer", Verdict.REFUSE)
    with transaction(road.settings) as connection:
        connection.execute(text("DELETE FROM hub.reidentification_word WHERE statement LIKE '%refuse%'"))
        connection.execute(text("UPDATE hub.reidentification_request SET state = 'asked'"))
    with pytest.raises(FulfilmentRefused, match="gone"):
        road.fulfil(asked)
    nothing_left(road, "gone")


def test_another_person_put_in_the_place_opens_nothing(road: Road) -> None:
    asked = road.approved()
    with transaction(road.settings) as connection:
        own = {"id": road.target("man").id}
        connection.execute(text("UPDATE hub.reidentification_request SET target_id = :id"), own)
    with pytest.raises(RequestRefused, match="rule 4"):
        road.fulfil(asked)
    nothing_left(road, "rule 4")


def test_a_changed_request_opens_nothing(road: Road) -> None:
    asked = road.approved()
    with transaction(road.settings) as connection:
        wider = "UPDATE hub.reidentification_request SET statement = replace(statement, 'at risk', 'in reach')"
        connection.execute(text(wider))
    with pytest.raises(FulfilmentRefused, match="this very request"):
        road.fulfil(asked)
    nothing_left(road, "this very request")


def test_an_expired_request_opens_nothing(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = road.approved()
    later = now() + timedelta(days=8)
    monkeypatch.setattr(asking, "now", lambda: later)
    with pytest.raises(RequestRefused, match="rule 3"):
        road.fulfil(asked)
    nothing_left(road, "expired")


def test_an_officer_dismissed_in_between_has_approved_nothing(road: Road) -> None:
    asked = road.approved()
    secret = serialization.load_pem_private_key(road.officers["health officer"], None)
    public = secret.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    word = dismiss(load_agreement(road.settings), "health officer", public, "health", pem("health"), now().date())
    register(road.settings, word.document())
    with pytest.raises(WordRefused, match="rule 2"):
        road.fulfil(asked)
    nothing_left(road, "rule 2")


def test_a_request_and_a_word_are_recorded_once(road: Road) -> None:
    target = road.target()
    asked = road.ask(target=target)
    word = road.say(asked, "police officer")
    with pytest.raises(RequestRefused, match="made before"):
        record_request(road.settings, asked, target)
    with pytest.raises(WordRefused, match="has spoken"):
        record_word(road.settings, word)
    nothing_left(road, "spoken" if "spoken" in road.refused()[-1] else "made before")


def test_a_fulfilled_request_is_not_fulfilled_again_even_by_who_writes_tables(road: Road) -> None:
    asked = road.approved()
    road.fulfil(asked)
    shutil.rmtree(road.settings.home / "outbox")
    with pytest.raises(FulfilmentRefused, match="fulfilled before"):
        road.fulfil(asked)
    with transaction(road.settings) as connection:
        connection.execute(text("UPDATE hub.reidentification_request SET state = 'asked'"))
    with pytest.raises(FulfilmentRefused, match="fulfilled before"):
        road.fulfil(asked)
    assert road.outbox() == []


def test_nothing_is_opened_while_the_log_does_not_verify(road: Road) -> None:
    asked = road.approved()
    with transaction(road.settings) as connection:
        rewrite_entry(connection, 2, lambda entry: entry.replace(b"until", b"UNTIL"))
    with pytest.raises(FulfilmentRefused, match="does not verify"):
        road.fulfil(asked)
    assert road.outbox() == []


def test_an_officer_asks_three_times_a_day_and_no_more(road: Road) -> None:
    for _ in range(3):
        road.ask()
    with pytest.raises(RequestRefused, match="no officer has more than 3"):
        road.ask()
    road.ask(by="police officer")
    assert "no officer has more than 3" in " ".join(road.refused())


def test_a_person_without_records_there_is_refused(road: Road) -> None:
    asked = road.approved("probation.supervision", target=road.target("man"))
    with pytest.raises(FulfilmentRefused, match="no record"):
        road.fulfil(asked)
    nothing_left(road, "no record")


def test_only_the_part_that_fulfils_may_open_references(road: Road) -> None:
    for service in (Service.ENGINEER, Service.OFFICER, Service.PUBLISH, Service.LINK, Service.CONSOLE):
        with pytest.raises(KeyNotGranted):
            open_ring(road.settings, service).key(Purpose.REFERENCE)


# Killed ----------------------------------------------------------------------------------------------------------


def test_killed_before_the_files_are_out_the_rerun_hands_them_out(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = road.approved(*THREE)
    with monkeypatch.context() as broken:
        broken.setattr(fulfilling, "hand_out", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            road.fulfil(asked)
    assert road.outbox() == []
    assert road.logged("reidentify:reference:disclosure") == 3
    road.fulfil(asked)
    assert road.outbox() == ["council", "police", "probation"]
    assert road.logged("reidentify:reference:disclosure") == 3


def test_killed_while_it_is_sealed_nothing_happened(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = road.approved(*THREE)
    with monkeypatch.context() as broken:
        broken.setattr(fulfilling, "checkpoint", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            road.fulfil(asked)
    nothing = road.rows("SELECT count(*) FROM hub.reidentification_envelope")
    assert (nothing, road.outbox(), road.logged("reidentify:reference:disclosure")) == ([(0,)], [], 0)
    assert len(road.fulfil(asked).files) == 3


# What the authority proves ---------------------------------------------------------------------------------------


def test_a_file_that_nobody_approved_is_not_believed(road: Road) -> None:
    asked = road.approved()
    path = Path(road.fulfil(asked).files["police"])
    agreement = load_agreement(road.settings)
    unsigned = signed(agreement, but=["police"])
    with pytest.raises(EnvelopeRefused, match="has not signed"):
        read(path.read_bytes(), private("police"), unsigned)
    road.agree(lambda terms: terms.update(title="Another"))
    with pytest.raises(EnvelopeRefused, match="not proved"):
        read(path.read_bytes(), private("police"), load_agreement(road.settings))


@pytest.mark.parametrize("place", [0, 3, 40, 200, -1])
def test_altered_bytes_do_not_open(road: Road, place: int) -> None:
    content = bytearray(Path(road.fulfil(road.approved()).files["police"]).read_bytes())
    content[place] ^= 1
    with pytest.raises(EnvelopeRefused):
        open_file(bytes(content), private("police"))


# The command -----------------------------------------------------------------------------------------------------


def hub(road: Road, *words: str, given: str = "", ok: bool = True) -> str:
    own = {"HUB_CONFIG": str(road.settings.config), "HUB_COMMIT": "0" * 40}
    ran = Command(road.settings.home, own | {"HUB_DATABASE_URL": str(road.settings.database_url)})(*words, given=given)
    assert (ran.returncode == 0) is ok, ran.stderr
    return ran.stdout + ran.stderr


def test_the_command_leads_from_the_request_to_the_authoritys_own_file(road: Road, tmp_path: Path) -> None:
    for officer, secret in road.officers.items():
        (tmp_path / f"{officer}.pem").write_bytes(secret)
    target = road.target()

    def as_(name: str) -> list[str]:
        return ["--officer", name, "--key", str(tmp_path / f"{name}.pem"), "--reason", "A child may be at risk"]

    said = ["--feed", "police.recorded_crime", "--purpose", "safeguarding", "--clause", "Children Act 2004 s.11"]
    shown = hub(road, "reidentify", "request", "-", *said, *as_("asker"), given=f"{target.id}\n")
    name = shown.split("request ")[1][:12]
    for officer in ("police officer", "health officer"):
        shown += hub(road, "reidentify", "approve", name, *as_(officer))
    shown += hub(road, "reidentify", "show", name) + hub(road, "reidentify", "list")
    shown += hub(road, "reidentify", "fulfil", name)
    key = tmp_path / "police.pem"
    key.write_bytes(
        private("police").private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    key.chmod(0o600)
    file = road.settings.home / "outbox" / "police" / f"{name}.sealed"
    shown += hub(road, "reidentify", "open", str(file), "--private", str(key), "--out", str(tmp_path / "told"))
    written = tmp_path / "told" / "police.recorded_crime.csv"
    assert written.stat().st_mode & 0o777 == 0o600
    found = list(csv.DictReader(written.read_text().splitlines()))
    assert [row["crime_reference"] for row in found] == ["Xanthippe-C/0", "Xanthippe-C/2"]
    assert "Xanthippe" not in shown
    assert target.id not in shown
    again = hub(road, "reidentify", "fulfil", name, ok=False)
    assert "fulfilled before" in again
    assert len(again.strip().splitlines()) == 1


def test_a_signature_carried_over_counts_for_nothing(road: Road) -> None:
    asked = road.ask()
    forged = Signed(asked.statement.model_copy(update={"purpose": "strategy"}), asked.signature)
    with pytest.raises(RequestRefused, match="rule 1"):
        record_request(road.settings, forged, road.target())
