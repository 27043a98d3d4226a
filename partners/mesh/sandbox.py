"""Runs NHS England's MESH sandbox with the mailboxes of one partners' folder.

Started by partners/servers/health.py in the sandbox's own environment, with a listening socket as its
one argument. It ends when its standard input closes, so that it never outlives the process that began it.
"""

# mypy: disable-error-code="import-not-found,misc"
# (what it imports is in the sandbox's environment, not in the hub's)

import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import uvicorn
from mesh_sandbox.api import app
from mesh_sandbox.common.messaging import Messaging
from mesh_sandbox.dependencies import get_env_config, get_logger, get_messaging
from mesh_sandbox.models.mailbox import Mailbox
from mesh_sandbox.store.file_store import FileStore


class FolderStore(FileStore):
    """The sandbox's file store, with mailboxes named in a file beside it instead of the sandbox's canned ones."""

    def _load_mailboxes(self) -> dict[str, Mailbox]:
        listed = (Path(self.config.mailboxes_dir).parent / "mailboxes.json").read_text(encoding="utf-8")
        return {entry["mailbox_id"]: Mailbox(**entry) for entry in json.loads(listed)}


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(descriptor: int) -> None:
    """Serve until told to end."""
    messaging = Messaging(store=FolderStore(get_env_config(), get_logger()))
    app.dependency_overrides[get_messaging] = lambda: messaging
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2))
    server.run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
