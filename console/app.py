"""The console as a FastAPI application: every route asks who is there before anything else."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, status

from console import agreement, entries, failures, overview, proof, releases, stylesheet, unusual
from hub.settings import Settings

PAGES = (overview, entries, proof, releases, unusual, agreement, stylesheet, failures)  # the last one takes the rest


def create(user_dependency: Callable[..., Any], settings: Callable[[], Settings] = Settings) -> FastAPI:
    """The console for those whom ``user_dependency`` knows; it is made by nobody without one.

    1. The dependency stands before every route: pages, the style sheet, and addresses that do not exist.
    2. A dependency that answers nobody is as good as one that refuses.
    3. There is no description of the interface (OpenAPI) to ask for.
    4. Nothing is changed by any route: each only reads, in a transaction that the database keeps from writing.
    """

    def known(user: Annotated[Any, Depends(user_dependency)]) -> None:
        if user is None:  # (2)
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Not authenticated")

    app = FastAPI(
        title="Data-sharing hub",
        dependencies=[Depends(known)],  # (1)
        openapi_url=None,  # (3)
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    for page in PAGES:
        app.include_router(page.router)
    failures.show_on(app)
    return app
