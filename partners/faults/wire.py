"""A proxy before a partner's server of any protocol, which breaks connections as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from partners.faults.kinds import Fault
from partners.faults.web import STALL_S

_BLOCK = 1 << 14
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass(frozen=True)
class Break:
    """What goes wrong with one connection once the server has sent so many bytes, and what is done there for it."""

    fault: Fault
    after: int = 0
    act: Callable[[], None] = lambda: None


@dataclass
class Wire:
    """What is to go wrong: a trouble for each of the next connections. ``sent``: all bytes that the server sent."""

    breaks: list[Break] = field(default_factory=list)
    sent: int = 0

    def begin(self, breaks: list[Break] | None = None) -> None:
        """Forget what was, for another round."""
        self.breaks, self.sent = breaks or [], 0

    def next(self) -> Break | None:
        """The trouble of the connection at hand."""
        return self.breaks.pop(0) if self.breaks else None


@asynccontextmanager
async def tcp(host: str, port: int, wire: Wire) -> AsyncIterator[int]:
    """The port of a proxy before a TCP server."""
    server = await asyncio.start_server(_serving(lambda: asyncio.open_connection(host, port), wire), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def unix(socket: Path, before: Path, wire: Wire) -> AsyncIterator[None]:
    """A proxy at the Unix socket ``before``, before the server at ``socket``."""
    serving = _serving(lambda: asyncio.open_unix_connection(socket), wire)
    async with await asyncio.start_unix_server(serving, before):
        yield


def _serving(connect: Connect, wire: Wire) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trouble = wire.next()
        try:
            if trouble is None or trouble.fault is not Fault.REFUSED:
                there_reader, there_writer = await connect()
                await _both(_pass(reader, there_writer), _pass(there_reader, writer, wire, trouble))
                there_writer.close()
        finally:
            writer.transport.abort()

    return serve


async def _both(up: Awaitable[None], down: Awaitable[None]) -> None:
    """Until either direction ends."""
    tasks = [asyncio.ensure_future(up), asyncio.ensure_future(down)]
    _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: Wire | None = None, trouble: Break | None = None
) -> None:
    passed = 0
    with suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            passed += len(block)
            if trouble is not None and passed >= trouble.after:
                if await _strikes(trouble):
                    return
                trouble = None
            if wire is not None:
                wire.sent += len(block)
            writer.write(block)
            await writer.drain()


async def _strikes(trouble: Break) -> bool:
    """Do what goes wrong; says whether the connection ends by it."""
    await asyncio.to_thread(trouble.act)
    if trouble.fault is Fault.TIMEOUT:
        await asyncio.sleep(STALL_S)
    return trouble.fault is Fault.RESET
