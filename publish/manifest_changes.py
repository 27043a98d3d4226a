"""What two manifests state differently: the inputs of each feed, and what the tables were made by. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from publish.manifest import DeliveryEntry, FeedInput, Manifest

NOT_STATED = "not stated"
_MADE_BY = (
    "agreement",
    "code_commit",
    "key_versions",
    "domain",
    "linkage",
    "disclosure",
    "incident_rules",
    "definition",
    "factors",
)
_SHORT = 12  # hexadecimal digits of a hash, enough to tell two apart


@dataclass(frozen=True)
class Change:
    """One thing that the manifests state differently, in their own words; a hash by its first digits."""

    what: str
    old: str
    new: str


def inputs_changed(old: Manifest, new: Manifest) -> tuple[Change, ...]:
    """Per feed, in order of names: how its delivery for the quarter stands, and which deliveries were used."""
    before, after = ({feed.feed: _told(feed) for feed in manifest.inputs} for manifest in (old, new))
    return tuple(_changes(_flat("", before), _flat("", after)))


def made_changed(old: Manifest, new: Manifest) -> tuple[Change, ...]:
    """Agreement, code, keys, linkage, disclosure control, rules and reference tables, each by its place in them."""
    return tuple(_changes(_flat("", _made_by(old)), _flat("", _made_by(new))))


def _told(feed: FeedInput) -> dict[str, str]:
    """A feed's state, and of each period the deliveries that were used of it."""
    periods: dict[str, list[str]] = {}
    for delivery in feed.deliveries:
        periods.setdefault(delivery.period, []).append(_delivery(delivery))
    return {"state": feed.state} | {period: "; ".join(sorted(said)) for period, said in periods.items()}


def _delivery(said: DeliveryEntry) -> str:
    return f"{said.accepted:,} of {said.received:,} rows, {said.sha256[:_SHORT]}"


def _made_by(manifest: Manifest) -> dict[str, Any]:
    stated = manifest.model_dump(mode="json")
    references = {one.name: one.model_dump(mode="json", exclude={"name"}) for one in manifest.references or ()}
    return {name: stated[name] for name in _MADE_BY if name in stated} | {"references": references}


def _flat(place: str, value: Any) -> dict[str, str]:
    """Every single value under its place, such as linkage.persons."""
    if isinstance(value, Mapping):
        parts = ((f"{place}.{name}" if place else str(name), held) for name, held in value.items())
        return {where: said for part, held in parts for where, said in _flat(part, held).items()}
    return {place: _said(place, value)}


def _said(place: str, value: Any) -> str:
    if value is None:
        return NOT_STATED
    if isinstance(value, list):
        return ", ".join(map(str, value))
    hashed = isinstance(value, str) and len(value) in (40, 64) and set(value) <= set("0123456789abcdef")
    return value[:_SHORT] if hashed else str(value)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for what in sorted({*old, *new}):
        before, after = old.get(what, NOT_STATED), new.get(what, NOT_STATED)
        if before != after:
            yield Change(what, before, after)
