"""A proxy before a partner's server of any protocol, which breaks connections as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = 1 << 14
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass
class Wire:
    """What is to go wrong: how many connections are not taken, after how many bytes the next ones break."""

    refuse: int = 0
    break_after: list[int] = field(default_factory=list)

    def next(self) -> int | None:
        """After how many bytes the connection at hand breaks: 0 at once; None: it does not."""
        if self.refuse > 0:
            self.refuse -= 1
            return 0
        return self.break_after.pop(0) if self.break_after else None


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
        limit = wire.next()
        try:
            if limit != 0:
                there_reader, there_writer = await connect()
                await _both(_pass(reader, there_writer, None), _pass(there_reader, writer, limit))
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


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None) -> None:
    passed = 0
    with suppress(ConnectionError):
        while block := await reader.read(_BLOCK):
            passed += len(block)
            if limit is not None and passed >= limit:
                return
            writer.write(block)
            await writer.drain()
