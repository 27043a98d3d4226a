"""What is shown in place of a page: what went wrong, where, why, and what to do."""

from http import HTTPStatus

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from audit.errors import EntryUnknown, FilterRefused
from console.errors import PageUnknown
from console.rendering import page
from hub.errors import DatabaseError, HubError

STATUSES: tuple[tuple[type[HubError], int], ...] = (
    (PageUnknown, 404),
    (EntryUnknown, 404),
    (FilterRefused, 400),
    (DatabaseError, 503),
)
router = APIRouter()


@router.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def anywhere_else(path: str) -> Response:
    """What is no page of the console; a route too, so that a stranger learns nothing from it."""
    raise PageUnknown(
        "There is no such page",
        where="the address",
        why="the console has nothing there",
        fix="Begin at the overview",
    )


def show_on(app: FastAPI) -> None:
    """Have the application show every failure as a page."""
    app.add_exception_handler(HubError, _refusal)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)


def _refusal(request: Request, error: Exception) -> Response:
    """One of the hub's own errors, which say it all and hold no personal value."""
    if not isinstance(error, HubError):
        return _unexpected(request, error)
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    return page(request, "failure.html", status=status, failure=error)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException | StarletteHTTPException) else 500
    if status in {401, 403}:
        failure = HubError(
            "This page is for those who are signed in",
            where="Airflow",
            why="nobody is signed in here, or no longer",
            fix="Sign in to Airflow, then open this page again",
        )
    else:
        failure = HubError(
            HTTPStatus(status).phrase,
            where="the request",
            why="the console does not answer it",
            fix="Begin at the overview",
        )
    return page(request, "failure.html", status=status, failure=failure)


def _unreadable(request: Request, error: Exception) -> Response:
    failure = HubError(
        "The address cannot be read",
        where="what follows the question mark, or a number in it",
        why="it is not of the form that this page takes",
        fix="Choose from the filters again",
    )
    return page(request, "failure.html", status=400, failure=failure)


def _unexpected(request: Request, error: Exception) -> Response:
    """Anything else: its words could hold anything, so they go to the server's log alone."""
    failure = HubError(
        "The page cannot be shown",
        where="the console",
        why=f"something unforeseen happened ({type(error).__name__})",
        fix="Try again; if it happens again, have the engineer look at Airflow's API server log",
    )
    return page(request, "failure.html", status=500, failure=failure)
