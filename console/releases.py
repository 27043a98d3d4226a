"""The releases: those that await a decision, with all that an officer has to see first, and those published."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from agreement.model import Agreement
from agreement.policy import load_agreement
from agreement.rules import in_force
from console.errors import PageUnknown
from console.reading import Hub, reading
from console.rendering import page
from hub.clock import now
from hub.settings import Settings
from publish.appointment import Appointment
from publish.deciding import approval, decisions_on
from publish.decision import Decision
from publish.errors import DecisionRefused
from publish.officers import roll
from publish.releases import Release, releases
from publish.roll import Roll

router = APIRouter()


@dataclass(frozen=True)
class Shown:
    """A release and its decisions, newest first.

    ``permitted`` is the approval under which a candidate could be published now, ``refusal`` why there is none. Of a
    release that is no candidate there is a refusal only where its decisions cannot be read.
    """

    release: Release
    decisions: tuple[Decision, ...]
    permitted: Decision | None = None
    refusal: DecisionRefused | None = None


@router.get("/releases")
def list_releases(request: Request, hub: Hub) -> Response:
    """Every release: candidates first, then those published, newest first."""
    agreement, known = load_agreement(hub), releases(hub)
    with reading(hub) as connection:
        shown = [_shown(connection, release, agreement) for release in reversed(known)]
    return page(
        request,
        "releases.html",
        here="releases",
        awaiting=[one for one in shown if one.release.state == "candidate"],
        published=[one for one in shown if one.release.state != "candidate"],
    )


@router.get("/releases/{name}")
def show_release(request: Request, hub: Hub, name: str) -> Response:
    """One release: its manifest in words, its decisions, and the command that signs one."""
    agreement, release = load_agreement(hub), _named(hub, name)
    with reading(hub) as connection:
        shown = _shown(connection, release, agreement)
        officers = _counting(roll(connection, agreement))
    return page(
        request,
        "release.html",
        here="releases",
        shown=shown,
        agreement=agreement,
        problems=tuple(in_force(agreement, now().date())),
        officers=officers,
    )


def _named(hub: Settings, name: str) -> Release:
    found = next((release for release in releases(hub) if release.name == name), None)
    if found is None:
        raise PageUnknown(
            "There is no such release",
            where="the address",
            why="no candidate of that name was built",
            fix="Choose one from the list of releases",
        )
    return found


def _shown(connection: Connection, release: Release, agreement: Agreement) -> Shown:
    decisions: tuple[Decision, ...] = ()
    try:
        decisions = tuple(reversed(decisions_on(connection, release.name)))
        permitted = approval(connection, release, agreement) if release.state == "candidate" else None
    except DecisionRefused as refusal:
        return Shown(release, decisions, refusal=refusal)
    return Shown(release, decisions, permitted)


def _counting(known: Roll) -> list[Appointment]:
    """The appointments that count today, by the officers' names."""
    today = now().date()
    counting = [found for found in known.appointments if known.objection(found, today) is None]
    return sorted(counting, key=lambda found: found.officer)
