"""The console's one style sheet, served by a route of its own, so that it asks for the user like every page."""

from fastapi import APIRouter, Response

from console.rendering import HEADERS, HERE

router = APIRouter()


@router.get("/console.css")
def stylesheet() -> Response:
    """The style sheet."""
    return Response((HERE / "static" / "console.css").read_bytes(), media_type="text/css", headers=dict(HEADERS))
