"""The daily digest: what a reviewer of the log should look at first."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from statistics import median

from sqlalchemy import Connection

from audit.events import Action
from audit.query import Filter, Kept, newest, stream
from audit.unusual import DAYS_BEFORE, ROWS_ACTS, ROWS_LAST, Before, Finding, Kind, findings, kind_of
from audit.working_time import LONDON
from hub.database import transaction
from hub.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Digest:
    """A day in London, how many entries it has, and what was found in them, in the order of the rules."""

    day: date
    entries: int
    findings: tuple[Finding, ...]


def digest(connection: Connection, day: date) -> Digest:
    """The digest of one day in London."""
    begins, ends = midnight(day), midnight(day + timedelta(days=1))
    kept = list(stream(connection, Filter(since=begins, until=ends)))
    return Digest(day, len(kept), findings(kept, before(connection, begins, kept)))


def tell(settings: Settings, day: date) -> dict[str, int]:
    """Write each finding of a day to this module's log; returns how many entries and findings there were, by rule."""
    with transaction(settings) as connection:
        found = digest(connection, day)
    log.info("%s: %d entries, %d to look at", day, found.entries, len(found.findings))
    for finding in found.findings:
        log.warning("%s (%s)", finding.sentence, _numbers(finding))
    by_rule = Counter(finding.rule.name for finding in found.findings)
    return {"entries": found.entries, "findings": len(found.findings), **by_rule}


def _numbers(finding: Finding) -> str:
    first, number = finding.entries[0], len(finding.entries)
    return f"entry {first}" if number == 1 else f"{number} entries from {first} on"


def before(connection: Connection, begins: datetime, kept: Sequence[Kept]) -> Before:
    """What the rules compare a day's entries with, that begins then: asked for what the day has, and no more."""
    recent = partial(Filter, since=begins - timedelta(days=DAYS_BEFORE), until=begins)
    did = {(entry.said["actor"], entry.said["action"]) for entry in kept}
    asked = [recent(actor=actor, action=action) for actor, action in sorted(did)]
    asked += [recent(actor=actor) for actor in sorted({actor for actor, _ in did})]
    acts = [act.said for wanted in asked for act in islice(newest(connection, wanted), 1)]
    collected = {entry.said["feed"] for entry in kept if entry.said["action"] == Action.COLLECT}
    ever = partial(Filter, action=Action.COLLECT, until=begins)
    feeds = [feed for feed in sorted(collected) if any(newest(connection, ever(feed=feed)))]
    usual = {kind: _usual(connection, recent, kind) for kind in filter(None, map(kind_of, kept))}
    return Before(frozenset((act["actor"], act["action"]) for act in acts), usual, frozenset(feeds))


def _usual(connection: Connection, recent: Callable[..., Filter], kind: Kind) -> float | None:
    """The median of the rows that the last such acts handed over; None if there were too few."""
    action, table = kind
    acts = (act for act in newest(connection, recent(action=action, table=table)) if kind_of(act) == kind)
    rows = [act.said["rows"] for act in islice(acts, ROWS_LAST)]
    return median(rows) if len(rows) >= ROWS_ACTS else None


def midnight(day: date) -> datetime:
    """The instant at which a day begins in London."""
    return datetime.combine(day, time(), LONDON)
