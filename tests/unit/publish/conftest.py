"""A small hub of its own for every test of publication."""

import shutil
from pathlib import Path

import pytest

from hub.settings import PROJECT, Settings
from keys.home import create_ring
from publish.appointing import new_key
from tests.agreed import agree
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
    private, public = new_key()
    own = settings.model_copy(update={"config": settings.home / "config", "agreement": None})
    shutil.copytree(narrow_config, own.config)
    ring = create_ring(own)
    hub = Hub(own, ring, private)
    hub.appoint(OFFICER, public)
    return hub


@pytest.fixture
def hub(empty_hub: Hub) -> Hub:
    """A hub whose quarter 2026-Q3 is admitted and linked."""
    return empty_hub.fill()
