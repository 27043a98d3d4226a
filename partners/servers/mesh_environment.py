"""The MESH sandbox's own environment: its pins clash with the hub's, so uv keeps it apart."""

import asyncio
import shutil
import sys
from pathlib import Path

from hub.settings import Settings
from partners.servers.errors import NoSandbox

PROJECT = Path(__file__).resolve().parents[1] / "mesh"
PYTHON = PROJECT / ".venv" / "bin" / "python"
_READY = PROJECT / ".venv" / ".ready"


async def install(settings: Settings) -> Path:
    """The Python of the environment, which is made from ``uv.lock`` on first use; raises NoSandbox."""
    lock = PROJECT / "uv.lock"
    if _READY.is_file() and _READY.read_bytes() == lock.read_bytes():
        return PYTHON
    environment = settings.environment() | {"UV_PROJECT_ENVIRONMENT": str(PROJECT / ".venv")}
    environment.pop("VIRTUAL_ENV", None)
    process = await asyncio.create_subprocess_exec(
        _uv(), "sync", "--frozen", "--quiet", "--project", str(PROJECT), "--python", sys.executable, env=environment
    )
    if await process.wait() != 0:
        raise NoSandbox(
            "The MESH sandbox is not installed",
            where=str(PROJECT),
            why="uv sync failed; its own words are above",
            fix="Check that the package index can be reached, then run python -m partners setup",
        )
    _READY.write_bytes(lock.read_bytes())
    return PYTHON


def _uv() -> str:
    """The uv that made this environment, or one on the path."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise NoSandbox(
            "The MESH sandbox is not installed",
            where=str(PROJECT),
            why="uv is neither beside this Python nor on the path",
            fix="Run make setup",
        )
    return found
