"""The agreement in force: what it says in short, who signed it, and what may flow under which law."""

from fastapi import APIRouter, Request, Response

from agreement.policy import load_agreement
from agreement.rules import in_force
from console.reading import Hub
from console.rendering import page
from console.writing import today
from hub.clock import now

router = APIRouter()


@router.get("/agreement")
def show_agreement(request: Request, hub: Hub) -> Response:
    """The agreement that the hub obeys now."""
    agreement, on = load_agreement(hub), today(now())
    return page(
        request,
        "agreement.html",
        here="agreement",
        agreement=agreement,
        problems=tuple(in_force(agreement, on)),
        review_due=agreement.review_on <= on,
    )
