"""What the partners' HTTP servers share: to run in one event loop, and to read rows from extracts."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import HTTPException

QUARTER = r"^\d{4}-Q[1-4]$"
_GRACE_S = 2


class _Server(uvicorn.Server):
    """A server that leaves signals to the process it shares with the others."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Capture none."""
        return nullcontext()


@asynccontextmanager
async def running(app: Callable[..., Any], port: int, *, dated: bool = True) -> AsyncIterator[str]:
    """The base URL of ``app``, served on 127.0.0.1 until the block ends; port 0 takes a free one.

    ``dated``: the server says what its clock says; else ``app`` does.
    """
    listening = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        app,
        log_level="warning" if dated else "critical",  # an application that breaks connections is not to be told of
        access_log=False,
        lifespan="off",
        date_header=dated,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not task.done():
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON extract; answers 404 to the client if there is none."""
    if not path.is_file():
        raise HTTPException(404, "Nothing is held for this period")
    return _rows(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _rows(path: Path, _changed_at: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_bytes())
    return rows
