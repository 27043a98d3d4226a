"""A hub whose deliveries' tokens are stored, filled once; each test has a copy."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy.engine import URL, make_url

from hub import database
from hub.settings import Settings
from keys.home import create_ring, open_ring
from keys.purposes import Purpose
from keys.services import Service
from tests.conftest import copied_database
from tests.unit.rotation.keyed_hub import KeyedHub, clear_rows


@pytest.fixture(scope="session")
def clear() -> pl.DataFrame:
    """Some 900 rows of some 350 people."""
    return clear_rows(seed=5, households=140)


@pytest.fixture(scope="session")
def keyed(
    postgres_url: URL, signed_agreement: Path, clear: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KeyedHub]:
    """A hub that is filled once, with six deliveries."""
    home = tmp_path_factory.mktemp("keyed") / "home"
    with copied_database(postgres_url, "template_hub") as url:
        settings = Settings(home=home, database_url=url, agreement=signed_agreement, commit="0" * 40)
        hub = KeyedHub.of(settings, create_ring(settings))
        hub.spread(clear, 6)
        database.engine(settings).dispose()
        yield hub


@contextmanager
def copied(keyed: KeyedHub, postgres_url: URL, home: Path) -> Iterator[KeyedHub]:
    """A copy of a hub, database and all."""
    shutil.copytree(keyed.settings.home, home)
    with copied_database(postgres_url, str(make_url(str(keyed.settings.database_url)).database)) as url:
        own = keyed.settings.model_copy(update={"database_url": url, "home": home})
        yield replace(keyed, settings=own, ring=open_ring(own, Service.CUSTODIAN))


@pytest.fixture
def hub(keyed: KeyedHub, postgres_url: URL, tmp_path: Path) -> Iterator[KeyedHub]:
    """A copy of it."""
    with copied(keyed, postgres_url, tmp_path / "home") as hub:
        yield hub


@pytest.fixture(scope="module")
def turned(keyed: KeyedHub, postgres_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyedHub]:
    """A copy of it, for all tests of a module, with the source key turned."""
    with copied(keyed, postgres_url, tmp_path_factory.mktemp("turned") / "home") as hub:
        hub.run(hub.asked(key=Purpose.SOURCE))
        yield hub.reopened()
