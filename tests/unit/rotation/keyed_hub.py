"""A hub that keeps the tokens of invented people in several deliveries, and officers of two authorities."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
from sqlalchemy import insert, text

from agreement.policy import load_agreement
from hub.clock import now
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.models import AdmissionRow
from ingest.storing import COVERED, HUB_VERSION, stated_version, uncovered
from keys.home import open_ring
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from pseudonymise.covering import covered
from pseudonymise.linkage_columns import hub_stage_columns, linkage_columns
from pseudonymise.scheme_keys import SourceKeys, cover_key, hub_keys, source_keys, token_version, wire_keys
from pseudonymise.wire import arrived, travelling
from publish.appointing import appoint, new_key
from publish.officers import register
from rotation.deciding import ask, decide
from rotation.rekeying import Rekeyed, run
from rotation.word import Verdict
from schemas.contract import Identifier
from store.datakeys import open_data_key
from store.deliveries import State, advance, open_delivery
from store.kept import tables_name
from store.models import DeliveryRow
from store.tables import read_stating, writing_table
from tests.agreed import pem
from tests.unit.linkage.invented import people, spoiled

FEEDS = ("police.recorded_crime", "council.marac", "probation.supervision")
OFFICERS = {"Ann Officer": "council", "Bob Officer": "police"}
COLUMNS = ("forename", "surname", "date_of_birth", "sex", "postcode", "uprn", "nhs_number")


def clear_rows(seed: int, households: int) -> pl.DataFrame:
    """Rows of invented people, two or three each, as authorities write them down; ``person`` says whose they are."""
    chance = random.Random(seed)
    rows = [
        {"person": str(number)} | vars(spoiled(person, chance))
        for number, person in enumerate(people(seed, households))
        for _ in range(chance.choice((2, 3)))
    ]
    schema = dict.fromkeys(("person", *COLUMNS), pl.String()) | {"date_of_birth": pl.Date()}
    return pl.DataFrame(rows, schema=schema)


@dataclass(frozen=True)
class KeyedHub:
    """A home, its custodian's ring, and its officers' private keys."""

    settings: Settings
    ring: KeyRing
    officers: dict[str, bytes]

    @classmethod
    def of(cls, settings: Settings, ring: KeyRing) -> "KeyedHub":
        """With officers that two authorities appoint."""
        today, year, keys = now().date(), timedelta(days=365), {}
        for officer, party in OFFICERS.items():
            keys[officer], public = new_key()
            said = (public, party, pem(party), today - year, today + year)
            register(settings, appoint(load_agreement(settings), officer, *said).document())
        return cls(settings, ring, keys)

    def reopened(self) -> "KeyedHub":
        """The same, with the ring as it lies now."""
        return replace(self, ring=open_ring(self.settings, Service.CUSTODIAN))

    def tokens(self, clear: pl.DataFrame) -> pl.DataFrame:
        """The tokens and encodings of rows, as everything new has them."""
        kinds = {name: Identifier(name) for name in COLUMNS}
        return linkage_columns(clear.select(COLUMNS), kinds, source_keys(self.ring), hub_keys(self.ring))

    def encoded(self, feed: str, clear: pl.DataFrame, *versions: int) -> pl.DataFrame:
        """The same of rows that their authority encoded by its copies of these versions, as they arrived here."""
        kinds = {name: Identifier(name) for name in COLUMNS}
        keys = SourceKeys.of([self.ring.key(Purpose.SOURCE, each) for each in versions])
        made = linkage_columns(clear.select(COLUMNS), kinds, keys, None)
        made = made.with_columns(reference=pl.int_range(pl.len()).map_elements("{:032x}".format, pl.String))
        sent = travelling(made, feed, keys.wire) if keys.wire else made
        known = wire_keys(self.ring)[keys.stated]
        stage_1 = arrived(sent, feed, known) if known else sent
        return hub_stage_columns(stage_1.drop("reference"), hub_keys(self.ring))

    def deliver(
        self, feed: str, quarter: Quarter, clear: pl.DataFrame, first: int = 0, encoded: Sequence[int] = ()
    ) -> str:
        """Admit a delivery of these rows, whose records are numbered from ``first``; in groups, as ingest writes."""
        made = self.encoded(feed, clear, *encoded) if encoded else self.tokens(clear)
        ids = [sha256(f"{feed} {first + number}".encode()).hexdigest()[:32] for number in range(clear.height)]
        constants = {"feed": pl.lit(feed), "authority": pl.lit(feed.partition(".")[0])}
        sealed = pl.Series("reference_sealed", [bytes(20)] * clear.height, dtype=pl.Binary)
        records = made.insert_column(0, pl.Series("record_id", ids)).with_columns(sealed, **constants)
        stated = {HUB_VERSION: str(token_version(self.ring)), COVERED: "yes"}
        with transaction(self.settings) as connection:
            delivery = open_delivery(connection, self.ring, load_feed(self.settings.config, feed), quarter)
            key = open_data_key(connection, self.ring, delivery.data_key_id)
            name = f"{tables_name(delivery)}.parquet"
            with writing_table(self.settings, "records", name, key, metadata=stated) as add:
                for part in records.iter_slices(-(-records.height // 3)):
                    add(covered(part, self.ring.key(Purpose.HUB), delivery.id))
            advance(connection, delivery.id, State.CLOSED)
            advance(connection, delivery.id, State.ADMITTED)
            admitted = {"agreement_hash": "a" * 64, "code_commit": "c" * 40, "admitted_at": now()}
            version = token_version(self.ring)
            connection.execute(insert(AdmissionRow).values(delivery_id=delivery.id, hub_version=version, **admitted))
        return delivery.id

    def spread(self, clear: pl.DataFrame, deliveries: int, feeds: Sequence[str] = FEEDS) -> None:
        """Admit rows as so many deliveries of the feeds in turn."""
        size = -(-clear.height // deliveries)
        for number, part in enumerate(clear.iter_slices(size)):
            quarters, feed = divmod(number, len(feeds))
            self.deliver(feeds[feed], Quarter(2024 + quarters // 4, quarters % 4 + 1), part, first=number * size)

    def stored(self) -> dict[str, tuple[int, pl.DataFrame]]:
        """Each delivery's records as they lie, and the version that their file states."""
        found = {}
        with transaction(self.settings) as connection:
            columns = (DeliveryRow.id, DeliveryRow.feed, DeliveryRow.data_key_id)
            for row in connection.execute(DeliveryRow.__table__.select().with_only_columns(*columns)).all():
                key = open_data_key(connection, self.ring, row.data_key_id)
                records, stated = read_stating(self.settings, "records", f"{tables_name(row)}.parquet", key)
                version = stated_version(stated)
                found[row.id] = (version, uncovered(records, stated, cover_key(self.ring, version), row.id))
        return found

    def versions(self) -> set[int]:
        """What the database says of the versions that tokens are under."""
        with transaction(self.settings) as connection:
            return set(connection.execute(text("SELECT hub_version FROM hub.admission")).scalars())

    def asked(self, officers: Sequence[str] = tuple(OFFICERS), key: Purpose = Purpose.HUB) -> str:
        """A rotation that was asked for and approved by these officers."""
        rotation = ask(self.settings, self.ring, "A year has passed", key).digest
        for officer in officers:
            self.say(rotation, officer)
        return rotation

    def say(self, rotation: str, officer: str, verdict: Verdict = Verdict.APPROVE) -> None:
        """Sign a word."""
        said = {"verdict": verdict, "reason": "It is due", "officer": officer, "key": self.officers[officer]}
        decide(self.settings, rotation, **said)

    def run(self, rotation: str) -> Rekeyed:
        """Do it."""
        return run(self.settings, self.ring, rotation)

    def left_beside(self) -> list[Path]:
        """What killed writers left."""
        return list((self.settings.home / "zones").rglob("*.draft"))
