"""``hub status``: what the hub holds, on one screen."""

from dataclasses import asdict, dataclass
from typing import Any

import typer
from sqlalchemy import func, select

from agreement.policy import load_agreement
from agreement.witnesses import quorum
from audit.proving import witnessed
from cli.audit import verify_log
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from hub.feeds import load_feeds
from hub.settings import Settings
from linkage.models import Person
from publish.releases import releases
from store.models import DeliveryRow


@dataclass(frozen=True)
class FeedCounts:
    """Rows of the deliveries in force of one feed."""

    received: int
    accepted: int
    quarantined: int
    periods: tuple[str, ...]


def add_to(root: typer.Typer) -> None:
    """Hang this into the root command."""
    root.command("status")(status)


def state(settings: Settings) -> dict[str, Any]:
    """Feeds with their counts, persons, releases with hash and state, and whether the log verifies."""
    log = verify_log(settings)
    return {
        "feeds": {name: asdict(counts) for name, counts in _feeds(settings).items()},
        "persons": _persons(settings),
        "releases": [{"name": r.name, "hash": r.manifest_hash, "state": r.state} for r in releases(settings)],
        "log": {"size": log.size, "verified": log.verified, "witnessed": _witnessed(settings)},
    }


def _witnessed(settings: Settings) -> int:
    """How many entries are under a checkpoint that enough of the authorities' witnesses cosigned."""
    with transaction(settings) as connection:
        stored = witnessed(connection, quorum(load_agreement(settings)))
    return stored.checkpoint.size if stored else 0


def _feeds(settings: Settings) -> dict[str, FeedCounts]:
    """Deliveries that were admitted and not superseded, and those refused whole, by feed."""
    counted = {name: FeedCounts(0, 0, 0, ()) for name in load_feeds(settings.config)}
    in_force = (
        select(
            DeliveryRow.feed,
            func.coalesce(func.sum(DeliveryRow.rows_received), 0),
            func.coalesce(func.sum(DeliveryRow.rows_accepted), 0),
            func.coalesce(func.sum(DeliveryRow.rows_quarantined), 0),
            func.array_agg(DeliveryRow.period),
        )
        .where(DeliveryRow.state == "admitted")
        .group_by(DeliveryRow.feed)
    )
    with transaction(settings) as connection:
        for feed, received, accepted, quarantined, periods in connection.execute(in_force):
            counted[feed] = FeedCounts(received or 0, accepted or 0, quarantined or 0, tuple(sorted(periods)))
    return counted


def _persons(settings: Settings) -> int:
    with transaction(settings) as connection:
        return connection.execute(
            select(func.count()).select_from(Person).where(Person.ended_in.is_(None))
        ).scalar_one()


def status(as_json_: AsJson = False) -> None:
    """What came in, who was found, what is published, and whether the log verifies."""
    with existing_home() as settings:
        found = state(settings)
    if as_json_:
        as_json(found)
        return
    rows = [
        [name, counts["received"], counts["accepted"], counts["quarantined"], ", ".join(counts["periods"])]
        for name, counts in found["feeds"].items()
    ]
    table("Feeds", ["feed", "received", "accepted", "quarantined", "quarters"], rows)
    console.print(f"\nPersons: {found['persons']:,}\n")
    table("Releases", ["name", "state", "hash"], [[r["name"], r["state"], r["hash"]] for r in found["releases"]])
    word = "verified" if found["log"]["verified"] else "DOES NOT VERIFY: run hub audit verify"
    console.print(f"\nLog: {found['log']['size']:,} entries, {word}; {found['log']['witnessed']:,} are witnessed.")
