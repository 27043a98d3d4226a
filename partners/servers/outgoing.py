"""A folder of files as a partner hands them out, by SFTP or as they lie."""

import hashlib
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from partners.layout import extracts_held
from partners.servers.offer import Offer


def publish(folder: Path, feeds: Sequence[str], outgoing: Path) -> None:
    """Make ``outgoing`` hold exactly the extracts, times kept, each with what sha256sum says of it."""
    shutil.rmtree(outgoing, ignore_errors=True)
    outgoing.mkdir(parents=True)
    for feed in feeds:
        for path in extracts_held(folder, feed).values():
            shutil.copy2(path, outgoing / path.name)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            (outgoing / f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")


@asynccontextmanager
async def drop(folder: Path, partner: str, feeds: Sequence[str]) -> AsyncIterator[Offer]:
    """Let a partner's files lie in a folder that the hub may read: nothing runs."""
    outgoing = folder / "drop" / partner
    publish(folder, feeds, outgoing)
    yield Offer(f"{partner} file drop", str(outgoing), dict.fromkeys(feeds, str(outgoing.absolute())))
