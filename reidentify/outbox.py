"""The outbox of each authority: a folder of files that only it can open."""

from hashlib import sha256

from sqlalchemy import Connection, select, update

from hub.settings import Settings
from keys.file import write_private
from reidentify.models import EnvelopeRow
from reidentify.proving import not_fulfilled, short


def hand_out(settings: Settings, connection: Connection, digest: str) -> dict[str, str]:
    """Put what is sealed under a request into the outboxes, and forget it here; each authority with its file.

    What was handed out before is not there any more, and is not told of. Raises FulfilmentRefused for altered bytes.
    """
    waiting = select(EnvelopeRow).where(EnvelopeRow.request == digest, EnvelopeRow.content.is_not(None))
    files: dict[str, str] = {}
    for row in connection.execute(waiting.order_by(EnvelopeRow.authority).with_for_update()):
        content = bytes(row.content)
        if sha256(content).hexdigest() != row.sha256:
            raise not_fulfilled(digest, f"what is sealed to {row.authority} was changed", "Find out who changed it")
        path = settings.home / "outbox" / row.authority / f"{short(digest)}.sealed"
        write_private(path, content)
        files[row.authority] = str(path)
    gone = update(EnvelopeRow).where(EnvelopeRow.request == digest).values(content=None)
    connection.execute(gone)
    return files
