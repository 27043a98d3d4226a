"""A hub without servers, whose deliveries are taken by one task or by many."""

import json
from collections.abc import Callable
from pathlib import Path

from audit.events import Action
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest import partitions
from ingest.barred import barred_records
from ingest.outcome import Admission
from keys.home import create_ring
from partners.layout import extract_path
from store.datakeys import open_data_key
from store.deliveries import State, find_delivery, open_delivery
from store.kept import open_key
from store.landing import close_delivery, seal_page
from store.sealing import read_sealed
from store.tables import read_table
from tests.cases import ALL
from tests.stored_log import said

QUARTER = Quarter(2026, 3)
POLICE, PROBATION = "police.recorded_crime", "probation.supervision"
PARTITIONS, CANARY = 2, "Canarysurname"
STEPS = (partitions.check, partitions.settle, partitions.split, partitions.keep_all)


class Road:
    """A hub without servers, to which a feed's file is delivered in pages."""

    def __init__(self, settings: Settings, borough: Path) -> None:
        self.settings, self.ring, self.borough = settings, create_ring(settings), borough

    def delivered(self, feed: str, pages: list[bytes]) -> str:
        """A closed delivery."""
        with transaction(self.settings) as connection:
            delivery = open_delivery(connection, self.ring, load_feed(self.settings.config, feed), QUARTER)
            for number, page in enumerate(pages):
                more = None if number == len(pages) - 1 else str(number)
                delivery = seal_page(self.settings, connection, self.ring, delivery, page, cursor=more)
            return close_delivery(connection, delivery).id

    def pages(self, feed: str, rows: int) -> list[bytes]:
        """What the authority has, in documents of so many rows; only ``make test-all`` looks at all of them."""
        whole = self._whole(feed, rows)
        return whole if ALL else whole[:9]

    def _whole(self, feed: str, rows: int) -> list[bytes]:
        text = extract_path(self.borough, feed, str(QUARTER)).read_text(encoding="utf-8")
        if feed == PROBATION:
            orders = json.loads(text)
            return [json.dumps(orders[at : at + rows]).encode() for at in range(0, len(orders), rows)]
        head, *lines = text.splitlines()
        return ["\n".join((head, *lines[at : at + rows])).encode() for at in range(0, len(lines), rows)]

    def in_partitions(self, delivery: str) -> Admission:
        """Every step, each twice as after a kill."""
        for partition in (1, 0, 1):
            partitions.check(self.settings, delivery, partition, PARTITIONS)
        partitions.settle(self.settings, delivery, PARTITIONS)
        for partition in (1, 0, 1):
            partitions.split(self.settings, delivery, partition, PARTITIONS)
        assert len(self.left()) == 2 * PARTITIONS + 1
        assert not any(CANARY.encode() in path.read_bytes() for path in self.settings.home.rglob("*.sealed"))
        return partitions.keep_all(self.settings, delivery, PARTITIONS)

    def spoilt_at(self, name: str, delivery: str) -> None:
        """Every step, while somebody changes a file of this name as soon as it is there."""
        for step in STEPS:
            self.step(step, delivery)
            for held in self.settings.home.rglob(f"{name}.sealed"):
                held.write_bytes(held.read_bytes()[:-1] + b"\x00")

    def step(self, step: Callable[..., object], delivery: str, settings: Settings | None = None) -> object:
        """One step, of every partition in turn where it works on one; what the last gives."""
        each = range(PARTITIONS) if step in (partitions.check, partitions.split) else (None,)
        for partition in each:
            numbers = (PARTITIONS,) if partition is None else (partition, PARTITIONS)
            done = step(settings or self.settings, delivery, *numbers)
        return done

    def undecided(self, delivery: str) -> bool:
        """Whether the delivery waits as it was closed, and the log says nothing against it."""
        with transaction(self.settings) as connection:
            state = find_delivery(connection, delivery).state
        return state is State.CLOSED and not self.log(delivery, Action.REFUSE_DELIVERY)

    def kept(self, delivery: str) -> dict[str, object]:
        """All that is stored of a delivery, in an order of its own."""
        with transaction(self.settings) as connection:
            held = find_delivery(connection, delivery)
            key = open_data_key(connection, self.ring, held.data_key_id)
            quarantine = open_key(connection, self.ring, held, "quarantine")
            barred = barred_records(connection)["record_id"].to_list()
        names = (("events", ""), ("events", ".involvements"), ("records", ""))
        tables = [read_table(self.settings, zone, f"{held.feed}/{delivery}{kind}.parquet", key) for zone, kind in names]
        rows = b"".join(read_sealed(self.settings, "quarantine", f"{held.feed}/{delivery}.sealed", quarantine))
        told = [entry.get("detail") for entry in self.log(delivery, Action.ADMIT, Action.QUARANTINE)]
        uncovered = [table.drop("^encoding_.*$").sort(table.columns[:3]) for table in tables]  # covered by delivery
        return {"tables": uncovered, "quarantined": rows, "barred": barred, "told": told}

    def log(self, delivery: str, *actions: Action) -> list[dict[str, object]]:
        with transaction(self.settings) as connection:
            entries = said(connection)
        return [entry for entry in entries if entry.get("delivery") == delivery and entry["action"] in actions]

    def left(self) -> list[str]:
        """What stands between steps."""
        return sorted(path.name for name in ("*-of-*", "outcome.sealed") for path in self.settings.home.rglob(name))
