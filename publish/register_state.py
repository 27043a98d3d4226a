"""How the register of persons stands: what the log says of the link that made it, and what that link has seen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, select

from audit.events import Action
from audit.query import Filter, newest
from hub.periods import Quarter
from linkage.learned.trained import newest_model
from linkage.registered.seen import deliveries_digest
from publish.errors import CandidateRefused
from publish.manifest import LinkageEntry
from schemas.registry import contract_for
from store.deliveries import State
from store.models import DeliveryRow

QUALITY = (
    "estimated_precision", "precision_low", "precision_high", "estimated_recall", "recall_low", "recall_high",
    "reviewed_precision", "reviewed_recall", "subgroup_gap",
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """The log's entry of a link: up to which quarter, and its counts and hashes."""

    quarter: Quarter
    detail: Mapping[str, str | int | float | bool]


def newest_link(connection: Connection) -> Link | None:
    """The link that made the register what it is; none before the first."""
    entry = next(newest(connection, Filter(action=Action.LINK, outcome="done")), None)
    return None if entry is None else Link(Quarter.parse(entry.said["period"]), entry.said.get("detail", {}))


def require_seen(connection: Connection, linkable: Collection[str], quarter: Quarter) -> None:
    """Check that the newest link has seen every delivery that a release of ``quarter`` takes persons from.

    A correction that was admitted since would be published with the persons of what it corrects. Raises
    CandidateRefused.
    """
    link = newest_link(connection)
    until = max(quarter, link.quarter) if link else quarter
    ids = _linkable_deliveries(connection, linkable, until)
    if ids and (link is None or link.detail.get("deliveries") != deliveries_digest(ids)):
        raise CandidateRefused(
            "The candidate cannot be built",
            where="the register of persons",
            why=f"the newest link has not seen the deliveries that are admitted up to {until} now",
            fix="Run hub link for the quarter, then build again",
        )


def linkage_entry(connection: Connection, involvements: pl.DataFrame) -> LinkageEntry:
    """What the manifest says of the linkage; ``involvements`` has record_id and person_id."""
    model, link = newest_model(connection), newest_link(connection)
    said = link.detail if link else {}
    return LinkageEntry(
        model=model.version if model else "",
        records=involvements["record_id"].n_unique(),
        persons=involvements["person_id"].n_unique(),
        quality={name: round(float(said[name]), 4) for name in QUALITY if name in said},
        behind=str(said["furthest_behind"]) if "furthest_behind" in said else None,
    )


def _linkable_deliveries(connection: Connection, linkable: Collection[str], until: Quarter) -> list[str]:
    query = select(DeliveryRow.id, DeliveryRow.feed).where(
        DeliveryRow.state == State.ADMITTED, DeliveryRow.period <= str(until), DeliveryRow.feed.in_(linkable)
    )
    return [row.id for row in connection.execute(query) if contract_for(row.feed).personal]
