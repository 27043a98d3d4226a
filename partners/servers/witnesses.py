"""The six authorities' witnesses of the hub's log: the very program that an authority runs, a thread each."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from hub.feeds import AUTHORITIES
from hub.settings import Settings
from keys.home import log_public, open_ring
from keys.services import Service
from partners.agreement_keys import witness_folder, witness_key
from partners.servers.offer import Offer
from witness.keeping import alone
from witness.server import Server, Witness
from witness.verify_log import LOG, Key


@asynccontextmanager
async def serve(folder: Path, settings: Settings, port: int = 0) -> AsyncIterator[Offer]:
    """Witness this hub's log until the block ends; on ports one after the other, or on free ones if it is 0."""
    log = await asyncio.to_thread(_log_of, settings)
    with ExitStack() as stack:
        urls = {
            f"witness.{authority}": stack.enter_context(_witness(folder, authority, log, port and port + place))
            for place, authority in enumerate(AUTHORITIES)
        }
        yield Offer("witnesses", ", ".join(urls.values()), urls)


def _log_of(settings: Settings) -> Key:
    known = log_public(settings, open_ring(settings, Service.WITNESS))
    return Key(known.name, LOG, known.public_key)


@contextmanager
def _witness(folder: Path, authority: str, log: Key, port: int) -> Iterator[str]:
    """One authority's witness; its URL.

    Where a home was deleted and made anew, its log has a new key, and the witness begins anew too: a real one would
    call that log rewound until it had another name.
    """
    own = witness_folder(folder, authority) / "witness" / log.hash.hex()
    witness = Witness(own, f"{authority}.witness", witness_key(folder, authority), {log.name: (log,)})
    with alone(own), Server(("127.0.0.1", port), witness) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
