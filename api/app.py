"""The interface as a FastAPI application."""

from fastapi import FastAPI
from fastapi.middleware import Middleware

from api import catalogue, counting, tables
from api.guarding import Guard
from api.issuer_keys import issuer_keys
from api.knowing import REFUSALS_PER_MINUTE, Door
from api.limits import Buckets
from api.problems import answer_with_problems
from api.serving import Shelf
from api.verifying import issuer_of
from hub.settings import Settings
from keys.ring import KeyRing

ABOUT = """Releases of the linked dataset, for programs of those who receive them.

Every request shows a token of the partnership's issuer, and each that asks for rows states a purpose. What the
information sharing agreement does not give a recipient is not there. Each reading is logged before a row leaves."""


def create(settings: Settings, ring: KeyRing) -> FastAPI:
    """The interface of one hub; ``ring`` was opened for the console, which makes no id and opens no file.

    1. Every route that gives anything asks for a token; only the description of the interface does not.
    2. Errors are problem documents, and hold no value of any row.
    """
    app = FastAPI(
        title="Safer hub",
        version="1",
        description=ABOUT,
        docs_url=None,  # its page loads programs of others
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Guard)],
    )
    shelf = Shelf(settings, ring)
    readers, strangers = Buckets(settings.api_requests_per_minute), Buckets(REFUSALS_PER_MINUTE)
    app.state.shelf = shelf
    app.state.door = Door(shelf, issuer_of(settings, issuer_keys(settings)), readers, strangers)
    for part in (catalogue, tables, counting):
        app.include_router(part.router)  # (1)
    answer_with_problems(app)  # (2)
    return app
