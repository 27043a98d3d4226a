"""A small hub of its own for every test of publication."""

import shutil

import pytest

from hub.database import Base, engine
from hub.settings import Settings
from keys.home import create_ring
from publish.officers import new_key, register_officer
from tests.unit.publish.small_hub import GRANTED, OFFICER, Hub


@pytest.fixture
def empty_hub(settings: Settings) -> Hub:
    """A hub with keys and an officer, and no delivery."""
    with engine(settings).begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS hub")
        Base.metadata.create_all(connection)
    private, public = new_key()
    register_officer(settings, OFFICER, public)
    own = settings.model_copy(update={"config": settings.home / "config"})
    shutil.copytree(settings.config, own.config)
    hub = Hub(own, create_ring(own), private)
    hub.agree(lambda terms: terms["recipients"]["partnership_analysts"].update(tables=GRANTED))
    return hub


@pytest.fixture
def hub(empty_hub: Hub) -> Hub:
    """A hub whose quarter 2026-Q3 is admitted and linked."""
    return empty_hub.fill()
