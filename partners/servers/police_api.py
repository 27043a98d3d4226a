"""The open street-level crime API, in the form of data.police.uk.

As there: without ``date`` the latest month is shown, a month outside what is held is not found, and one
within it without crimes is an empty list. Unlike there, ``poly`` is not applied: this server holds
the borough and nothing else.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import JSONResponse

from partners.layout import extract_path, extracts_held
from partners.servers.http import rows_of, running
from partners.servers.offer import Offer

FEED = "police.street_crime"
_MONTH_LETTERS = 7


@asynccontextmanager
async def serve(folder: Path, port: int = 0, replay: Path | None = None) -> AsyncIterator[Offer]:
    """Hand out months of street crime; ``replay`` adds genuine ones from a gzipped file of JSON lines."""
    async with running(application(folder, recorded_months(replay) if replay else {}), port) as url:
        yield Offer("police street crime API", url, {FEED: url})


def application(folder: Path, recorded: Mapping[str, list[dict[str, Any]]]) -> FastAPI:
    """The API over the extracts of ``folder`` and the ``recorded`` months, which go first."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/api/crimes-street/all-crime")
    def all_crime(date: Annotated[str | None, Query()] = None) -> JSONResponse:
        held = sorted({*recorded, *extracts_held(folder, FEED)})
        month = date if date is not None else (held or [""])[-1]
        if len(month) != _MONTH_LETTERS or not month.replace("-", "").isdigit():
            raise HTTPException(400, "date is written YYYY-MM")
        if not held or not held[0] <= month <= held[-1]:
            raise HTTPException(404, "This month is not held")
        if month in recorded:
            return JSONResponse(recorded[month])
        return JSONResponse(rows_of(extract_path(folder, FEED, month)) if month in held else [])

    return app


def recorded_months(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Genuine records by month, in the order they were recorded in; fields that are not the API's are left out."""
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            months[record["month"]].append({name: value for name, value in record.items() if name[0] != "_"})
    return dict(months)
