"""The page of the proof state: what is verified, signed and witnessed, and by whom."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from agreement.policy import load_agreement
from agreement.witnesses import quorum
from console.log_key import log_key
from console.proof_state import last_seen, points, proof
from console.reading import Hub, reading
from console.rendering import page
from hub.clock import now

ROWS = 20
router = APIRouter()


@router.get("/proof")
def show_proof(request: Request, hub: Hub, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None) -> Response:
    """The state of the proof, and checkpoints, newest first, ``ROWS`` at a time."""
    agreement, key = load_agreement(hub), log_key(hub)
    needed = quorum(agreement)
    with reading(hub) as connection:
        state = proof(connection, needed, now())
        found = points(connection, key, needed, before=before, limit=ROWS + 1)
        seen = last_seen(connection, needed)
    older = found[ROWS - 1].number if len(found) > ROWS else None
    return page(
        request,
        "proof.html",
        here="proof",
        state=state,
        points=found[:ROWS],
        older=older,
        first_page=before is None,
        seen=seen,
        controllers={party.authority: party.controller for party in agreement.parties},
        origin=hub.log_origin,
    )
