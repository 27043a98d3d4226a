"""Exit 0: done. 1: refused or failed, in one sentence. 2: wrong use. And nothing is left running."""

import os
import re
import subprocess
import sys

import pytest

from cli.main import NOUNS
from cli.nouns import load
from hub import postgres


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


@pytest.mark.parametrize("words", ["release list", "status", "audit verify", "officer list", "init"])
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


def test_a_registration_is_under_a_checkpoint(made, tmp_path):
    assert made("officer", "keygen", str(tmp_path / "key")).returncode == 0
    ran = made("officer", "register", "reviewer", "--public-key", str(tmp_path / "key.pub"))
    assert ran.returncode == 0, ran.stderr
    assert "0 entries since the last" in made("audit", "verify").stdout


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
