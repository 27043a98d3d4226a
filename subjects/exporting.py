"""What is held about a person, in words that the person can read (UK GDPR Art 15).

1. Every row of the person in each zone; of events, what they say of themselves, and not who else took part (Art 15(4)).
2. For each feed: who supplied it, under which law, for which purposes, of which categories, and until when it is kept.
3. Who is given releases, and every act in which somebody saw data about the person, as the log knows them.
4. Of tokens, which there are and not their values: they are keys to other people's records, and no use to the person.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.events import Action
from audit.subjects import seen
from hub.clock import now
from hub.settings import Settings
from keys.ring import KeyRing
from linkage.models import Person, RegisterEvent
from linkage.registered.forgetting import excluded_persons, records_of
from linkage.registered.former_ids import former_ids
from publish.order import Act
from publish.ordering import Officer
from store.deliveries import Delivery
from subjects.acting import RECIPIENT, Acting, acting
from subjects.tables import Tables, stored_tables

RIGHTS = (
    "You may ask that it be corrected (UK GDPR Art 16), erased (Art 17) or used no further while that is settled "
    "(Art 18), and object to its use (Art 21): write to the data protection officer named here. "
    "You may complain to the Information Commissioner (ico.org.uk)."
)
RAW = (
    "The authority's own rows lie sealed for these days after they came, and are not searched; the authority has them."
)


def export(settings: Settings, ring: KeyRing, officer: Officer, person: str) -> bytes:
    """The document, as JSON; its disclosure to the person is logged. Raises as ``acting``."""
    with acting(settings, ring, officer, Act.EXPORT, person, recipient=RECIPIENT) as act:
        told = _told(act, ring)
        rows = sum(len(part["events"]) for part in told["held"])
        about = {"events": rows, "deliveries": len(told["held"]), "acts": len(told["seen_by"])}
        act.log(Action.EXPORT_SUBJECT, about, recipient=RECIPIENT)
    return json.dumps(told, indent=2, default=str, ensure_ascii=False).encode()


def _told(act: Acting, ring: KeyRing) -> dict[str, Any]:
    agreement, records = load_agreement(act.settings), records_of(act.connection, act.person)
    held = [part for each in stored_tables(act.settings, act.connection, ring) for part in _held(each, records)]
    feeds = sorted({part["feed"] for part in held})
    days = agreement.retention_days
    return {
        "made_at": now(),
        "who_answers_for_it": agreement.operator.model_dump(),
        "held": [part | {"kept_until": _until(part, days)} for part in held],
        "feeds": {feed: _feed(agreement, feed) for feed in feeds if feed in agreement.feeds},
        "raw_copies": {"days": {zone: days.get(zone) for zone in ("landing", "quarantine")}, "what": RAW},
        "how_records_were_joined": list(_history(act.connection, act.person)),
        "left_out_of_releases": act.person in excluded_persons(act.connection),
        "recipients": {name: recipient.title for name, recipient in agreement.recipients.items()},
        "seen_by": list(_seen(act.connection, act.person)),
        "your_rights": RIGHTS,
    }


def _held(tables: Tables, records: set[str]) -> Iterator[dict[str, Any]]:
    """What one delivery holds of the person; nothing if it holds none (1)."""
    delivery, parts, linked = tables.delivery, tables.involvements(records), tables.records(records)
    if parts.is_empty() and linked.is_empty():
        return
    events = tables.rows("events", ".parquet", "event_id", set(parts["event_id"])) if parts.height else parts
    told = events.join(parts.drop("record_id", "feed"), on="event_id", suffix="_of_person") if parts.height else events
    fields = [name for name in linked.columns if name.startswith(("token_", "encoding_"))]
    yield {
        "feed": delivery.feed,
        "period": str(delivery.period),
        "received_on": _since(delivery),
        "in_force": delivery.state == "admitted",
        "events": [_without_blanks(row) for row in told.drop("event_id", strict=False).iter_rows(named=True)],
        "linked_by": sorted(name for name in fields if linked[name].null_count() < linked.height),  # (4)
        "references_sealed": linked.height,
    }


def _without_blanks(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _since(delivery: Delivery) -> Any:
    return (delivery.closed_at or delivery.received_at).date()


def _until(part: Mapping[str, Any], days: Mapping[Any, int]) -> Any:
    return part["received_on"] + timedelta(days=min(days["records"], days["events"]))


def _feed(agreement: Agreement, feed: str) -> dict[str, Any]:
    """Rule 2."""
    terms, party = agreement.feeds[feed], agreement.party(feed.partition(".")[0])
    return {
        "supplied_by": party.controller if party else feed.partition(".")[0],
        "ask": party.contact if party else agreement.operator.contact,
        "gateway": str(terms.gateway),
        "purposes": [each.text for each in agreement.purposes if each.id in terms.purposes],
        "categories": {name: str(field.classification) for name, field in terms.fields.items()},
    }


def _history(connection: Connection, person: str) -> Iterator[dict[str, Any]]:
    """When records came to the person or left, and how surely; without ids."""
    event = RegisterEvent
    asked = select(event.period, event.kind, event.bits, event.at).where(event.person_id == person)
    founded = connection.execute(select(Person.founded_in).where(Person.person_id == person)).scalar()
    yield {"first_seen_in": founded}
    for row in connection.execute(asked.order_by(event.number)):
        yield {"quarter": row.period, "what": row.kind, "match_weight_bits": row.bits, "at": row.at}


def _seen(connection: Connection, person: str) -> Iterator[dict[str, Any]]:
    """Rule 3: acts about the person, and about the ids that the records had before."""
    acts = {act.index: act for act in seen(connection, person)}
    for former, until in former_ids(connection, person).items():
        acts |= {act.index: act for act in seen(connection, former) if act.at < until}
    for _, act in sorted(acts.items(), reverse=True):
        names = ("action", "actor", "recipient", "release", "table", "columns", "purpose", "justification")
        yield {"at": act.at} | {name: act.said[name] for name in names if name in act.said}
