"""A hub with keys, and the authorities of a small borough serving it in a thread of the test process."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from audit.events import Action
from hub.database import transaction
from hub.settings import PROJECT, Settings
from keys.home import create_ring
from keys.ring import KeyRing
from partners.extracts import write_extracts
from partners.servers.serve import Plan
from store.datakeys import open_data_key
from store.deliveries import admitted_delivery
from store.tables import read_table
from tests.agreed import agree
from tests.stored_log import said
from tests.unit.ingest.road import QUARTER, Road


@dataclass(frozen=True)
class Hub:
    """A hub, and the folder of what its authorities hand out."""

    settings: Settings
    ring: KeyRing
    partners: Path

    def change(self, file: str, **entries: Any) -> None:
        """Change entries at the top of one configuration file of this hub; a changed agreement is signed anew."""
        path = self.settings.config / file
        if file == "agreement.yaml":
            agree(path, lambda terms: terms.update(entries))
            return
        content = yaml.safe_load(path.read_text(encoding="utf-8")) | entries
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def log(self) -> list[dict[str, Any]]:
        """Every entry of the log, oldest first."""
        with transaction(self.settings) as connection:
            return said(connection)

    def actions(self) -> list[str]:
        """What the log tells, in order; without the keys that were used for it."""
        return [entry["action"] for entry in self.log() if entry["action"] != Action.USE_KEY]

    def table(self, feed: str, zone: str = "events", kind: str = "") -> Any:
        """A table of the delivery in force."""
        with transaction(self.settings) as connection:
            delivery = admitted_delivery(connection, feed, QUARTER)
            assert delivery is not None
            key = open_data_key(connection, self.ring, delivery.data_key_id)
        return read_table(self.settings, zone, f"{feed}/{delivery.id}{kind}.parquet", key)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def small_borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extracts of a borough of 1,200 people for one quarter."""
    folder = tmp_path_factory.mktemp("borough")
    write_extracts(folder, 1200, 3, [QUARTER])
    return folder


@pytest.fixture
def hub(
    settings: Settings, tmp_path: Path, small_borough: Path, serve_in_thread: Callable[[Plan], Any]
) -> Iterator[Hub]:
    """Police files, fire's and probation's interfaces and the council's database, with a folder to spoil."""
    config, partners = tmp_path / "config", tmp_path / "partners"
    shutil.copytree(PROJECT / "config", config)
    shutil.copytree(small_borough, partners)
    agree(config / "agreement.yaml")
    own = settings.model_copy(update={"config": config, "agreement": None})
    ring = create_ring(own)
    servers = frozenset({"police-sftp", "fire", "probation"})
    with serve_in_thread(Plan(folder=partners, hub_home=own.home, servers=servers)):
        local = yaml.safe_load((own.home / "local.yaml").read_text(encoding="utf-8"))
        yield Hub(own.model_copy(update={"endpoints": local["endpoints"]}), ring, partners)


@pytest.fixture
def road(settings: Settings, tmp_path: Path, small_borough: Path) -> Road:
    config = tmp_path / "config"
    shutil.copytree(PROJECT / "config", config)
    agree(config / "agreement.yaml")
    return Road(settings.model_copy(update={"config": config, "agreement": None}), small_borough)
