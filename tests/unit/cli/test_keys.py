"""``hub keys`` and ``hub source`` as their users run them: the real command, at a hub and on an authority's machine."""

import json
import os
import pwd
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from hub.settings import PROJECT
from keys import sealed
from keys.pairs import read_private

ME = f"user:{pwd.getpwuid(os.getuid()).pw_name}"


def ok(ran) -> str:
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def refused(ran) -> str:
    assert ran.returncode == 1, ran.stdout
    assert "Traceback" not in ran.stderr
    return " ".join(ran.stderr.split())


def logged(command, action):
    entries = json.loads(ok(command("audit", "list", "--json", "--action", action)))
    return [entry["detail"] | {"actor": entry["actor"]} for entry in entries]


def test_the_list_shows_each_key_and_no_material(made):
    listed = json.loads(ok(made("keys", "list", "--json")))
    assert {"source/1", "hub/1", "storage/1", "audit/1", "recipient/partnership_analysts/1"} <= {
        each["key"] for each in listed
    }
    assert all(set(each) == {"key", "made_at", "retired_at", "newest"} for each in listed)
    assert "opens what it sealed" not in ok(made("keys", "list"))


def test_a_key_is_turned_and_the_old_version_retired(made):
    assert "event/2" not in ok(made("keys", "list"))
    assert "storage/2 is used from now on" in ok(made("keys", "rotate", "storage"))
    assert "24 hours after" in refused(made("keys", "retire", "storage/1"))
    assert "Nothing opens under it any more" in ok(made("keys", "retire", "storage/1", "--at-once"))
    told = ok(made("keys", "list"))
    assert [line.split()[-2:-1] for line in told.splitlines() if line.startswith("storage/1")] == [["retired"]]
    assert logged(made, "keys:version:key") == [{"key": "storage/2", "actor": ME}]
    assert logged(made, "keys:retirement:key") == [{"key": "storage/1", "actor": ME}]
    assert "it is the newest version" in refused(made("keys", "retire", "storage/2"))


def test_a_recipients_key_is_made_once(made):
    assert "recipient/late/1" in ok(made("keys", "create", "recipient/late"))
    assert "There is one already" in ok(made("keys", "create", "recipient/late"))
    assert "Name one of source, hub" in refused(made("keys", "create", "sauce"))


def test_the_public_half_of_the_logs_key(made, tmp_path):
    printed = ok(made("keys", "export-public"))
    ok(made("keys", "export-public", "audit", "--version", "1", "--out", str(tmp_path / "audit.pem")))
    assert (tmp_path / "audit.pem").read_text() == printed
    load_pem_public_key(printed.encode())
    assert "no grant lets the service custodian use it to public" in refused(made("keys", "export-public", "hub"))


@pytest.fixture
def own_config(made, tmp_path):
    """The same home with a configuration of its own."""
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    return lambda *words: made(*words, HUB_CONFIG=str(tmp_path / "config"))


def test_a_grant_is_written_logged_and_obeyed(own_config):
    def storage():
        held = json.loads(ok(own_config("keys", "grants", "--json")))["grants"]
        return held["reidentify"].get("storage")

    assert storage() == ["open"]
    ok(own_config("keys", "grant", "reidentify", "storage", "open", "seal"))
    assert storage() == ["seal", "open"]
    ok(own_config("keys", "grant", "reidentify", "storage"))
    assert storage() is None
    assert "a key is a purpose" in refused(own_config("keys", "grant", "link", "../storage", "open"))
    ok(own_config("keys", "grant", "custodian", "source", "make"))
    key = ["--to", "health", "--public-key", os.devnull, "--out", "x"]
    assert "no X25519 public key" in refused(own_config("keys", "seal-source", *key))
    told = [entry["uses"] for entry in logged(own_config, "keys:grant:key")]
    assert sorted(told) == ["make", "none", "open:seal"]


def test_an_authority_gets_the_source_key_and_nobody_else_reads_it(made, hub, tmp_path):
    """``hub`` is the authority's machine: no home, no database."""
    private = tmp_path / "health"
    fingerprint = ok(hub("source", "keygen", str(private))).split()[-1]
    copy = tmp_path / "health.sealed"
    words = ["keys", "seal-source", "--to", "health", "--public-key", f"{private}.pub", "--out", str(copy)]
    check = ok(made(*words)).split(":")[-1].strip()
    assert check == ok(hub("source", "open-key", str(copy), "--private", str(private))).split(":")[-1].strip()
    assert sealed.open(copy.read_bytes(), read_private(private)).id == "source/1"
    (entry,) = logged(made, "keys:copy:disclosure")
    assert entry == {"key": "source/1", "sealed_to": fingerprint, "actor": ME}
    assert "a file is there" in refused(made(*words))
    assert "it is no authority" in refused(made(*["thief" if word == "health" else word for word in words]))
    ok(hub("source", "keygen", str(tmp_path / "other")))
    other = hub("source", "open-key", str(copy), "--private", str(tmp_path / "other"))
    assert "another public key" in refused(other)
    assert not hub.home.exists()


def test_authorities_make_a_source_key_that_no_hub_holds(hub, tmp_path):
    for name in ("health", "police"):
        ok(hub("source", "keygen", str(tmp_path / name)))
    shares = [f"{name}={tmp_path / name}.pub" for name in ("health", "police")]
    told = ok(hub("source", "new-key", *shares, "--out", str(tmp_path / "copies")))
    keys = {
        sealed.open((tmp_path / "copies" / f"{name}-source-1.sealed").read_bytes(), read_private(tmp_path / name))
        for name in ("health", "police")
    }
    assert len(keys) == 1
    assert sealed.check(keys.pop()) in " ".join(told.split())
    assert {path.name for path in (tmp_path / "copies").iterdir()} == {
        "health-source-1.sealed",
        "police-source-1.sealed",
    }
    assert "a file is there" in refused(hub("source", "new-key", *shares, "--out", str(tmp_path / "copies")))
    assert "it is not AUTHORITY=FILE" in refused(hub("source", "new-key", "thief=x", "--out", str(tmp_path / "copies")))


def test_the_log_verifies_after_all_of_this(made):
    ok(made("keys", "rotate", "audit"))
    assert "The log is whole" in ok(made("audit", "verify", "--without-witnesses"))
    assert "it protects" in refused(made("keys", "retire", "audit/1", "--at-once"))


def test_the_page_shows_the_commands_that_there_are(made):
    page = Path(PROJECT / "docs" / "howto" / "keys.md").read_text(encoding="utf-8")
    for noun, commands in (
        ("keys", ("list", "create", "rotate", "retire", "export-public", "grant", "grants", "seal-source")),
        ("source", ("keygen", "open-key", "new-key")),
    ):
        told = ok(made(noun, "--help"))
        for name in commands:
            assert name in told
            assert f"hub {noun} {name}" in page
