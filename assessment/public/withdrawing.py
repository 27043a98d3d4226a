"""``hub release public withdraw``: a notice takes the place of figures that were out. Edge.

What was on the web cannot be called back, and the notice says so. Later releases are held against it as before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assessment.errors import AssessmentRefused
from assessment.public import kept
from assessment.public.files import PAGE
from assessment.public.kept import PublicRelease
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.query import Filter, newest, stream
from documents.rendering import render
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.folders import put_in_place, read_file, write_partial
from publish.order import Act, Order
from publish.ordering import Officer, detail, give
from publish.refusals import logging_refusals

RECIPIENT, NOTICE = "the public", "withdrawn.json"


@dataclass(frozen=True)
class Withdrawal:
    """When and why a public release was withdrawn, as the log says."""

    at: datetime
    reason: str


def withdraw_public(settings: Settings, name: str, officer: Officer) -> PublicRelease:
    """Withdraw a public release that is out.

    1. An appointed officer orders it, with a reason that the notice shows (``publish.ordering``).
    2. The order, the register and the log know it in one transaction, under a signed checkpoint.
    3. Then a notice is put in the place of its folder. Killed before, it is done by running this again, which needs no
       new order: the log has it.

    Raises AssessmentRefused, OrderRefused, SigningRefused and AgreementRefusal; each is logged.
    """
    with logging_refusals(settings, recipient=RECIPIENT, action=Action.REFUSE_PUBLIC):
        with transaction(settings) as connection:
            kept.one_at_a_time(connection)
            found = kept.find(connection, name, lock=True)
            _require_out(found)
            if withdrawal(connection, found.name) is None:
                order = give(settings, connection, officer, Act.WITHDRAW, found.name)  # (1)
                append(connection, _entry(settings, found, order))  # (2)
                kept.mark_withdrawn(connection, found.name)
                checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))
        with transaction(settings) as connection:
            found = kept.find(connection, name, lock=True)  # two runs do not write at once
            put_notice(connection, found)  # (3)
    return found


def withdrawal(connection: Connection, name: str) -> Withdrawal | None:
    """When and why one was withdrawn; none if it was not."""
    said = next(newest(connection, Filter(action=Action.WITHDRAW_PUBLIC, release=name)), None)
    return None if said is None else Withdrawal(said.at, said.said["justification"])


def withdrawals(connection: Connection) -> Mapping[str, Withdrawal]:
    """Every release that was withdrawn."""
    said = stream(connection, Filter(action=Action.WITHDRAW_PUBLIC))
    return {one.said["release"]: Withdrawal(one.at, one.said["justification"]) for one in said}


def put_notice(connection: Connection, release: PublicRelease) -> bool:
    """Put the notice in the place of a withdrawn release's folder; says whether it was not there yet."""
    said = withdrawal(connection, release.name)
    if said is None or has_notice(release, said):
        return False
    write_partial(release.uri, _files(release, said))
    put_in_place(release.uri)
    return True


def put_notices(settings: Settings) -> int:
    """Put every notice that is not there yet (3); says how many."""
    with transaction(settings) as connection:
        withdrawn = [kept.find(connection, name, lock=True) for name in withdrawals(connection)]
        return sum([put_notice(connection, one) for one in withdrawn])


def has_notice(release: PublicRelease, said: Withdrawal) -> bool:
    """Whether the folder is the notice."""
    return all(read_file(release.uri, name) == content for name, content in _files(release, said).items())


def _files(release: PublicRelease, said: Withdrawal) -> dict[str, bytes]:
    """The page, and for programs which files are meant: whoever has a copy can tell it by its hash."""
    stated = {
        "release": release.name,
        "withdrawn_at": said.at.isoformat(),
        "reason": said.reason,
        "manifest": release.manifest.hash,
        "files": [one.model_dump(include={"name", "sha256"}) for one in release.manifest.files],
    }
    page = render(
        "public-withdrawn.html.j2",
        release=release.name,
        quarter=release.quarter,
        partnership=release.manifest.partnership,
        on=said.at.date(),
        reason=said.reason,
        notice=NOTICE,
    )
    return {PAGE: page.encode(), NOTICE: json.dumps(stated, indent=1, ensure_ascii=False).encode()}


def _require_out(found: PublicRelease) -> None:
    if not found.was_out:
        raise AssessmentRefused(
            "The public release is not withdrawn",
            where=found.name,
            why="it is a candidate, which nobody was given",
            fix="Refuse it: hub release public refuse",
        )


def _entry(settings: Settings, release: PublicRelease, order: Order) -> Entry:
    return Entry(
        action=Action.WITHDRAW_PUBLIC,
        actor=order.officer,
        period=release.quarter,
        release=release.name,
        recipient=RECIPIENT,
        justification=order.reason,
        agreement_hash=order.agreement_hash,
        code_commit=settings.code_commit,
        detail={"manifest": release.manifest.hash, **detail(order)},
    )
