"""``hub audit`` as a reviewer uses it: the real command in a home, and its parts against a database."""

import base64
import json
import os
import pwd
from datetime import UTC, datetime

import pytest

from audit.events import Action, Entry
from audit.log import append, size
from audit.query import Kept
from audit.subjects import disclose, seen
from cli.audit.acting import acting
from cli.audit.filters import wanted
from cli.audit.person import PersonUnknown, who_has_seen
from cli.audit.reading import lines
from hub.database import transaction
from tests.unit.linkage.test_former_ids import link
from witness import verify_log

ME = f"user:{pwd.getpwuid(os.getuid()).pw_name}"
NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
WHO = {"actor": "service:hub", "code_commit": "0" * 40}


def ok(ran) -> str:
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture
def exported(made, tmp_path):
    """An export of the home's whole log."""
    folder = tmp_path / "export"
    ok(made("audit", "export", str(folder), "--to", "council", "--reason", "yearly review"))
    return folder


def test_the_list_shows_the_keys_made_with_the_home(made):
    told = ok(made("audit", "list", "--verb", "key"))
    assert "keys:key:key" in told
    assert "service:hub" in told


def test_the_list_for_a_program(made):
    found = json.loads(ok(made("audit", "list", "--json", "--action", "keys:key:key")))
    assert [(entry["index"], entry["actor"]) for entry in found] == [(0, "service:hub")]


def test_a_filter_that_nothing_passes(made):
    assert json.loads(ok(made("audit", "list", "--json", "--authority", "police"))) == []


@pytest.mark.parametrize("words", [["--verb", "keyy"], ["--since", "nonsense"], ["--action", "keys"]])
def test_a_wrong_filter_is_one_sentence(made, words):
    ran = made("audit", "list", *words)
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert f"the filter {words[0][2:]}" in ran.stderr


def test_one_entry_whole(made):
    told = ok(made("audit", "show", "0"))
    assert "the keys of this home's ring, made here" in told
    assert "detail.audit" in told
    assert json.loads(ok(made("audit", "show", "0", "--json")))["action"] == "keys:key:key"


@pytest.mark.parametrize("command", ["show", "prove"])
def test_an_entry_that_is_not_there(made, command):
    ran = made("audit", command, "999")
    assert ran.returncode == 1
    assert "entry 999" in ran.stderr


def test_a_proof_convinces_with_nothing_but_itself(made):
    told, _, note = ok(made("audit", "prove", "0")).partition("\n\n")
    head, extra, index, *hashes = told.split("\n")
    assert (head, index) == ("c2sp.org/tlog-proof@v1", "index 0")
    point = verify_log.parse_checkpoint(note)
    entry = base64.b64decode(extra.removeprefix("extra "))
    proof = [base64.b64decode(line) for line in hashes]
    assert json.loads(entry)["action"] == "keys:key:key"
    assert verify_log.verify_inclusion(verify_log.leaf_hash(entry), 0, point.size, proof, point.root)


def test_a_proof_for_a_program(made):
    found = json.loads(ok(made("audit", "prove", "0", "--json")))
    point = verify_log.parse_checkpoint(found["checkpoint"])
    proof = [base64.b64decode(step) for step in found["proof"]]
    leaf = verify_log.leaf_hash(base64.b64decode(found["bytes"]))
    assert (found["size"], base64.b64decode(found["root"])) == (point.size, point.root)
    assert verify_log.verify_inclusion(leaf, found["index"], point.size, proof, point.root)


def test_an_export_is_verified_from_outside_and_logged_under_a_checkpoint(made, exported):
    about = json.loads((exported / "export.json").read_text())
    assert verify_log.main([str(exported), "--log-key", about["log_key"], "--entry", "0"]) == 0
    (entry,) = json.loads(ok(made("audit", "list", "--json", "--verb", "disclosure", "--limit", "1")))
    assert (entry["actor"], entry["recipient"], entry["justification"]) == (ME, "council", "yearly review")
    assert entry["rows"] == about["entries"]
    assert "0 entries since the last" in ok(made("audit", "verify", "--without-witnesses"))


def test_an_export_writes_nothing_over(made, exported):
    ran = made("audit", "export", str(exported), "--format", "csv")
    assert ran.returncode == 1
    assert str(exported) in ran.stderr
    assert not (exported / "entries.csv").exists()


@pytest.mark.parametrize(("kind", "file"), [("csv", "entries.csv"), ("parquet", "entries.parquet")])
def test_an_export_to_read(made, tmp_path, kind, file):
    ok(made("audit", "export", str(tmp_path / kind), "--format", kind, "--verb", "key"))
    assert (tmp_path / kind / file).stat().st_size


def test_a_digest_of_a_day(made):
    day = json.loads(ok(made("audit", "show", "0", "--json")))["at"][:10]
    found = json.loads(ok(made("audit", "digest", day, "--json")))
    assert found["day"] == day
    assert {"rule": "key", "entries": [0]}.items() <= {
        "rule": found["findings"][-1]["rule"]["name"],
        "entries": found["findings"][-1]["entries"],
    }.items()
    assert "service:hub did keys:key:key once." in ok(made("audit", "digest", day))


def test_a_day_that_is_none(made):
    ran = made("audit", "digest", "yesterday")
    assert ran.returncode == 1
    assert "2026-10-05" in ran.stderr


def test_verification_needs_the_witnesses_and_says_when_they_were_not_asked(made):
    assert "was not asked" in ok(made("audit", "verify", "--without-witnesses"))
    ran = made("audit", "verify", "--json")
    found = json.loads(ran.stdout)
    assert (ran.returncode, found["verified"], found["witnessed"]) == (1, False, 0)
    assert any("cosigned" in problem for problem in found["problems"])


def test_no_witness_is_not_enough(made):
    ran = made("audit", "witness")
    assert ran.returncode == 1
    assert "0 of 0 witnesses cosigned" in ran.stdout


def test_the_status_tells_how_much_is_witnessed(made):
    log = json.loads(ok(made("status", "--json")))["log"]
    assert (log["verified"], log["witnessed"]) == (True, 0)


def test_asking_about_nobody_tells_no_id(made):
    ran = made("audit", "seen", "c" * 32, "--reason", "asked")
    assert ran.returncode == 1
    assert "There is no such person" in ran.stderr
    assert "c" * 32 not in ran.stderr + ran.stdout


def test_who_asks_without_a_reason_is_not_answered(made):
    assert made("audit", "seen", "c" * 32).returncode == 2


def test_the_person_at_the_command_acts_and_not_the_service(settings):
    assert acting(settings) == ME
    assert acting(settings.model_copy(update={"actor": "Ann Officer"})) == "Ann Officer"


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-10-05", "2026-10-04T23:00:00+00:00", "2026-10-05T23:00:00+00:00"),
        ("2026-10-05T09:30", "2026-10-05T08:30:00+00:00", "2026-10-05T08:30:00+00:00"),
        ("2026-10-05T09:30Z", "2026-10-05T09:30:00+00:00", "2026-10-05T09:30:00+00:00"),
    ],
)
def test_a_day_is_one_in_london_and_the_last_is_included(text, since, until):
    assert wanted(since=text, until=text).given == {"since": since, "until": until}


def test_an_entry_is_shown_a_value_a_line():
    said = {"rows": 7, "columns": ["sex", "age_band"], "detail": {"pages": 1200, "whole": True}}
    shown = [("rows", "7"), ("columns", "sex, age_band"), ("detail.pages", "1,200"), ("detail.whole", "True")]
    assert list(lines(said)) == shown


def release(number: int) -> Entry:
    return Entry(action=Action.PUBLISH, release=f"2026-Q{number}-v1", recipient="analysts", purpose="strategy", **WHO)


def ask(settings, person: str, act: str = "act-1") -> list[Kept]:
    entry = Entry(action=Action.ASK_SUBJECT, justification="asked", detail={"act": act}, **WHO | {"actor": "user:ann"})
    return who_has_seen(settings, person, entry)


def test_the_answer_follows_the_ids_from_before_a_merge(settings):
    link(settings, "ab", "c")
    with transaction(settings) as connection:
        disclose(connection, release(1), ["A"])
        disclose(connection, release(2), ["C"])
    link(settings, "abc")
    with transaction(settings) as connection:
        disclose(connection, release(3), ["A"])
        disclose(connection, release(4), ["C"])  # an id that the merged person has no more
    assert [act.said["release"] for act in ask(settings, "A")] == ["2026-Q3-v1", "2026-Q2-v1", "2026-Q1-v1"]


def test_the_asking_is_part_of_the_next_answer(settings):
    link(settings, "ab")
    assert ask(settings, "A", "act-1") == []
    (asking,) = ask(settings, "A", "act-2")
    assert (asking.said["actor"], asking.said["detail"]["act"], asking.said["detail"]["found"]) == (
        "user:ann",
        "act-1",
        0,
    )


def test_asking_about_nobody_is_refused_and_leaves_no_trace_of_the_id(settings):
    link(settings, "ab")
    with pytest.raises(PersonUnknown) as refusal:
        ask(settings, "c" * 32)
    assert "c" * 32 not in str(refusal.value)
    with transaction(settings) as connection:
        assert size(connection) == 0
        assert seen(connection, "c" * 32) == []


def test_an_entry_that_tries_to_speak_in_markup_is_shown_as_it_is(settings, monkeypatch, capsys):
    from cli.audit.reading import row
    from cli.show import table

    told = Entry(action=Action.LINK, purpose="x", agreement_hash="a", **WHO | {"actor": "[b]:key:"}, at=NOON)
    with transaction(settings) as connection:
        append(connection, told)
    table("Log", ["a", "b", "c", "d", "e", "f", "g"], [row(Kept(0, told.canonical()))])
    assert "[b]:key:" in " ".join(capsys.readouterr().out.split())
