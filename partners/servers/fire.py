"""The fire brigade's referrals over REST: JSON in pages that count from 1, and an API key."""

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Query

from partners.layout import extract_path
from partners.servers.credentials import password
from partners.servers.http import QUARTER, rows_of, running
from partners.servers.offer import Offer

FEED = "fire.fire_setter_referrals"


@asynccontextmanager
async def serve(folder: Path, port: int = 0, delay_s: float = 0) -> AsyncIterator[Offer]:
    """Hand out fire-setter referrals, each page ``delay_s`` late."""
    key = password(folder, "fire_api_key")
    async with running(application(folder, key, delay_s), port) as url:
        yield Offer("fire REST API", url, {FEED: url}, {"fire_api_key": key})


def application(folder: Path, key: str, delay_s: float) -> FastAPI:
    """The API over the extracts of ``folder``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/api/v1/fire-setter-referrals")
    async def referrals(
        period: Annotated[str, Query(pattern=QUARTER)],
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(alias="pageSize", ge=1, le=500)] = 100,
        api_key: Annotated[str, Header(alias="X-API-Key")] = "",
    ) -> dict[str, Any]:
        if not hmac.compare_digest(api_key.encode(), key.encode()):
            raise HTTPException(401, "An API key is needed")
        await asyncio.sleep(delay_s)
        rows = rows_of(extract_path(folder, FEED, period))
        return {
            "page": page,
            "pageSize": page_size,
            "totalPages": max(1, -(-len(rows) // page_size)),
            "totalItems": len(rows),
            "items": rows[(page - 1) * page_size : page * page_size],
        }

    return app
