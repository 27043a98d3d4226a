"""``hub factors``, ``hub areas`` and ``hub harm`` need no hub, and leave what they load in the configuration."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from hub.settings import PROJECT
from schemas.area_figures import load_figures
from schemas.areas import load_areas
from tests.unit.cli.conftest import Command
from tests.unit.schemas.test_official_figures import file_7


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT / "config", tmp_path / "config")
    return tmp_path / "config"


def test_a_rule_that_rests_on_no_column_fails_the_check(hub: Command, config: Path) -> None:
    ran = hub("factors", "check", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["rest_on_nothing"] == []
    path = config / "factors.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("{education: [none]}", "{schooling: [none]}"), "utf-8")
    ran = hub("factors", "check", HUB_CONFIG=str(config))
    assert ran.returncode == 1
    assert "factors.out of education.evidence 1: yot.cases has no column schooling" in ran.stderr


def test_areas_and_weights_are_loaded_from_files(hub: Command, config: Path, tmp_path: Path) -> None:
    file = file_7(tmp_path, load_areas(PROJECT / "config").table["lsoa_code"])
    ran = hub("areas", "load", str(file), HUB_CONFIG=str(config))
    assert ran.returncode == 0, ran.stderr
    assert "Deprivation of 2025 for 99 of 99 small areas" in ran.stdout
    assert not load_figures(config)["synthetic"].any()
    weights = tmp_path / "weights.csv"
    weights.write_text("offence_code,weight\n005,1000\n", encoding="utf-8")
    ran = hub("harm", "load", str(weights), "--unit", "days", "--source", "an index", HUB_CONFIG=str(config))
    assert ran.returncode == 0, ran.stderr
    assert "1 weights in days" in ran.stdout
    assert pl.read_csv(config / "reference" / "harm.csv")["source"].to_list() == ["an index"]
    wrong = hub("harm", "load", str(file), "--unit", "days", "--source", "an index", HUB_CONFIG=str(config))
    assert wrong.returncode == 1
    assert "it lacks one of the columns offence_code and weight" in wrong.stderr
