"""The daily digest of unusual access."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from audit.digest import digest
from audit.unusual import RULES
from console.reading import Hub, reading
from console.rendering import page
from console.writing import today
from hub.clock import now

router = APIRouter()


@router.get("/unusual")
def show_unusual(request: Request, hub: Hub, day: Annotated[date | None, Query()] = None) -> Response:
    """What was unusual on one day in London, today if none is named."""
    latest = today(now())
    chosen = min(day or latest, latest)
    with reading(hub) as connection:
        found = digest(connection, chosen)
    return page(
        request,
        "unusual.html",
        here="unusual",
        digest=found,
        earlier=chosen - timedelta(days=1),
        later=chosen + timedelta(days=1) if chosen < latest else None,
        rules=RULES,
    )
