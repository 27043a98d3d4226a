"""A small hub of its own for every test of publication."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from hub import database
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring
from keys.services import Service
from publish.appointing import new_key
from publish.publication import publish
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
    with _as_kept(filled, filled.settings.home, postgres_url) as copy:
        yield copy


@pytest.fixture(scope="session")
def filled_and_published(filled: Hub, postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The same once its release is published."""
    with _as_kept(filled, tmp_path_factory.mktemp("published") / "home", postgres_url) as hub:
        publish(hub.settings, hub.ring, hub.decided())
        shutil.copytree(hub.settings.home, hub.settings.home.with_name("kept"))
        database.engine(hub.settings).dispose()
        yield hub


@pytest.fixture
def published(filled_and_published: Hub, postgres_url: URL) -> Iterator[Hub]:
    """A hub whose release is published."""
    with _as_kept(filled_and_published, filled_and_published.settings.home, postgres_url) as copy:
        yield copy


@contextmanager
def _as_kept(kept: Hub, home: Path, server: URL) -> Iterator[Hub]:
    """A copy of a hub as it was when its home was kept beside it, with its home here."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(kept.settings.home.with_name("kept"), home)
    with copied_database(server, str(make_url(kept.settings.database_url).database)) as url:
        own = kept.settings.model_copy(update={"database_url": url, "home": home, "config": home / "config"})
        yield replace(kept, settings=own, ring=open_ring(own, Service.CUSTODIAN))
