"""What is permitted, told once more: slowly, plainly, and from the agreement's JSON alone.

Nothing of the hub's own decisions is used here, so that a mistake there is not made here too.
"""

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agreement.model import Agreement

Terms = Mapping[str, Any]
Row = dict[str, Any]
SIX = ("police", "fire", "health", "probation", "yot", "council")
QUARTER_ENDS = {"1": "03-31", "2": "06-30", "3": "09-30", "4": "12-31"}
AGE_BANDS = {"0-9": (0, 9), "10-17": (10, 17), "18-24": (18, 24), "25-34": (25, 34), "35-49": (35, 49)}
AGE_BANDS |= {"50-64": (50, 64), "65+": (65, 120)}


def terms_of(agreement: Agreement) -> dict[str, Any]:
    """The agreement's own text."""
    told: dict[str, Any] = json.loads(agreement.canonical)
    return told


def in_force(terms: Terms, signatures: Iterable[Any], on: date) -> bool:
    """Whether the day lies in the term, and all six signed this very text by then."""
    given = {signature.authority: signature for signature in signatures}
    if not terms["commences_on"] <= on.isoformat() <= terms["expires_on"]:
        return False
    keys = {party["authority"]: party.get("signing_key") for party in terms["parties"]}
    return all(keys.get(name) and name in given and _right(terms, given[name], keys[name], on) for name in SIX)


def _right(terms: Terms, given: Any, key: str, on: date) -> bool:
    said = {
        "agreement": terms,
        "authority": given.authority,
        "signed_by": given.signed_by,
        "signed_on": given.signed_on.isoformat(),
        "type": "hub/agreement-signature/1",
    }
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(
            base64.b64decode(given.signature), rfc8785.dumps(said)
        )
    except InvalidSignature:
        return False
    return given.signed_on <= on


def may_collect(terms: Terms, feed: str, quarter: str, on: date) -> bool:
    """Of an agreement in force: whether the feed is shared for the quarter, and the quarter is over."""
    if feed not in terms["feeds"]:
        return False
    year, number = quarter.split("-Q")
    return quarter >= terms["feeds"][feed]["earliest_period"] and f"{year}-{QUARTER_ENDS[number]}" < on.isoformat()


def may_link(terms: Terms, feeds: Collection[str], quarter: str, on: date) -> bool:
    """Of an agreement in force: whether all of the feeds may be combined, and the quarter is over."""
    year, number = quarter.split("-Q")
    over = f"{year}-{QUARTER_ENDS[number]}" < on.isoformat()
    return over and all(feed in terms["feeds"] and feed in terms["linkage"]["feeds"] for feed in feeds)


def treatment(terms: Terms, feed: str, column: str) -> dict[str, Any]:
    """What is done with a column; nothing may be done with one that is not named."""
    found: dict[str, Any] = terms["feeds"][feed]["fields"].get(column, {"treat": "drop"})
    return found


def may_read(terms: Terms, recipient: str, purpose: str, table: str, columns: Collection[str]) -> bool:
    """Of an agreement in force: whether the recipient has the table and all of the columns for the purpose."""
    named = terms["recipients"].get(recipient)
    if named is None or table not in named["tables"]:
        return False
    grant = named["tables"][table]
    purposes = set(named["purposes"]) & set(grant.get("purposes") or named["purposes"])
    return purpose in purposes and set(columns) <= set(grant["columns"])


def passes(row: Row, filters: Mapping[str, Collection[str]]) -> bool:
    """Whether each filter's column holds one of its values."""
    return all(as_text(row.get(column)) in values for column, values in filters.items())


def as_text(value: Any) -> str | None:
    """A value as the agreement writes it; a blank is nothing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def visible(
    events: list[Row], parts: list[Row], filters: Mapping[str, Mapping[str, Collection[str]]], year: int
) -> dict[str, list[Row]]:
    """The rows of each table that may be seen, under the hub's own ids."""
    events = [row for row in events if passes(row, filters.get("event", {}))]
    seen = {row["event_id"]: row for row in events}
    parts = [row for row in parts if row["event_id"] in seen and passes(row, filters.get("involvement", {}))]
    persons = [_person(name, parts, seen, year) for name in sorted({row["person_id"] for row in parts})]
    persons = [row for row in persons if passes(row, filters.get("person", {}))]
    names = {row["person_id"] for row in persons}
    parts = [row for row in parts if row["person_id"] in names]
    for row in events:
        row["persons"] = len({part["person_id"] for part in parts if part["event_id"] == row["event_id"]})
    told = {tuple(sorted((k, v) for k, v in row.items() if k != "record_id")): row for row in parts}
    return {"event": events, "involvement": list(told.values()), "person": persons}


def _person(name: str, parts: list[Row], events: Mapping[str, Row], year: int) -> Row:
    own = [row for row in parts if row["person_id"] == name]
    days = [events[row["event_id"]]["occurred_on"] for row in own]
    said = {column: _commonest(own, column) for column in ("sex", "ethnic_group", "birth_year")}
    age = year - said["birth_year"] if said["birth_year"] is not None else None
    bands = [band for band, (low, high) in AGE_BANDS.items() if age is not None and low <= age <= high]
    return {
        "person_id": name,
        "sex": said["sex"] or "unknown",
        "ethnic_group": said["ethnic_group"] or "unknown",
        "birth_year": said["birth_year"],
        "age_band": bands[0] if bands else "unknown",
        "authorities": len({row["authority"] for row in own}),
        "events": len({row["event_id"] for row in own}),
        "first_seen_on": min(days),
        "last_seen_on": max(days),
    }


def _commonest(rows: list[Row], column: str) -> Any:
    """The value that most records state; none where two are as common."""
    stated = {(row["record_id"], row[column]) for row in rows if row.get(column) not in (None, "unknown")}
    votes: dict[Any, int] = {}
    for _, value in stated:
        votes[value] = votes.get(value, 0) + 1
    best = [value for value, number in votes.items() if number == max(votes.values())]
    return best[0] if len(best) == 1 else None
