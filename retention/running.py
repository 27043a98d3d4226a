"""A run of retention: all that is due is shredded, and what that left behind is tried, deleted and written over.

Killed at any point and run again, it goes on: what was destroyed stays so, and what is left of it is found by looking.
"""

import logging
from dataclasses import dataclass
from datetime import date

from assessment.public.withdrawing import put_notices
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.models import AuditSubject
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from keys.services import Service
from publish.finishing import finish
from publish.holds import holds
from reidentify.stored import forget as forget_targets
from retention.due import Standing, standing
from retention.erasing import erase
from retention.kept import everything_kept, retention_days
from retention.register import forget_ended
from store.shredding import mark, rewrap, scrub

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """What a run did. Counts only: fit for an XCom, a log or a page. ``tables_left``: for the next run."""

    erased: int
    held: int
    files: int
    keys_tried: int
    persons: int
    tables_left: int


def everything_standing(settings: Settings, on: date) -> list[Standing]:
    """Everything that is kept, with the day on which it is due, soonest first; nothing before the hub's first act."""
    with transaction(settings) as connection:
        days, laid = retention_days(connection), holds(connection)
        found = [standing(kept, days, laid, on) for kept in everything_kept(connection)] if days else []
    return sorted(found, key=lambda each: (each.due_on, each.kept.name, each.kept.kind))


def run(settings: Settings, ring: KeyRing, on: date | None = None) -> Done:
    """Shred what is due on a day: today, unless another that is past is asked for.

    1. Of each thing that is due and not held the key is destroyed, in one transaction with its entry in the log.
    2. The register forgets what it may keep no longer, and requests for re-identification, once over, whom they meant.
    3. Data keys are wrapped under the newest storage key.
    4. Every file that lies under a key that is gone is tried with every key that is left, and deleted; so are the files
       of what was withdrawn. The log says how many files and keys. In the place of figures for the public that were
       withdrawn a notice is put, where whoever withdrew them was killed before it was.
    5. Tables of which rows went are written anew, so that PostgreSQL's files hold them no more.

    Raises ErasureNotProved, or what the store and the key ring raise.
    """
    ring, today = ring.serving(Service.RETENTION), now().date()
    day = min(on or today, today)
    found = everything_standing(settings, day)
    due = [each for each in found if each.is_due(day)]
    for each in due:
        why = f"its time was over on {each.due_on}, by the agreement's retention_days"
        erase(settings, ring, each.kept, why)  # (1)
        log.info("%s of %s: the key is destroyed", each.kept.kind, each.kept.name)
    persons = _register(settings, ring, day)  # (2)
    with transaction(settings) as connection:
        forget_targets(connection)  # (2)
        rewrap(connection, ring)  # (3)
        append(connection, *ring.uses.told(connection))
    swept = finish(settings, ring)  # (4)
    put_notices(settings)  # (4)
    left = scrub(settings)  # (5)
    held = sum(each.due_on <= day and each.hold is not None for each in found)
    return Done(len(due), held, swept.files, swept.keys, persons, left)


def _register(settings: Settings, ring: KeyRing, day: date) -> int:
    with transaction(settings) as connection:
        days = retention_days(connection)
        gone = forget_ended(connection, days["register"], day) if days else {}
        if any(gone.values()):
            entry = Entry(
                action=Action.ERASE_KEPT,
                actor=settings.actor,
                justification="their time was over, by the agreement's retention_days",
                code_commit=settings.code_commit,
                detail={"kind": "register", **gone},
            )
            append(connection, entry)
            mark(connection, AuditSubject)
            checkpoint(connection, log_signer(settings, ring))
    return gone.get("persons", 0)
