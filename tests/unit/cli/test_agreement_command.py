"""``hub agreement`` as the parties and the partnership's lawyers use it: the real command."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from hub.feeds import AUTHORITIES
from hub.settings import PROJECT
from tests.agreed import agree, pem

DRAFT = PROJECT / "config" / "agreement.yaml"
Ran = subprocess.CompletedProcess[str]


def ok(ran: Ran) -> str:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def agreed(tmp_path: Path) -> Path:
    """An agreement that all six signed."""
    path = tmp_path / "agreed" / "agreement.yaml"
    path.parent.mkdir()
    shutil.copy(DRAFT, path)
    agree(path)
    return path


@pytest.fixture
def unsigned(tmp_path: Path) -> Path:
    """The same text before anybody signed."""
    path = tmp_path / "unsigned" / "agreement.yaml"
    path.parent.mkdir()
    shutil.copy(DRAFT, path)
    agree(path, but=AUTHORITIES)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Each party's private key in a file of its own."""
    for authority in AUTHORITIES:
        (tmp_path / f"{authority}.pem").write_bytes(pem(authority))
    return tmp_path


def test_check_passes_what_is_signed_and_sound(hub, agreed):
    told = ok(hub("agreement", "check", "--agreement", str(agreed)))
    assert "is in force and breaks no rule" in told


def test_check_names_clause_place_reason_and_remedy(hub, agreed):
    agree(agreed, lambda terms: terms["feeds"]["health.emergency_care"].update(gateway="pcsc-2022-s16"))
    ran = hub("agreement", "check", "--agreement", str(agreed))
    assert ran.returncode == 1
    for part in (
        "PCSC Act 2022 s.16(4)(a) in feeds.health.emergency_care",
        "why:     patient information may not be disclosed under it",
        "change:  Use another gateway",
        "1 in all.",
    ):
        assert part in ran.stdout


def test_check_for_a_program(hub):
    ran = hub("agreement", "check", "--json", "--agreement", str(DRAFT))
    found = json.loads(ran.stdout)["violations"]
    assert ran.returncode == 1
    assert {violation["clause"] for violation in found} == {
        "Agreement, signatures",
        "Agreement, log",
        "Agreement, officers",
    }
    assert set(found[0]) == {"clause", "where", "why", "fix"}


def test_a_party_makes_a_key_and_signs_without_any_hub(hub, unsigned, tmp_path):
    key = tmp_path / "police.pem"
    shown = ok(hub("agreement", "keygen", str(key))).split("signing_key: ")[1].strip()
    terms = yaml.safe_load(unsigned.read_text(encoding="utf-8"))
    terms["parties"][0]["signing_key"] = shown
    unsigned.write_text(yaml.safe_dump(terms, sort_keys=False), encoding="utf-8")

    told = ok(
        hub("agreement", "sign", "--party", "police", "--key", str(key), "--by", "head", "--agreement", str(unsigned))
    )

    assert "police has signed version 1.0" in told
    assert "Not yet signed by: fire, health, probation, yot, council." in told
    assert key.stat().st_mode & 0o077 == 0
    assert not hub.home.exists()


def test_another_partys_key_does_not_sign(hub, unsigned, keys):
    ran = hub("agreement", "sign", "--party", "police", "--key", str(keys / "fire.pem"), "--agreement", str(unsigned))
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)
    assert not (unsigned.parent / "agreement.signatures.json").exists()


def test_verify_shows_who_signed_and_fails_until_all_six_have(hub, unsigned, keys):
    for done, authority in enumerate(AUTHORITIES):
        ran = hub("agreement", "verify", "--json", "--agreement", str(unsigned))
        said = json.loads(ran.stdout)
        assert (ran.returncode, said["complete"]) == (1, False)
        assert sum(row["counts"] for row in said["signatures"]) == done
        key = str(keys / f"{authority}.pem")
        ok(hub("agreement", "sign", "--party", authority, "--key", key, "--agreement", str(unsigned)))
    told = ok(hub("agreement", "verify", "--agreement", str(unsigned)))
    assert told.count("counts") == 6


def test_a_change_after_signing_voids_every_signature(hub, agreed):
    text = agreed.read_text(encoding="utf-8")
    agreed.write_text(text.replace("late_feed_wait_days: 45", "late_feed_wait_days: 46"), encoding="utf-8")
    ran = hub("agreement", "verify", "--agreement", str(agreed))
    assert ran.returncode == 1
    assert ran.stdout.count("its signature is not of this very text") == 6


def test_signatures_made_elsewhere_are_taken_in_if_they_are_right(hub, unsigned, agreed, tmp_path):
    sent = agreed.parent / "agreement.signatures.json"
    told = ok(hub("agreement", "receive", str(sent), "--agreement", str(unsigned)))
    assert "All six have signed." in told
    void = tmp_path / "void.json"
    void.write_text(sent.read_text(encoding="utf-8").replace('"head"', '"chief"', 1), encoding="utf-8")
    ran = hub("agreement", "receive", str(void), "--agreement", str(unsigned))
    assert ran.returncode == 1
    assert "the signature of" in ran.stderr


def test_diff_says_first_what_would_newly_flow_and_to_whom(hub, agreed, tmp_path):
    new = tmp_path / "new.yaml"
    shutil.copy(agreed, new)

    def change(terms):
        terms["version"] = "2.0"
        terms["recipients"]["partnership_analysts"]["tables"]["event"]["rows"] = {"knife": ["true"]}
        terms["feeds"]["probation.supervision"]["fields"]["mappa_level"]["treat"] = "keep"
        terms["recipients"]["partnership_analysts"]["tables"]["involvement"]["columns"].append("mappa_level")

    agree(new, change)
    told = ok(hub("agreement", "diff", str(agreed), str(new)))
    wider, narrower = (
        "+ Analysts of the Safer Kingston Partnership would newly receive mappa_level in the table involvement.",
        "- Analysts of the Safer Kingston Partnership would receive only those rows of the table event whose knife is "
        "true.",
    )
    assert wider in told.splitlines()
    assert narrower in told.splitlines()
    assert told.index(wider) < told.index(narrower)
    assert "It would reach: Analysts of the Safer Kingston Partnership." in told
    changes = json.loads(ok(hub("agreement", "diff", str(agreed), str(new), "--json")))["changes"]
    assert changes[0].keys() == {"effect", "where", "sentence"}
    assert [change["effect"] for change in changes] == ["more", "more", "less", "other"]


def test_two_files_with_the_same_text_do_not_differ(hub, agreed, unsigned):
    assert "Both are the same text." in ok(hub("agreement", "diff", str(agreed), str(unsigned)))


def test_a_signature_given_at_the_hub_is_logged_and_what_was_in_force_is_listed(made, unsigned, keys):
    words = ["agreement", "sign", "--party", "police", "--key", str(keys / "police.pem"), "--by", "head of information"]
    ok(made(*words, "--agreement", str(unsigned)))
    (entry,) = json.loads(ok(made("audit", "list", "--json", "--action", "agreement:signature:agreement")))
    assert "police signed version 1.0" in entry["justification"]
    assert entry["actor"].startswith("user:")
    assert json.loads(ok(made("agreement", "list", "--json"))) == []
    ran = made("agreement", "show", "00ff")
    assert (ran.returncode, len(ran.stderr.splitlines())) == (1, 1)


def test_show_prints_the_text_that_the_hub_obeys(hub, agreed):
    told = ok(hub("agreement", "show", "--json", HUB_AGREEMENT=str(agreed)))
    said = json.loads(told)
    assert said["version"] == "1.0"
    assert len(said["signed_by"]) == 6
    readable = ok(hub("agreement", "show", HUB_AGREEMENT=str(agreed)))
    assert yaml.safe_load(readable) == said["text"]
