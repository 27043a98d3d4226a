"""A small hub that keeps something in every zone, with names that are found nowhere else."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy.engine import URL, make_url

from keys.home import open_ring
from keys.services import Service
from tests.conftest import copied_database
from tests.unit.publish.conftest import empty_hub, filled, narrow_config  # noqa: F401
from tests.unit.publish.small_hub import Hub
from tests.unit.retention.full_hub import copy_of, fill


@pytest.fixture(scope="session")
def full(filled: Hub, postgres_url: URL) -> Iterator[Hub]:  # noqa: F811
    """A hub with pages, quarantined rows, records, events, a published release and a candidate; filled once."""
    home = copy_of(filled.settings.home.with_name("kept"), filled.settings.home.with_name("full"))
    with copied_database(postgres_url, make_url(filled.settings.database_url).database) as url:
        own = filled.settings.model_copy(update={"database_url": url, "home": home, "config": home / "config"})
        hub = replace(filled, settings=own, ring=open_ring(own, Service.CUSTODIAN))
        fill(hub)
        copy_of(home, home.with_name("full_kept"))
        yield hub


@pytest.fixture
def hub(full: Hub, postgres_url: URL) -> Iterator[Hub]:
    """A copy of it."""
    from hub import database

    database.engine(full.settings).dispose()
    copy_of(full.settings.home.with_name("full_kept"), full.settings.home)
    with copied_database(postgres_url, make_url(full.settings.database_url).database) as url:
        own = full.settings.model_copy(update={"database_url": url})
        yield replace(full, settings=own, ring=open_ring(own, Service.CUSTODIAN))
