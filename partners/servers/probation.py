"""Probation's supervisions over REST: OAuth 2.0 client credentials, JSON in pages that count from 0.

A client proves itself by its secret or by an assertion signed with its own key; the hub is offered both.
"""

import asyncio
import hmac
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import Depends, FastAPI, Form, Header, HTTPException, Query, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from partners.layout import extract_path
from partners.servers.assertions import BY_ASSERTION, Assertions
from partners.servers.credentials import password, pem, rsa_key
from partners.servers.http import QUARTER, rows_of, running
from partners.servers.offer import Offer

FEED = "probation.supervision"
CLIENT, KEY_ID = "safer-hub", "hub-2026"


class Tokens:
    """The bearer tokens that are given out and not yet expired."""

    def __init__(self, last_s: float) -> None:
        self.last_s = last_s
        self._expire_at: dict[str, float] = {}

    def issue(self) -> str:
        """A new token."""
        token = secrets.token_urlsafe(32)
        self._expire_at[token] = time.monotonic() + self.last_s
        return token

    def forget(self) -> None:
        """Have every token end now."""
        self._expire_at.clear()

    def valid(self, authorization: str) -> bool:
        """Whether the header carries a token that has not expired."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and time.monotonic() < self._expire_at.get(token, 0)


@asynccontextmanager
async def serve(folder: Path, port: int = 0, delay_s: float = 0, token_s: float = 300) -> AsyncIterator[Offer]:
    """Hand out supervisions, each page ``delay_s`` late, for tokens that last ``token_s``."""
    secret, key = password(folder, "probation_client_secret"), rsa_key(folder, "probation_private_key")
    offered = {"probation_client_secret": secret, "probation_private_key": pem(key).decode()}
    clients = Clients(secret, Assertions(CLIENT, KEY_ID, key.public_key()))
    async with running(application(folder, clients, delay_s, Tokens(token_s)), port) as url:
        yield Offer("probation OAuth2 REST API", url, {FEED: url}, offered)


@dataclass(frozen=True)
class Clients:
    """What the one client is known by."""

    secret: str
    assertions: Assertions

    def knows(self, basic: HTTPBasicCredentials | None, kind: str, assertion: str, endpoint: str) -> bool:
        """Whether the client is proved, by one way or the other."""
        if basic is None:
            return kind == BY_ASSERTION and self.assertions.accepts(assertion, endpoint)
        given = unquote_plus(basic.password).encode()
        return unquote_plus(basic.username) == CLIENT and hmac.compare_digest(given, self.secret.encode())


def application(folder: Path, clients: Clients, delay_s: float, tokens: Tokens) -> FastAPI:
    """The token endpoint and the API over the extracts of ``folder``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/auth/oauth/token")
    def token(
        request: Request,
        basic: Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))],
        grant_type: Annotated[str, Form()],
        client_assertion_type: Annotated[str, Form()] = "",
        client_assertion: Annotated[str, Form()] = "",
    ) -> dict[str, Any]:
        if not clients.knows(basic, client_assertion_type, client_assertion, str(request.url)):
            raise HTTPException(401, "invalid_client")
        if grant_type != "client_credentials":
            raise HTTPException(400, "unsupported_grant_type")
        return {"access_token": tokens.issue(), "token_type": "bearer", "expires_in": tokens.last_s}

    @app.get("/supervisions")
    async def supervisions(
        period: Annotated[str, Query(pattern=QUARTER)],
        page: Annotated[int, Query(ge=0)] = 0,
        size: Annotated[int, Query(ge=1, le=500)] = 100,
        authorization: Annotated[str, Header()] = "",
    ) -> dict[str, Any]:
        if not tokens.valid(authorization):
            raise HTTPException(401, "A valid token is needed", {"WWW-Authenticate": "Bearer"})
        await asyncio.sleep(delay_s)
        rows = rows_of(extract_path(folder, FEED, period))
        return {
            "content": rows[page * size : (page + 1) * size],
            "page": {
                "number": page,
                "size": size,
                "totalPages": max(1, -(-len(rows) // size)),
                "totalElements": len(rows),
            },
        }

    return app
