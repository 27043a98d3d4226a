"""What the small hub of the publication's tests lacks: clear pages, quarantined rows, and records with tokens."""

import shutil
from pathlib import Path

import polars as pl
from sqlalchemy import text

from hub.database import transaction
from hub.settings import Settings
from keys.services import Service
from pseudonymise.fields import RECORD_COLUMNS
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.scheme_keys import hub_keys, source_keys
from publish.publication import publish
from schemas.contract import Identifier
from store.datakeys import open_data_key
from store.deliveries import Delivery, State, admitted_delivery, advance, open_delivery
from store.kept import open_key, tables_name
from store.landing import close_delivery, seal_page
from store.sealing import write_sealed
from store.tables import write_table
from tests.unit.publish.small_hub import CRIMES, FEEDS, PARTS, Q2, Q3, Hub, an_id

CRIME, CARE = "police.recorded_crime", "health.emergency_care"
GIRL = ("Zephyrine", "Quillfeather", "2009-03-04", "9434765919", "KT1 1AA")
MAN = ("Barnabas", "Thistlewood", "1990-05-06", None, "KT2 6QZ")
OTHER = ("Ottoline", "Umberstone", None, None, None)
WHO = {"a0": GIRL, "a1": MAN, "a2": GIRL, "a3": OTHER, "a4": MAN, "b0": GIRL}
CANARIES = [word for who in (GIRL, MAN, OTHER) for word in who[:2]]
IDENTIFIERS = {
    "forename": Identifier.FORENAME,
    "surname": Identifier.SURNAME,
    "date_of_birth": Identifier.DATE_OF_BIRTH,
    "nhs_number": Identifier.NHS_NUMBER,
    "postcode": Identifier.POSTCODE,
}


def copy_of(home: Path, to: Path) -> Path:
    """A home copied to a place, in place of what is there."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(home, to)
    return to


def fill(hub: Hub) -> None:
    """Add what the small hub lacks, publish its quarter, and leave a candidate and an earlier quarter beside it."""
    old = CRIMES.head(1).with_columns(event_id=pl.lit(an_id("e", 9)))
    hub.deliver(CRIME, Q2, old, PARTS.head(1).with_columns(event_id=pl.lit(an_id("e", 9))))
    hub.link()
    for feed, quarter, names in ((CRIME, Q3, "a0 a1 a2 a3 a4"), (CARE, Q3, "b0"), (CRIME, Q2, "a0")):
        complete(hub, feed, quarter, names.split())
    built = hub.build()
    hub.decide(built.release)
    publish(hub.settings, hub.ring, built.release)
    hub.build(Q2)


def complete(hub: Hub, feed: str, quarter: object, names: list[str]) -> None:
    """Give a delivery records, and rows in quarantine."""
    with transaction(hub.settings) as connection:
        delivery = admitted_delivery(connection, feed, quarter)  # type: ignore[arg-type]
        assert delivery is not None
        key = open_data_key(connection, hub.ring, delivery.data_key_id)
        at_fault = open_key(connection, hub.ring, delivery, "quarantine")
    write_table(hub.settings, "records", f"{tables_name(delivery)}.parquet", key, records(hub, feed, names))
    rows = ("\t".join(filter(None, WHO[name])).encode() for name in names)
    write_sealed(hub.settings, "quarantine", f"{feed}/{delivery.id}.sealed", at_fault, rows)


def records(hub: Hub, feed: str, names: list[str]) -> pl.DataFrame:
    """Records of these persons, tokenised by both stages."""
    clear = pl.DataFrame([WHO[name] for name in names], schema=dict.fromkeys(IDENTIFIERS, pl.String), orient="row")
    ring = hub.ring.serving(Service.INGEST)
    tokens = linkage_columns(clear, IDENTIFIERS, source_keys(ring), hub_keys(ring))
    own = pl.DataFrame({"record_id": [an_id(name[0], int(name[1:])) for name in names]}).with_columns(
        feed=pl.lit(feed), authority=pl.lit(feed.partition(".")[0]), reference_sealed=pl.lit(b"sealed")
    )
    return own.hstack(tokens).select(list(RECORD_COLUMNS))


def open_with_page(hub: Hub, feed: str, body: bytes) -> Delivery:
    """A delivery that is still being fetched."""
    with transaction(hub.settings) as connection:
        opened = open_delivery(connection, hub.ring, FEEDS[feed], Q3)
        return seal_page(hub.settings, connection, hub.ring, opened, body, cursor="after Zephyrine")


def age(settings: Settings, days: int) -> None:
    """Make everything that is kept so many days older."""
    by = f"interval '{days} days'"
    with transaction(settings) as connection:
        for table, columns in (
            ("delivery", ("received_at", "closed_at")),
            ("release", ("created_at", "published_at")),
            ("public_release", ("created_at", "published_at")),
            ("register_event", ("at",)),
        ):
            changed = ", ".join(f"{column} = {column} - {by}" for column in columns)
            connection.execute(text(f"UPDATE hub.{table} SET {changed}"))


__all__ = ["CANARIES", "State", "advance", "age", "close_delivery", "copy_of", "fill", "open_with_page", "records"]
