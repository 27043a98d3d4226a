"""The environment from which every Airflow process of a home takes its whole configuration."""

import socket
from pathlib import Path

import pytest

from cli.runtime import configuration
from hub.settings import PROJECT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """No server is started for these: a database elsewhere is named."""
    url = "postgresql+psycopg://hub:pass%40word@db.example/hub"
    return Settings(home=tmp_path / "home", database_url=url, airflow_port=configuration.free_port())


def test_everything_lies_in_the_home_and_the_dags_are_the_repositorys(settings: Settings) -> None:
    environment = configuration.airflow_environment(settings)
    assert environment["AIRFLOW_HOME"] == str(settings.home / "airflow")
    assert environment["HUB_HOME"] == str(settings.home)
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == str(PROJECT / "dags")


def test_airflow_has_a_database_of_its_own_beside_the_hubs(settings: Settings) -> None:
    environment = configuration.airflow_environment(settings)
    url = "postgresql+psycopg://hub:pass%40word@db.example/airflow"
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == url
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC"] == url


def test_what_the_shell_says_of_airflow_does_not_count(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "True")
    monkeypatch.setenv("AIRFLOW_CONFIG", "/elsewhere/airflow.cfg")
    environment = configuration.airflow_environment(settings)
    assert environment["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert "AIRFLOW_CONFIG" not in environment


def test_keys_and_passwords_are_made_once_and_are_for_the_owner_alone(settings: Settings) -> None:
    first, second = (configuration.airflow_environment(settings) for _ in range(2))
    assert first == second
    made = sorted((settings.home / "secrets").iterdir())
    assert [path.name for path in made] == [
        "airflow_fernet_key",
        "airflow_jwt_secret",
        "airflow_passwords.json",
        "airflow_secret_key",
    ]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o600}


def test_two_homes_share_no_secret(settings: Settings, tmp_path: Path) -> None:
    other = settings.model_copy(update={"home": tmp_path / "other"})
    ours, theirs = configuration.airflow_environment(settings), configuration.airflow_environment(other)
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"):
        assert ours[name] != theirs[name]
    assert configuration.password(settings, "ig") != configuration.password(other, "ig")


def test_a_port_that_another_program_has_is_not_taken(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind((configuration.HOST, settings.airflow_port))
        other.listen()
        chosen = configuration.choose_ports(settings)["api"]
    assert chosen != settings.airflow_port
    assert configuration.ports(settings)["api"] == chosen
    assert configuration.choose_ports(settings)["api"] == chosen, "the page's address stays what it was"
    assert configuration.airflow_environment(settings)["AIRFLOW__API__BASE_URL"].endswith(f":{chosen}")


def test_by_default_airflow_answers_on_this_machine_alone(settings: Settings) -> None:
    environment = configuration.airflow_environment(settings)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == (
        f"http://127.0.0.1:{settings.airflow_port}/execution/"
    )


def test_tasks_find_an_api_server_on_another_machine(settings: Settings) -> None:
    apart = settings.model_copy(update={"airflow_url": "http://api-server:8080"})
    environment = configuration.airflow_environment(apart)
    assert environment["AIRFLOW__API__HOST"] == "0.0.0.0"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://api-server:8080/execution/"
