"""Exit 0: done. 1: refused or failed, in one sentence. 2: wrong use. And nothing is left running."""

import os
import re
import subprocess
import sys

import pytest

from cli.main import NOUNS, keeps_freed_memory
from cli.nouns import load
from hub import postgres
from tests.agreed import pem


def refused(ran, *words):
    """One line on standard error that holds these words, and exit 1."""
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    for word in words:
        assert word in ran.stderr
    return ran.stderr


def test_help_imports_none_of_what_it_lists():
    code = "import sys; from cli.main import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(noun in told for noun in NOUNS)
    assert not {"sqlalchemy", "pydantic", "polars", "pyarrow", "duckdb"} & set(told.splitlines()[-1].split())


def test_status_imports_no_table_engine():
    code = "import sys, cli.status; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"polars", "pyarrow", "duckdb", "pandera", "splink", "paramiko"} & set(told)


def test_a_release_is_built_in_memory_that_is_given_back():
    assert not keeps_freed_memory(["release", "build", "2026-Q3"])
    assert keeps_freed_memory(["feed", "collect"])
    assert keeps_freed_memory([])


@pytest.mark.parametrize("noun", NOUNS)
def test_the_list_says_what_the_command_says(noun):
    module, line = NOUNS[noun]
    assert " ".join((load(module, noun).help or "").split("\n\n")[0].split()) == line


@pytest.mark.parametrize("words", [["nonsense"], ["release", "approve"], ["status", "--nonsense"], ["ingest"]])
def test_wrong_use(hub, words):
    ran = hub(*words)
    assert ran.returncode == 2
    assert "Error" in ran.stderr
    assert not hub.home.exists()


COMMANDS = [
    "release list",
    "release build 2026-Q3",
    "release publish 2026-Q3-v1",
    "officer list",
    "audit verify",
    "status",
    "link run 2026-Q3",
    "ingest police.street_crime 2026-Q3",
    "database migrate",
    "airflow version",
]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_mistyped_home_is_told_and_not_made(hub, words):
    refused(hub(*words.split()), "There is no hub", str(hub.home), "hub init")
    assert not hub.home.exists()


def test_nothing_runs_where_there_is_no_home(hub):
    ran = hub("down")
    assert (ran.returncode, ran.stdout) == (0, "Nothing was running.\n")
    assert not hub.home.exists()


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("DATABASE_URL", "postgresql+psycopg://hub:canary@127.0.0.1:1/hub", ["HUB_DATABASE_URL", "does not answer"]),
        ("DATABASE_URL", "mysql://hub:canary@127.0.0.1/hub", ["HUB_DATABASE_URL", "postgresql+psycopg://"]),
        ("DATABASE_URL", "canary", ["HUB_DATABASE_URL"]),
        ("LOG_LEVEL", "canary", ["HUB_LOG_LEVEL", "DEBUG"]),
        ("HOME", "/dev/null/canary", ["/dev/null"]),
    ],
)
def test_a_wrong_setting_is_one_sentence(hub, setting, value, words):
    told = refused(hub("init", **{f"HUB_{setting}": value}), *words)
    assert setting == "HOME" or "canary" not in told


def test_a_database_that_was_never_prepared(hub, postgres_url):
    url = postgres_url.render_as_string(hide_password=False)
    refused(hub("release", "list", HUB_DATABASE_URL=url), "hub init")


@pytest.mark.parametrize(
    "words", ["release list", "status", "audit verify --without-witnesses", "officer list", "init"]
)
def test_a_command_done_leaves_no_server_running(made, words):
    ran = made(*words.split())
    assert ran.returncode == 0, ran.stderr
    assert not made.postgres_runs


def test_a_command_refused_leaves_no_server_running(made):
    refused(made("release", "publish", "2026-Q3-v9"), "2026-Q3-v9")
    assert not made.postgres_runs


def test_a_command_leaves_the_server_to_others_who_use_it(made):
    postgres.start(made.home)
    try:
        assert made("release", "list").returncode == 0
        assert made.postgres_runs
    finally:
        postgres.stop(made.home)


@pytest.fixture
def council(tmp_path, signed_agreement):
    """Options for the council's own machine: its key and the agreement, and no hub."""
    (tmp_path / "council.pem").write_bytes(pem("council"))
    key = ["--party", "council", "--party-key", str(tmp_path / "council.pem")]
    return [*key, "--agreement", str(signed_agreement)]


def test_a_party_appoints_and_dismisses_an_officer_and_the_hub_logs_it(hub, made, tmp_path, council, signed_agreement):
    key, said, ended = (str(tmp_path / name) for name in ("key", "appointed.json", "dismissed.json"))
    under = {"HUB_AGREEMENT": str(signed_agreement)}
    assert hub("officer", "keygen", key).returncode == 0
    officer = ["reviewer", "--public-key", f"{key}.pub"]
    assert hub("officer", "appoint", *officer, *council, "--until", "2099-12-31", "--out", said).returncode == 0
    assert hub("officer", "dismiss", *officer, *council, "--out", ended).returncode == 0
    assert not hub.home.exists()

    for document, today in ((said, "counts"), (ended, "the officer has been dismissed")):
        ran = made("officer", "register", document, **under)
        assert ran.returncode == 0, ran.stderr
        listed = made("officer", "list", **under).stdout
        assert re.search(rf"reviewer +council +.*2099-12-31 +{today}", listed)
    assert "0 entries since the last" in made("audit", "verify", "--without-witnesses", **under).stdout
    assert "the agreement is not in force" in made("officer", "list", COLUMNS="200").stdout  # under the shipped draft


def test_an_engineer_does_not_appoint_himself(hub, made, tmp_path, council, signed_agreement):
    key = str(tmp_path / "key")
    assert hub("officer", "keygen", key).returncode == 0
    (tmp_path / "council.pem").write_bytes((tmp_path / "key").read_bytes())
    self_made = ["engineer", "--public-key", f"{key}.pub", *council, "--until", "2099-12-31", "--out", f"{key}.json"]
    refused(hub("officer", "appoint", *self_made), "not by the key that the agreement states for council")
    (tmp_path / "key.json").write_text("{}")
    refused(made("officer", "register", f"{key}.json", HUB_AGREEMENT=str(signed_agreement)), "no appointment")


@pytest.mark.parametrize("there", ["key", "key.pub"])
def test_a_key_pair_is_never_written_over(hub, tmp_path, there):
    (tmp_path / there).write_text("kept")
    refused(hub("officer", "keygen", str(tmp_path / "key")), str(tmp_path / there), "another name")
    assert (tmp_path / there).read_text() == "kept"


def test_a_private_key_is_for_its_owner_only(hub, tmp_path):
    assert hub("officer", "keygen", str(tmp_path / "key")).returncode == 0
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert not hub.home.exists()


@pytest.mark.parametrize(("level", "told"), [("INFO", "INFO here"), ("ERROR", "")])
def test_the_log_level_is_obeyed_and_libraries_only_warn(tmp_path, level, told):
    code = """
import logging
from cli.home import read_settings
read_settings()
logging.getLogger("ingest.collection").info("here")
logging.getLogger("paramiko").info("a library quotes what it handles")
"""
    environment = os.environ | {"HUB_HOME": str(tmp_path), "HUB_LOG_LEVEL": level}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == told


def test_status_tells_what_a_new_home_holds(made):
    ran = made("status")
    assert ran.returncode == 0
    assert re.search(r"Persons: 0", ran.stdout)
    assert "verified" in ran.stdout
