"""The image and compose.yaml say the same as the rest of the project. No container engine is needed."""

import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from cli.runtime.airflow import POOL_SLOTS
from hub.feeds import AUTHORITIES
from hub.settings import PROJECT, Settings

DOCKERFILE = (PROJECT / "docker" / "Dockerfile").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((PROJECT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if name != "postgres"}
PACKAGES = set(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) - {"partners"}


def _let_in() -> set[str]:
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines, "all is kept out unless it is named"
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def _uv_version(text: str) -> str:
    found = re.search(r"uv==([\d.]+)", text)
    assert found is not None
    return found[1]


def test_one_version_of_uv_builds_everything() -> None:
    locked = tomllib.loads((PROJECT / "uv.lock").read_text(encoding="utf-8"))["package"]
    version = next(package["version"] for package in locked if package["name"] == "uv")
    assert _uv_version(DOCKERFILE) == _uv_version(MAKEFILE) == version


def test_nothing_goes_in_but_the_packages_and_what_they_need() -> None:
    files = {"LICENSE", "README.md", "pyproject.toml", "uv.lock", "config", "docker/pools.json"}
    assert _let_in() == PACKAGES | files
    assert all((PROJECT / name).exists() for name in _let_in())


def test_every_package_is_compiled() -> None:
    line = re.search(r"compileall -q (.*)", DOCKERFILE)
    assert line is not None
    assert set(line[1].split()) == PACKAGES


def test_the_packages_for_developers_and_for_the_simulation_stay_out() -> None:
    assert set(PYPROJECT["tool"]["uv"]["default-groups"]) < set(PYPROJECT["dependency-groups"])
    assert "--group" not in DOCKERFILE
    assert "--all-groups" not in DOCKERFILE
    assert "UV_NO_DEFAULT_GROUPS=1" in DOCKERFILE
    assert "UV_FROZEN=1" in DOCKERFILE


def test_the_command_is_the_projects_and_runs_as_nobody_in_particular() -> None:
    entry = re.search(r'^ENTRYPOINT \["(\w+)"\]$', DOCKERFILE, re.M)
    assert entry is not None
    assert entry[1] in PYPROJECT["project"]["scripts"]
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.M) == ["hub"]


def test_what_the_image_and_the_services_set_are_settings() -> None:
    set_there = set(re.findall(r"\bHUB_(\w+)=", DOCKERFILE))
    for service in OURS.values():
        set_there |= {name.removeprefix("HUB_") for name in service["environment"]}
    assert {name.lower() for name in set_there} <= set(Settings.model_fields)


def test_all_parts_are_there() -> None:
    assert SERVICES.keys() >= {"postgres", "api-server", "scheduler", "dag-processor", "triggerer", "hub"}
    for part in ("api-server", "scheduler", "dag-processor", "triggerer"):
        assert SERVICES[part]["command"] == ["airflow", part]


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_the_image_on_the_same_home_and_can_change_nothing_else(name: str) -> None:
    service = OURS[name]
    assert service["image"] == "safer-hub"
    assert service["volumes"] == ["home:/var/lib/hub"]
    assert "HUB_HOME=/var/lib/hub" in DOCKERFILE
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_only_for_services_that_can_become_so(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert wait["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no", "a service that is started again never completes"


def test_tasks_are_told_the_address_at_which_the_api_server_answers() -> None:
    port = Settings.model_fields["airflow_port"].default
    assert OURS["scheduler"]["environment"]["HUB_AIRFLOW_URL"] == f"http://api-server:{port}"
    assert SERVICES["api-server"]["ports"] == [f"127.0.0.1:{port}:{port}"], "nobody else's machine reaches the page"


def test_every_authority_has_its_pool() -> None:
    pools = json.loads((PROJECT / "docker" / "pools.json").read_text(encoding="utf-8"))
    assert {name: pool["slots"] for name, pool in pools.items()} == dict.fromkeys(AUTHORITIES, POOL_SLOTS)
    assert SERVICES["pools"]["command"][-1] == "/app/docker/pools.json"


def test_no_password_is_written_down() -> None:
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${HUB_POSTGRES_PASSWORD:?")
    for service in OURS.values():
        assert service["environment"]["HUB_KEYRING_PASSPHRASE"].startswith("${HUB_KEYRING_PASSPHRASE:?")
        assert ":${HUB_POSTGRES_PASSWORD:?" in service["environment"]["HUB_DATABASE_URL"]
