"""The open street-level crime API, in the form of data.police.uk.

As there: without ``date`` the latest month is shown, a month outside what is held is not found, and one
within it without crimes is an empty list. Unlike there, ``poly`` is not applied: this server holds
the borough and nothing else.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import JSONResponse

from partners.extracts import replay_street_crime
from partners.layout import extract_path, extracts_held
from partners.servers.http import rows_of, running
from partners.servers.offer import Offer

FEED = "police.street_crime"
_MONTH = r"\d{4}-(0[1-9]|1[0-2])"


@asynccontextmanager
async def serve(folder: Path, port: int = 0, replay: Path | None = None) -> AsyncIterator[Offer]:
    """Hand out months of street crime; ``replay`` adds genuine ones from a gzipped file of JSON lines."""
    if replay is not None:
        replay_street_crime(replay, folder)
    async with running(application(folder), port) as url:
        yield Offer("police street crime API", url, {FEED: url})


def application(folder: Path) -> FastAPI:
    """The API over the extracts of ``folder``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/api/crimes-street/all-crime")
    def all_crime(date: Annotated[str | None, Query()] = None) -> JSONResponse:
        held = list(extracts_held(folder, FEED))
        month = date if date is not None else max(held, default="")
        if date is not None and not re.fullmatch(_MONTH, date):
            raise HTTPException(400, "date is written YYYY-MM")
        if not held or not held[0] <= month <= held[-1]:
            raise HTTPException(404, "This month is not held")
        return JSONResponse(rows_of(extract_path(folder, FEED, month)) if month in held else [])

    return app
