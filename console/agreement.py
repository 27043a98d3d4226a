"""The agreement in force: what it says in short, who signed it, what may flow under which law; and its documents."""

from fastapi import APIRouter, Request, Response

from agreement.policy import load_agreement
from agreement.rules import in_force
from console.errors import PageUnknown
from console.reading import Hub
from console.rendering import document, page
from console.writing import today
from documents.write import documents
from hub.clock import now
from hub.feeds import load_feeds

router = APIRouter()
_kept: dict[tuple[object, ...], dict[str, bytes]] = {}  # of the newest state alone: to make them takes seconds


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


@router.get("/agreement/documents/{path:path}")
def show_document(path: str, hub: Hub) -> Response:
    """One document made of the agreement as it stands today; raises PageUnknown."""
    made = _made(hub)
    if path not in made:
        raise PageUnknown(
            "There is no such document",
            where="the address",
            why="nothing of that name is made of the agreement",
            fix="Choose from the list: index.html",
        )
    return document(path, made[path])


def _made(hub: Hub) -> dict[str, bytes]:
    """The documents; those of before where agreement, signatures, feeds, day and code are the same."""
    agreement, feeds, on = load_agreement(hub), load_feeds(hub.config), today(now())
    state = (agreement.model_dump_json(), *(feed.model_dump_json() for feed in feeds.values()), on, hub.code_commit)
    if state not in _kept:
        made = documents(agreement, feeds, on, hub.code_commit)
        _kept.clear()
        _kept[state] = made
    return _kept[state]
