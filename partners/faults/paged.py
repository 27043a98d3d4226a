"""Rows by offset, by cursor and by Link header, beside the pages that a partner's own application hands out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from partners.servers.http import rows_of


@dataclass
class Words:
    """A partner's words for its next pages: they hold until it makes others, and then it knows the old ones no more."""

    edition: int = 0

    def forget(self) -> None:
        """Make others."""
        self.edition += 1

    def of(self, start: int) -> str:
        """The word for the page that starts with a row."""
        return f"{self.edition}.{start}"

    def start(self, word: str) -> int:
        """The row that a word stands for; answers 410 for one of an earlier edition."""
        edition, _, start = word.partition(".")
        if edition != str(self.edition):
            raise HTTPException(410, "This cursor has expired")
        return int(start)


@dataclass(frozen=True)
class Shelf:
    """The rows of one feed. ``answer`` puts a page's rows and the count of all into the feed's own form."""

    path: Callable[[str], Path]
    size_param: str
    allowed: Callable[[Request], bool]
    answer: Callable[[list[Any], int], dict[str, Any]]


def add_rows(app: FastAPI, shelf: Shelf, words: Words) -> None:
    """Have an application hand out rows at ``/rows`` in these three ways."""

    @app.get("/rows")
    async def rows(request: Request) -> JSONResponse:
        asked = request.query_params
        if not shelf.allowed(request):
            raise HTTPException(401, "A credential is needed")
        held, size = rows_of(shelf.path(asked["period"])), int(asked.get(shelf.size_param, "8"))
        word = asked.get("cursor") or asked.get("after")
        start = words.start(word) if word else int(asked.get("offset", "0"))
        given = held[start : start + size]
        content, headers = shelf.answer(given, len(held)), {}
        if start + size < len(held):
            content["nextCursor"] = words.of(start + size)
            query = urlencode({"period": asked["period"], shelf.size_param: size, "after": words.of(start + size)})
            headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
        return JSONResponse(content, headers=headers)
