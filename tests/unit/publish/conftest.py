"""A small hub of its own for every test of publication."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from hub import database
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring
from keys.services import Service
from publish.appointing import new_key
from tests.agreed import agree
from tests.conftest import copied_database
from tests.unit.publish.small_hub import GRANTED, OFFICER, Hub


@pytest.fixture(scope="session")
def narrow_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's configuration, with fewer columns granted to the analysts."""
    config = tmp_path_factory.mktemp("narrow") / "config"
    shutil.copytree(PROJECT / "config", config)
    agree(config / "agreement.yaml", lambda terms: terms["recipients"]["partnership_analysts"].update(tables=GRANTED))
    return config


@pytest.fixture
def empty_hub(settings: Settings, narrow_config: Path) -> Hub:
    """A hub with keys and an officer, and no delivery."""
    return _empty_hub(settings, narrow_config)


def _empty_hub(settings: Settings, narrow_config: Path) -> Hub:
    private, public = new_key()
    own = settings.model_copy(update={"config": settings.home / "config", "agreement": None})
    shutil.copytree(narrow_config, own.config)
    hub = Hub(own, create_ring(own), private)
    hub.appoint(OFFICER, public)
    return hub


@pytest.fixture(scope="session")
def filled(postgres_url: URL, narrow_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that is filled once: what each test has a copy of. Its home is kept beside it, as it was then."""
    home = tmp_path_factory.mktemp("filled") / "home"
    with copied_database(postgres_url, "template_hub") as url:
        hub = _empty_hub(Settings(home=home, database_url=url, commit="0" * 40), narrow_config).fill()
        shutil.copytree(home, home.with_name("kept"))
        database.engine(hub.settings).dispose()
        yield hub


@pytest.fixture
def hub(filled: Hub, postgres_url: URL) -> Iterator[Hub]:
    """A hub whose quarter 2026-Q3 is admitted and linked."""
    home, template = filled.settings.home, make_url(filled.settings.database_url).database
    shutil.rmtree(home)
    shutil.copytree(home.with_name("kept"), home)
    with copied_database(postgres_url, template) as url:
        own = filled.settings.model_copy(update={"database_url": url})
        yield replace(filled, settings=own, ring=open_ring(own, Service.CUSTODIAN))
