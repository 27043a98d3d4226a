"""The first page: what needs the reviewer today."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from agreement.policy import load_agreement
from agreement.rules import in_force
from agreement.witnesses import quorum
from audit.digest import digest
from audit.query import Filter, entries
from console.proof_state import proof
from console.reading import Hub, reading
from console.rendering import page
from console.writing import today
from hub.clock import now
from publish.releases import releases

LATEST = 8
router = APIRouter()


@router.get("/")
def show_overview(request: Request, hub: Hub) -> Response:
    """Whether the log holds, what awaits a decision, what was unusual, and what happened last."""
    agreement, at = load_agreement(hub), now()
    known = releases(hub)
    with reading(hub) as connection:
        state = proof(connection, quorum(agreement), at)
        latest = entries(connection, Filter(), limit=LATEST)
        yesterday = digest(connection, today(at) - timedelta(days=1))
    return page(
        request,
        "overview.html",
        here="overview",
        state=state,
        latest=latest,
        unusual=yesterday,
        awaiting=[release for release in known if release.state == "candidate"],
        published=[release for release in known if release.state == "published"],
        agreement=agreement,
        problems=tuple(in_force(agreement, today(at))),
        partnership=hub.partnership,
    )
