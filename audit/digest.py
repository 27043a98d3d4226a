"""The daily digest: what a reviewer of the log should look at first."""

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from sqlalchemy import Connection, select

from audit.events import Action, Verb
from audit.models import ENTRY
from audit.query import Filter, stream
from audit.unusual import DAYS_BEFORE, ROWS_ACTS, Before, Finding, by, findings, kind_of
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
    return Digest(day, len(kept), findings(kept, before(connection, begins)))


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


def before(connection: Connection, begins: datetime) -> Before:
    """What the rules compare a day with that begins then."""
    since = begins - timedelta(days=DAYS_BEFORE)
    earlier, recent = ENTRY.c.at < begins, ENTRY.c.at >= since
    acts = connection.execute(select(ENTRY.c.actor, ENTRY.c.action).where(recent, earlier).distinct()).all()
    feeds = select(ENTRY.c.feed).where(earlier, ENTRY.c.action == str(Action.COLLECT)).distinct()
    shown = (verb for verb in (Verb.DISCLOSURE, Verb.CONSULTATION))
    told = (act for verb in shown for act in stream(connection, Filter(verb=verb, since=since, until=begins)))
    rows = {kind: [act.said["rows"] for act in some] for kind, some in by(told, kind_of).items() if kind}
    usual = {kind: median(counts) for kind, counts in rows.items() if len(counts) >= ROWS_ACTS}
    return Before(
        frozenset((act.actor, act.action) for act in acts), usual, frozenset(connection.execute(feeds).scalars())
    )


def midnight(day: date) -> datetime:
    """The instant at which a day begins in London."""
    return datetime.combine(day, time(), LONDON)
