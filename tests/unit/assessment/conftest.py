"""A hub whose quarter is published to the analysts, filled once and copied for each test."""

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
from publish.publication import publish
from tests.agreed import agree
from tests.conftest import copied_database
from tests.unit.assessment.known_hub import agree_public, fill
from tests.unit.publish.small_hub import OFFICER, Hub


@pytest.fixture(scope="session")
def known(postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub that is filled once; its home is kept beside it, as it was then."""
    home = tmp_path_factory.mktemp("known") / "home"
    with copied_database(postgres_url, "template_hub") as url:
        settings = Settings(home=home, database_url=url, commit="0" * 40, config=home / "config")
        shutil.copytree(PROJECT / "config", settings.config)
        agree(settings.agreement_path, agree_public)
        private, public = new_key()
        hub = Hub(settings, create_ring(settings), private)
        hub.appoint(OFFICER, public)
        hub = fill(hub)
        hub.decide(hub.build().release)
        publish(hub.settings, hub.ring, "2026-Q3-v1")
        shutil.copytree(home, home.with_name("kept"))
        database.engine(hub.settings).dispose()
        yield hub


@pytest.fixture
def assessed(known: Hub, postgres_url: URL) -> Iterator[Hub]:
    """A hub whose release 2026-Q3-v1 is published, and whose agreement lets the public be given tables."""
    home, template = Path(known.settings.home), make_url(known.settings.database_url).database
    shutil.rmtree(home)
    shutil.copytree(home.with_name("kept"), home)
    with copied_database(postgres_url, template) as url:
        own = known.settings.model_copy(update={"database_url": url})
        yield replace(known, settings=own, ring=open_ring(own, Service.CUSTODIAN))


@pytest.fixture
def quarterly(assessed: Hub) -> Hub:
    """A hub whose agreement lets the public be given counts of a quarter alone, which are made in no time."""
    assessed.agree(lambda terms: terms["public"].update(tables=["quarter"]))
    return assessed
