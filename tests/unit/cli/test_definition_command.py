"""``hub definition`` says of every offence code what it is, and needs no hub for it."""

import json
import shutil
from pathlib import Path

from hub.settings import PROJECT
from tests.unit.cli.conftest import Command


def test_the_definition_is_held_against_the_whole_list(hub: Command) -> None:
    ran = hub("definition", "check", "--json")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["codes"] == 3039
    assert sum(said["placed"].values()) + sum(said["refused"].values()) == 3039
    assert said["placed"]["personal robbery"] == 4
    assert "personal robbery" in hub("definition", "check").stdout


def test_one_code_is_told_of(hub: Command) -> None:
    assert hub("definition", "code", "034/01").stdout.strip() == "034/01: kind personal robbery."
    assert "refused, since assault without injury" in hub("definition", "code", "105/01").stdout
    ran = hub("definition", "code", "CANARY")
    assert ran.returncode == 1
    assert "CANARY" not in ran.stdout + ran.stderr


def test_an_edit_that_leaves_a_code_open_is_told_of(hub: Command, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "config", config)
    path = config / "definition.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("  Burglary: it is about property\n", ""), encoding="utf-8"
    )
    ran = hub("definition", "check", HUB_CONFIG=str(config))
    assert ran.returncode == 1
    assert "does not say what 028/00 is" in ran.stderr
    assert "no entry covers it" in ran.stderr
