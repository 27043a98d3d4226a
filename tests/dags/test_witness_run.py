"""The witness DAG run by ``dag.test()`` against six running witnesses, one of which holds another key than agreed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from audit.events import Action
from audit.models import COSIGNATURE
from audit.verify import last_verification
from cli.running import prepare, stop_all
from cli.runtime.configuration import airflow_environment
from hub.database import transaction
from hub.feeds import AUTHORITIES
from hub.settings import PROJECT, Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from partners.agreement import agree
from partners.agreement_keys import witness_key
from tests.cases import takes_long
from tests.stored_log import said
from tests.witnessed import serving

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A hub with an agreement and witnesses; what answers for fire has the police's key."""
    folder = tmp_path_factory.mktemp("hub")
    settings = Settings(home=folder / "home", commit="0" * 40)
    try:
        prepare(settings)
        agree(folder, settings.config / "agreement.yaml", settings.home)
        log = log_signer(settings, open_ring(settings, Service.CUSTODIAN))
        with ExitStack() as stack:
            urls = {}
            for name in AUTHORITIES:
                key = witness_key(folder, "police" if name == "fire" else name)
                witness = serving(folder / name / "copies", f"{name}.witness", key, [(log.name, log.public_key)])
                urls[f"witness.{name}"] = stack.enter_context(witness)
            local = settings.home / "local.yaml"
            local.write_text(yaml.safe_dump(yaml.safe_load(local.read_text()) | {"endpoints": urls}))
            yield Settings(home=settings.home, commit=settings.commit)
    finally:
        stop_all(settings)


def airflow(settings: Settings, *words: str) -> None:
    ran = subprocess.run(
        [sys.executable, *words],
        env=airflow_environment(settings) | {"HUB_COMMIT": str(settings.commit)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]


@takes_long
def test_one_witness_that_is_not_whom_it_should_be_does_not_stop_the_others(home: Settings, tmp_path: Path) -> None:
    airflow(home, "-m", "airflow", "db", "migrate")
    result = tmp_path / "result.json"
    airflow(home, str(Path(__file__).with_name("run_dags.py")), str(result), "2026-Q3", "witness")
    run = json.loads(result.read_text())["witness"]
    assert run["state"] == "success"
    assert (run["tasks"]["sign"], run["tasks"]["verify"]) == ("success", "success")
    with transaction(home) as connection:
        cosigned = set(connection.execute(select(COSIGNATURE.c.witness)).scalars())
        refused = said(connection, action=Action.REFUSE_WITNESS)
        remembered = last_verification(connection)
    assert cosigned == {f"{name}.witness" for name in AUTHORITIES if name != "fire"}
    assert [entry["detail"]["ground"] for entry in refused] == ["other_key"]
    assert remembered is not None
    assert remembered.problems == ()
    assert remembered.witnessed == remembered.size - 1  # the refusal itself came after
