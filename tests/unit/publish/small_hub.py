"""A small hub: one quarter of three feeds, admitted and linked by hand, and an information governance officer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import polars as pl

from agreement.policy import load_agreement
from audit.checkpoint import Verifier
from audit.events import Action, Entry
from audit.log import append
from audit.verify import verify
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from ingest.barred import remember_barred
from keys.home import log_signer
from keys.ring import KeyRing
from linkage.registered.register import update_register
from linkage.registered.seen import deliveries_digest
from publish.appointing import appoint
from publish.candidate import build_candidate
from publish.deciding import decide
from publish.keeping import Candidate
from publish.officers import register
from store.datakeys import open_data_key
from store.deliveries import State, admitted_deliveries, admitted_delivery, advance, open_delivery
from store.landing import close_delivery, seal_page
from store.tables import write_table
from tests.agreed import agree, pem
from tests.stored_log import said

FEEDS = load_feeds(PROJECT / "config")
Q2, Q3 = Quarter(2026, 2), Quarter(2026, 3)
OFFICER = "ig officer"
LINKABLE = ("health.emergency_care", "police.recorded_crime")
INSTANT = pl.Datetime("us", "UTC")


def an_id(letter: str, number: int) -> str:
    """A made-up keyed id of 32 hexadecimal digits."""
    return f"{letter}{number:031x}"


CRIMES = pl.DataFrame(
    {
        "event_id": [an_id("e", n) for n in range(4)],
        "feed": "police.recorded_crime",
        "event_type": "crime",
        "occurred_on": [date(2026, 7, 4 + n) for n in range(4)],
        "occurred_at": [datetime(2026, 7, 4 + n, 22, 15, tzinfo=UTC) for n in range(3)] + [None],
        "offence_code": ["005/01", "008/06", "005/01", "034/10"],
        "lsoa_code": ["E01002915", None, "E01002916", "E01002915"],
        "knife": [True, False, None, True],
    },
    schema_overrides={"occurred_at": INSTANT},
)
PARTS = pl.DataFrame(
    {
        "event_id": [an_id("e", n) for n in (0, 0, 1, 2, 3)],
        "record_id": [an_id("a", n) for n in range(5)],
        "feed": "police.recorded_crime",
        "role": ["victim", "suspect", "victim", "victim", "suspect"],
        "sex": ["female", "male", "female", "unknown", "male"],
        "ethnic_group": ["white", "black", "white", "asian", "unknown"],
        "birth_year": [2009, 1990, 2009, None, 1990],
    },
    schema_overrides={"birth_year": pl.Int32},
)
ATTENDANCES = pl.DataFrame(
    {
        "event_id": [an_id("f", 0)],
        "feed": "health.emergency_care",
        "event_type": "emergency attendance",
        "occurred_on": [date(2026, 7, 4)],
        "occurred_at": [None],
        "assault_location": ["public"],
    },
    schema_overrides={"occurred_at": INSTANT},
)
PATIENTS = pl.DataFrame(
    {
        "event_id": [an_id("f", 0)],
        "record_id": [an_id("b", 0)],
        "feed": "health.emergency_care",
        "role": "patient",
        "sex": "female",
        "ethnic_group": "white",
        "birth_year": [2009],
    },
    schema_overrides={"birth_year": pl.Int64},
)
STREET = pl.DataFrame(
    {
        "event_id": [an_id("d", n) for n in range(2)],
        "feed": "police.street_crime",
        "event_type": "street crime",
        "occurred_on": [date(2026, 8, 1), date(2026, 9, 1)],
    }
)
# the girl of crimes 0 and 1 is the patient; the suspect of crimes 0 and 3 is one man; crime 2 has its own victim
PERSONS = {"girl": ["a0", "a2", "b0"], "man": ["a1", "a4"], "other": ["a3"]}


GRANTED: dict[str, dict[str, Any]] = {
    "person": {
        "columns": ["person_id", "sex", "age_band", "authorities", "events", "first_seen_on", "last_seen_on"],
    },
    "event": {
        "columns": [
            "event_id",
            "feed",
            "event_type",
            "occurred_on",
            "occurred_at",
            "lsoa_code",
            "offence_code",
            "knife",
        ],
    },
    "involvement": {"columns": ["event_id", "person_id", "authority", "role"]},
}


RIGHT = {
    "estimated_precision": 0.999, "estimated_recall": 0.97, "subgroup_gap": 0.01,
    "furthest_behind": "recall/sex/male",
}  # fmt: skip


@dataclass(frozen=True)
class Hub:
    """A hub whose quarter is linked."""

    settings: Settings
    ring: KeyRing
    officer_key: bytes

    def build(self, quarter: Quarter = Q3) -> Candidate:
        """Build the quarter's candidate."""
        return build_candidate(self.settings, self.ring, quarter)

    def appoint(self, officer: str, public_key: bytes) -> None:
        """Have the council appoint an officer for two years, of which one is over, and register it."""
        today, year = now().date(), timedelta(days=365)
        said = ("council", pem("council"), today - year, today + year)
        word = appoint(load_agreement(self.settings), officer, public_key, *said)
        register(self.settings, word.document())

    def decide(self, release: str, verdict: str = "approve", **changed: Any) -> None:
        """Decide as the officer."""
        said = {"reason": "Checked", "officer": OFFICER, "key": self.officer_key} | changed
        decide(self.settings, release, verdict=verdict, **said)

    def decided(self) -> str:
        """Build the quarter's candidate and approve it; its release."""
        release = self.build().release
        self.decide(release)
        return release

    def deliver(
        self, feed: str, quarter: Quarter, events: pl.DataFrame, involvements: pl.DataFrame | None = None
    ) -> None:
        """Admit a delivery whose split tables are these."""
        with transaction(self.settings) as connection:
            delivery = open_delivery(connection, self.ring, FEEDS[feed], quarter)
            body = events.write_json().encode()
            delivery = seal_page(self.settings, connection, self.ring, delivery, body, cursor=None)
            delivery = close_delivery(connection, delivery)
            key = open_data_key(connection, self.ring, delivery.data_key_id)
            place = f"{feed}/{delivery.id}"
            write_table(self.settings, "events", f"{place}.parquet", key, events)
            if involvements is not None:
                write_table(self.settings, "events", f"{place}.involvements.parquet", key, involvements)
            counts = {"rows_received": events.height + 1, "rows_accepted": events.height, "rows_quarantined": 1}
            advance(connection, delivery.id, State.ADMITTED, **counts)

    def link(
        self,
        persons: Mapping[str, list[str]] = PERSONS,
        feeds: Sequence[str] = LINKABLE,
        *,
        silent: bool = False,
        **quality: float | str,
    ) -> None:
        """Make these the persons of the register, and log it as a link of the quarter does, of such quality."""
        rows = [(an_id(r[0], int(r[1:])), name) for name, records in persons.items() for r in records]
        clusters = pl.DataFrame(rows, schema=["record_id", "cluster"], orient="row")
        smallest = clusters.group_by("cluster").agg(pl.col("record_id").min().alias("first"))
        named = clusters.join(smallest, on="cluster").select("record_id", cluster="first")
        with transaction(self.settings) as connection:
            update_register(connection, named, Q3, lambda seed: sha256(seed.encode()).hexdigest()[:32])
            admitted = [d for period in (Q2, Q3) for d in admitted_deliveries(connection, period, feeds)]
            seen = {"deliveries": deliveries_digest(delivery.id for delivery in admitted)} | (
                {} if silent else RIGHT | quality
            )
            said = {"actor": "linker", "period": str(Q3), "purpose": "linkage", "agreement_hash": "a" * 64}
            append(connection, Entry(action=Action.LINK, code_commit="c" * 40, detail=seen, **said))

    def fill(self) -> "Hub":
        """Admit and link the three feeds of the quarter."""
        self.deliver("police.recorded_crime", Q3, CRIMES, PARTS)
        self.deliver("health.emergency_care", Q3, ATTENDANCES, PATIENTS)
        self.deliver("police.street_crime", Q3, STREET)
        self.link()
        return self

    def bar(self, feed: str, quarter: Quarter, *record_ids: str) -> None:
        """Say that the admitted delivery bars these records, as one with limited access does."""
        with transaction(self.settings) as connection:
            delivery = admitted_delivery(connection, feed, quarter)
            assert delivery is not None
            remember_barred(connection, delivery, list(record_ids))

    def agree(self, change: Callable[[dict[str, Any]], object] = lambda terms: None, but: Sequence[str] = ()) -> None:
        """Change the agreement, and have all parties but some sign it."""
        agree(self.settings.agreement_path, change, but)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows that a query gives."""
        with transaction(self.settings) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def unsigned(self) -> int:
        """How many entries of the log no checkpoint signs; the log is sound."""
        with transaction(self.settings) as connection:
            found = verify(connection, Verifier.of(log_signer(self.settings, self.ring)))
        assert not found.problems
        return found.unsigned

    def said(self, **wanted: Any) -> list[dict[str, Any]]:
        """What the log's entries say that a filter finds, oldest first."""
        with transaction(self.settings) as connection:
            return said(connection, **wanted)

    def logged(self, action: str) -> int:
        """How many entries the log has of an action."""
        return len(self.said(action=action))
