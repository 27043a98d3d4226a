"""An SFTP server for one partner: one user, login by key, a folder that can only be read."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from partners.servers.credentials import ssh_key
from partners.servers.offer import Offer
from partners.servers.outgoing import publish

USER = "safer-hub"


class _OneUser(asyncssh.SSHServer):
    """Lets in one user with one key, and nobody by password."""

    def __init__(self, key: asyncssh.SSHKey) -> None:
        self._key = key

    def begin_auth(self, username: str) -> bool:
        """Ask everyone to prove who they are."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Offer login by key, and with it nothing else."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Accept the one user's one key."""
        return username == USER and key.public_data == self._key.public_data


class ReadOnly(asyncssh.SFTPServer):
    """Files can be listed and read; whatever would change one is refused."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open for reading only."""
        if pflags & (asyncssh.FXF_WRITE | asyncssh.FXF_APPEND | asyncssh.FXF_CREAT | asyncssh.FXF_TRUNC):
            raise _refusal()
        return super().open(path, pflags, attrs)

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open by protocol versions that this server does not speak."""
        raise _refusal()

    def _refuse(self, *_: object) -> None:
        raise _refusal()

    remove = rename = posix_rename = mkdir = rmdir = _refuse  # type: ignore[assignment]
    setstat = lsetstat = fsetstat = symlink = link = _refuse  # type: ignore[assignment]


def _refusal() -> asyncssh.SFTPPermissionDenied:
    return asyncssh.SFTPPermissionDenied("This folder can only be read")


@asynccontextmanager
async def serve(
    folder: Path, partner: str, feeds: Sequence[str], port: int = 0, files: type[ReadOnly] = ReadOnly
) -> AsyncIterator[Offer]:
    """Hand out the extracts of feeds under ``/outgoing`` until the block ends, each with its receipt."""
    root = folder / "sftp" / partner
    publish(folder, feeds, root / "outgoing")
    host_key, login_key = ssh_key(folder, f"{partner}_host_key"), ssh_key(folder, f"{partner}_login_key")
    listener = await asyncssh.listen(
        "127.0.0.1",
        port,
        server_host_keys=[host_key],
        server_factory=lambda: _OneUser(login_key),
        sftp_factory=lambda channel: files(channel, chroot=str(root).encode()),
        allow_scp=False,
        agent_forwarding=False,
    )
    address = f"127.0.0.1:{listener.get_port()}"
    secrets = {
        f"{partner}_sftp_host_key": host_key.export_public_key().decode(),
        f"{partner}_sftp_private_key": login_key.export_private_key().decode(),
    }
    try:
        yield Offer(f"{partner} SFTP", f"sftp://{address}", dict.fromkeys(feeds, address), secrets)
    finally:
        listener.close()
        await listener.wait_closed()
