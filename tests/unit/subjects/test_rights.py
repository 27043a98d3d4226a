"""A person is found by tokens, told, restricted, and erased so that nothing of the person is left, and others stay."""

import json
import os
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import insert

from hub import database
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.errors import KeyNotGranted
from keys.home import open_ring
from keys.ring import KeyRing
from keys.services import Service
from linkage.models import LinkDecision, LinkQuestion
from linkage.registered.forgetting import excluded_persons
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.scheme_keys import source_keys
from pseudonymise.subject import source_form
from publish.errors import OrderRefused, PublicationRefused, ReadingRefused
from publish.ordering import Officer
from publish.publication import publish
from publish.reading import read_release
from publish.releases import releases
from reidentify.models import RequestRow
from retention.holds import hold
from retention.running import run
from store.shredding import stale_files
from subjects.erasing import Erased, erase
from subjects.errors import SubjectHeld, SubjectUnknown
from subjects.exporting import export
from subjects.finding import find, is_enough
from subjects.restricting import judge, lift, restrict
from tests.cases import takes_long
from tests.unit.publish.small_hub import OFFICER, Q3, Hub, an_id
from tests.unit.retention.full_hub import CANARIES, CRIME, GIRL, records
from tests.unit.retention.killing import Killed, die, kill_for_good, stop_at
from tests.unit.retention.trying import database_bytes, database_text, every_key, opens, zone_files

HERS = [an_id("a", 0), an_id("a", 2), an_id("b", 0)]
ZONES = ("landing", "quarantine", "records", "events", "candidates", "releases")


def ring(hub: Hub) -> KeyRing:
    return open_ring(hub.settings, Service.SUBJECTS)


def officer(hub: Hub, name: str = OFFICER, reason: str = "the person asked") -> Officer:
    return Officer(name, reason, hub.officer_key)


def details(hub: Hub, **given: str) -> bytes:
    """What an authority sends, which holds the source key."""
    return source_form(given, source_keys(hub.ring.serving(Service.INGEST)))


def girl(hub: Hub) -> str:
    """The hub's id of the girl of two crimes and one attendance."""
    (row,) = hub.rows(f"SELECT DISTINCT person_id FROM hub.membership WHERE record_id = '{HERS[0]}'")
    return str(row[0])


def read(hub: Hub, release: str) -> pl.DataFrame:
    return read_release(hub.settings, release, "partnership_analysts", "strategy", "person", None, now().date())


def test_a_person_is_found_by_name_and_birthday_in_every_feed(hub: Hub) -> None:
    document = details(hub, forename="  zephyrine ", surname="QUILLFEATHER", date_of_birth=GIRL[2])
    (found,) = find(hub.settings, ring(hub), officer(hub), document)
    assert found.person_id == girl(hub)
    assert found.feeds == {"health.emergency_care": 1, "police.recorded_crime": 2}
    assert {"full_name", "date_of_birth"} <= set(found.agreeing)


def test_a_number_alone_finds_and_a_name_alone_does_not(hub: Hub) -> None:
    (found,) = find(hub.settings, ring(hub), officer(hub), details(hub, nhs_number=str(GIRL[3])))
    assert found.person_id == girl(hub)
    assert find(hub.settings, ring(hub), officer(hub), details(hub, forename="Zephyrine", surname="Quillfeather")) == []
    assert not is_enough({"token_date_of_birth", "token_surname", "token_forename"})


def test_looking_is_logged_without_whom_and_told_to_the_next_who_asks(hub: Hub) -> None:
    document = details(hub, nhs_number=str(GIRL[3]))
    find(hub.settings, ring(hub), officer(hub), document)
    (told,) = hub.said(action="subjects:person:consultation")
    assert (told["actor"], told["justification"], told["detail"]["found"]) == (OFFICER, "the person asked", 1)
    assert girl(hub) not in json.dumps(hub.said())
    tokens = json.loads(document)["tokens"].values()
    assert not any(token in database_text(hub.settings) for token in tokens)
    assert hub.unsigned() == 0


def test_details_are_refused_in_words_that_do_not_repeat_them(hub: Hub) -> None:
    for given in ({"Zephyrine": "Quillfeather"}, {"nhs_number": "Zephyrine"}, {}):
        with pytest.raises(EncodedFormRefused) as refused:
            details(hub, **given)
        assert "Zephyrine" not in str(refused.value)
    with pytest.raises(EncodedFormRefused, match="Have the authority make it again"):
        find(hub.settings, ring(hub), officer(hub), b"{}")


def test_the_hubs_own_service_for_it_has_no_source_key(hub: Hub) -> None:
    with pytest.raises(KeyNotGranted):
        source_keys(ring(hub))


def test_only_an_appointed_officer_is_obeyed_and_a_refusal_is_logged(hub: Hub) -> None:
    for act in (
        lambda given: find(hub.settings, ring(hub), given, details(hub, nhs_number=str(GIRL[3]))),
        lambda given: export(hub.settings, ring(hub), given, girl(hub)),
        lambda given: restrict(hub.settings, ring(hub), given, girl(hub)),
        lambda given: judge(hub.settings, ring(hub), given, girl(hub), upheld=True),
        lambda given: erase(hub.settings, ring(hub), given, girl(hub)),
    ):
        with pytest.raises(OrderRefused, match="no appointment"):
            act(officer(hub, "somebody"))
    assert len(hub.said(action="publish:order:refusal")) == 5
    assert hub.rows("SELECT 1 FROM hub.exclusion UNION ALL SELECT 1 FROM hub.officer_order") == []
    with pytest.raises(SubjectUnknown):
        erase(hub.settings, ring(hub), officer(hub), "f" * 32)


def test_an_export_tells_everything_and_of_nobody_else(hub: Hub) -> None:
    read(hub, "2026-Q3-v1")
    told = json.loads(export(hub.settings, ring(hub), officer(hub), girl(hub)))
    assert {(part["feed"], part["period"], len(part["events"])) for part in told["held"]} == {
        ("police.recorded_crime", "2026-Q2", 1),
        ("police.recorded_crime", "2026-Q3", 2),
        ("health.emergency_care", "2026-Q3", 1),
    }
    first = next(part for part in told["held"] if part["period"] == "2026-Q3" and part["feed"] == CRIME)
    assert first["events"][0]["role"] == "victim"
    assert "suspect" not in json.dumps(told["held"])  # who else took part
    assert "token_nhs_number" in first["linked_by"]
    assert told["feeds"][CRIME]["supplied_by"] == "Commissioner of Police of the Metropolis"
    assert {"publish:release:disclosure", "publish:table:consultation"} <= {act["action"] for act in told["seen_by"]}
    assert told["recipients"] == {"partnership_analysts": "Analysts of the Safer Kingston Partnership"}
    (logged,) = hub.said(action="subjects:person:disclosure")
    assert (logged["recipient"], logged["detail"]["events"]) == ("the data subject", 4)
    assert not any(record in json.dumps(told) for record in (*HERS, girl(hub)))


def test_a_restricted_person_is_kept_and_in_no_release(hub: Hub) -> None:
    before = read(hub, "2026-Q3-v1").height
    assert restrict(hub.settings, ring(hub), officer(hub), girl(hub)) == ["2026-Q2-v1", "2026-Q3-v1"]
    with pytest.raises(ReadingRefused, match="withdrawn"):
        read(hub, "2026-Q3-v1")
    assert zone_files(hub.settings, "releases") == []
    built = hub.build()
    hub.decide(built.release)
    publish(hub.settings, hub.ring, built.release)
    assert built.release == "2026-Q3-v2"
    assert read(hub, "2026-Q3-v2").height == before - 1
    assert hub.rows(f"SELECT 1 FROM hub.membership WHERE person_id = '{girl(hub)}'")
    assert lift(hub.settings, ring(hub), officer(hub), girl(hub))
    assert hub.build().release == "2026-Q3-v3"


def test_a_candidate_from_before_is_not_published_with_a_person_who_rightly_objected(hub: Hub) -> None:
    hub.agree(lambda terms: terms.update(title="Another"))
    built = hub.build()
    hub.decide(built.release)
    judge(hub.settings, ring(hub), officer(hub), girl(hub), upheld=True)
    with pytest.raises(PublicationRefused, match="rightly objected"):
        publish(hub.settings, hub.ring, built.release)
    assert hub.said(action="subjects:objection:decision")[0]["detail"]["upheld"] is True


def test_an_overruled_objection_changes_nothing_but_the_log(hub: Hub) -> None:
    judge(hub.settings, ring(hub), officer(hub), girl(hub), upheld=False)
    with transaction(hub.settings) as connection:
        assert excluded_persons(connection) == frozenset()
    assert hub.build().unchanged


def test_who_takes_over_records_of_a_restricted_person_is_left_out_too(hub: Hub) -> None:
    judge(hub.settings, ring(hub), officer(hub), girl(hub), upheld=True)
    hub.link({"girl": ["a3", "a0", "a2", "b0"], "man": ["a1", "a4"]})  # merged: whichever id stays
    hub.link({"one": ["a3", "a0"], "two": ["a2", "b0"], "man": ["a1", "a4"]})  # and split again
    with transaction(hub.settings) as connection:
        left_out = excluded_persons(connection)
    owner = dict(hub.rows("SELECT record_id, person_id FROM hub.membership"))
    assert {owner[record] for record in HERS} <= left_out
    assert owner[an_id("a", 1)] not in left_out


def erased(hub: Hub) -> Erased:
    return erase(hub.settings, ring(hub), officer(hub), girl(hub))


def tokens_of(hub: Hub) -> list[str]:
    """Every token that is hers alone."""
    mine, his = (records(hub, CRIME, [name]) for name in ("a0", "a1"))
    columns = [name for name in mine.columns if name.startswith("token_") and mine[name][0] != his[name][0]]
    return [mine[name][0] for name in columns if mine[name][0]]


def sealed_content(hub: Hub) -> str:
    """All that the tables and the plain files say, for who has every key."""
    from store.tables import read_table
    from subjects.tables import stored_tables

    with transaction(hub.settings) as connection:
        held = list(stored_tables(hub.settings, connection, hub.ring))
    frames = []
    for path in zone_files(hub.settings, "records", "events"):
        zone, name = path.relative_to(hub.settings.home / "zones").parts[0], "/".join(path.parts[-2:])
        keys = [each.key for each in held if opens(hub.settings, path, [each.key])]
        frames.append(read_table(hub.settings, zone, name, keys[0]).rows())  # type: ignore[arg-type]
    return str(frames)


def ask_about(settings: Settings, person: str) -> None:
    """A reviewer's question and decision on records of a person, and an open request for re-identification."""
    pair = {"record_id_l": HERS[0], "record_id_r": an_id("a", 1)}
    question = {
        "feed_l": CRIME, "feed_r": CRIME, "joined": True, "match_weight": 1.0, "value": 1.0, "levels": "{}",
        "bits": "{}", "held_by": None, "period": str(Q3), "model_version": "",
    }  # fmt: skip
    decision = {"verdict": "apart", "ground": "pattern", "actor": "user:x", "at": now()}
    request = {
        "digest": "0" * 64, "statement": "{}", "signature": b"", "target_under": "hub", "target_id": person,
        "target_salt": b"salt", "state": "asked", "recorded_at": now(), "expires_at": now() + timedelta(days=1),
    }  # fmt: skip
    with transaction(settings) as connection:
        connection.execute(insert(LinkQuestion).values(pair | question))
        connection.execute(insert(LinkDecision).values(pair | decision))
        connection.execute(insert(RequestRow).values(request))


def test_after_an_erasure_no_byte_of_the_person_is_left_and_all_others_are(hub: Hub) -> None:
    person, tokens = girl(hub), tokens_of(hub)
    ask_about(hub.settings, person)
    traces = [*HERS, person, *tokens]
    copies = {path: path.read_bytes() for path in zone_files(hub.settings, *ZONES)}
    assert all(trace in sealed_content(hub) + database_text(hub.settings) for trace in traces)

    done = erased(hub)

    assert (done.records, done.deliveries, done.feeds) == (3, 3, ("health.emergency_care", CRIME))
    assert done.releases == ("2026-Q2-v1", "2026-Q3-v1")
    assert done.files == len([path for path in copies if not path.exists() and "releases" not in path.parts])
    content = sealed_content(hub)
    assert not any(trace in content for trace in traces)
    assert not any(trace in database_text(hub.settings) for trace in traces)
    for part in database_bytes(hub.settings):
        assert not any(trace.encode() in part for trace in traces)
    for path, before in copies.items():  # what somebody copied before opens under no key that is left
        if not path.exists() and "releases" not in path.parts:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(before)
            assert not opens(hub.settings, path, every_key(hub))
    assert all(an_id("a", number) in content for number in (1, 3, 4))
    assert an_id("e", 1) not in content  # in which nobody else took part
    assert an_id("e", 0) in content
    assert hub.unsigned() == 0


def test_the_log_keeps_that_it_happened_and_nobody_can_tell_to_whom(hub: Hub) -> None:
    from audit.subjects import seen

    person = girl(hub)
    erased(hub)
    (told,) = hub.said(action="subjects:person:erasure")
    assert (told["actor"], told["justification"], told["detail"]["records"]) == (OFFICER, "the person asked", 3)
    with transaction(hub.settings) as connection:
        assert seen(connection, person) == []
    assert not any(word in json.dumps(hub.said()) for word in (*CANARIES, person, *HERS))
    assert {entry["recipient"] for entry in hub.said(action="publish:release:erasure")} == {"partnership_analysts"}


def test_the_next_release_is_without_the_person_and_links_again(hub: Hub) -> None:
    before = read(hub, "2026-Q3-v1").height
    erased(hub)
    hub.link({"man": ["a1", "a4"], "other": ["a3"]})
    built = hub.build()
    hub.decide(built.release)
    publish(hub.settings, hub.ring, built.release)
    assert read(hub, built.release).height == before - 1
    assert [each.state for each in releases(hub.settings)] == ["withdrawn", "withdrawn", "published"]


def test_nothing_under_a_legal_hold_is_erased(hub: Hub) -> None:
    hold(hub.settings, officer(hub), CRIME, now().date() + timedelta(days=30))
    before = {path: path.read_bytes() for path in zone_files(hub.settings, *ZONES)}
    with pytest.raises(SubjectHeld, match=r"Art 17\(3\)\(e\)"):
        erased(hub)
    assert {path: path.read_bytes() for path in zone_files(hub.settings, *ZONES)} == before
    assert len(hub.said(action="publish:order:refusal")) == 1


STOPS = [
    ("subjects.erasing", "reseal"),
    ("store.resealing", "destroy_data_key"),
    ("subjects.erasing", "withdraw_with"),
    ("subjects.erasing", "forget_salts"),
    ("subjects.acting", "checkpoint"),
    ("subjects.erasing", "finish"),
    ("store.shredding", "remove"),
    ("subjects.erasing", "scrub"),
]
REST = [stop for stop in STOPS if stop not in STOPS[::3]]


@pytest.mark.parametrize(
    ("module", "function"), [*STOPS[::3], *(pytest.param(*stop, marks=takes_long) for stop in REST)]
)
def test_stopped_anywhere_all_of_it_is_done_or_none(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, module: str, function: str
) -> None:
    person = girl(hub)
    stop_at(monkeypatch, module, function, 1, die)
    with pytest.raises(Killed):
        erased(hub)
    monkeypatch.undo()
    require_all_or_none(hub, person)


@takes_long
@pytest.mark.parametrize(("module", "function"), STOPS)
@pytest.mark.parametrize("call", [1, 2, 3])
def test_killed_anywhere_all_of_it_is_done_or_none(hub: Hub, module: str, function: str, call: int) -> None:
    person = girl(hub)
    database.engine(hub.settings).dispose()
    kill_for_good(hub, person, module, function, call)
    require_all_or_none(hub, person)


def require_all_or_none(hub: Hub, person: str) -> None:
    """Was nothing done, it can be done again; else a run of retention does what is left."""
    if hub.rows(f"SELECT 1 FROM hub.person WHERE person_id = '{person}'"):
        assert sorted(each.state for each in releases(hub.settings)) == ["candidate", "published"]
        assert hub.build(Q3).unchanged
        erase(hub.settings, ring(hub), officer(hub), person)
    run(hub.settings, open_ring(hub.settings, Service.RETENTION))
    content = sealed_content(hub) + database_text(hub.settings)
    assert not any(trace in content for trace in (*HERS, person))
    assert zone_files(hub.settings, "releases") == []
    assert hub.rows("SELECT name FROM hub.unscrubbed") == []
    assert all(_is_known(path, hub) for path in zone_files(hub.settings, "records", "events"))


def _is_known(path: Path, hub: Hub) -> bool:
    """Whether a key that is left opens it, or nobody ever kept one: the sweep takes it when it is a day old."""
    os.utime(path, (0, 0))
    return opens(hub.settings, path, every_key(hub)) or any(
        path.name == Path(each.name).name for each in stale_files(hub.settings)
    )
