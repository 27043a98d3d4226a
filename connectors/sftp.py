"""Files on a partner's SFTP server: pinned host key, login by key, one file a quarter."""

import base64
import io
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

import paramiko
from paramiko.pkey import UnknownKeyType
from pydantic import SecretStr

from connectors.errors import ConnectionFailed, NotReady, Unauthorised, UntrustedServer, WrongAnswer
from connectors.page import DONE, Page
from hub.errors import ConfigurationError
from hub.feeds import SftpTransport
from hub.periods import Quarter

_KEY_TYPES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
# What paramiko makes of text that is no key, and of a server that does not speak SFTP.
_NOT_A_KEY = (paramiko.SSHException, UnknownKeyType, ValueError, ArithmeticError, AssertionError)
_NOT_SFTP = (paramiko.SFTPError, struct.error, UnicodeError)


@dataclass(frozen=True)
class SftpConnector:
    """Fetches one file a quarter, whole, as one page.

    A file counts as complete when it kept its size and time for ``settle_s`` seconds before it was
    read, and still has them afterwards.
    """

    feed: str
    transport: SftpTransport
    secret: Callable[[str], SecretStr]
    settle_s: float = 1.0
    timeout_s: float = 30.0

    @property
    def _where(self) -> str:
        return f"{self.feed} at {self.transport.host}:{self.transport.port}"

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The quarter's file; raises NotReady while it is absent or still being written."""
        if cursor == DONE:
            return
        path = PurePosixPath(self.transport.path.replace("{period}", str(quarter)))
        with self._session() as sftp:
            body = self._whole(sftp, path)
        yield Page(body, DONE, path.name)

    def confirm(self, quarter: Quarter) -> None:
        """Nothing: the file stays where it is, and is the partner's to remove."""

    def _whole(self, sftp: paramiko.SFTPClient, path: PurePosixPath) -> bytes:
        first = self._state(sftp, path)
        time.sleep(self.settle_s)
        if self._state(sftp, path) != first:
            raise self._not_ready(path, "it is still being written")
        body = io.BytesIO()
        try:
            sftp.getfo(str(path), body)
        except FileNotFoundError:
            raise self._not_ready(path, "it went away before it was read") from None
        if self._state(sftp, path) != first or len(body.getvalue()) != first[0]:
            raise self._not_ready(path, "it changed while it was read")
        return body.getvalue()

    def _state(self, sftp: paramiko.SFTPClient, path: PurePosixPath) -> tuple[int, int]:
        try:
            found = sftp.stat(str(path))
        except FileNotFoundError:
            raise self._not_ready(path, "there is no such file yet") from None
        return found.st_size or 0, found.st_mtime or 0

    def _not_ready(self, path: PurePosixPath, why: str) -> NotReady:
        return NotReady(
            f"The file {path.name} cannot be fetched",
            where=self._where,
            why=why,
            fix="It is tried again; ask the partner if it stays away",
        )

    @contextmanager
    def _session(self) -> Iterator[paramiko.SFTPClient]:
        """A logged-in SFTP session with a server that proved to hold the pinned key."""
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        host, port = self.transport.host, self.transport.port
        pinned = self._host_key()
        client.get_host_keys().add(
            host if port == paramiko.config.SSH_PORT else f"[{host}]:{port}", pinned.get_name(), pinned
        )
        try:
            self._log_in(client)
            yield client.open_sftp()
        except PermissionError:
            raise self._refused(
                f"it may not read {self.transport.path}",
                f"Ask the partner to let the user {self.transport.user} read it",
            ) from None
        except _NOT_SFTP as error:
            raise WrongAnswer(
                "The server does not speak SFTP as agreed",
                where=self._where,
                why=type(error).__name__,
                fix="Check the address and ask the partner",
            ) from None
        except (EOFError, paramiko.SSHException, OSError) as error:
            raise self._failed(type(error).__name__) from None
        finally:
            client.close()

    def _log_in(self, client: paramiko.SSHClient) -> None:
        key = self._login_key()
        try:
            client.connect(
                self.transport.host,
                self.transport.port,
                username=self.transport.user,
                pkey=key,
                allow_agent=False,
                look_for_keys=False,
                timeout=self.timeout_s,
                banner_timeout=self.timeout_s,
                auth_timeout=self.timeout_s,
                channel_timeout=self.timeout_s,
            )
        except paramiko.BadHostKeyException:
            raise UntrustedServer(
                "The server is not the one that is pinned",
                where=self._where,
                why="it shows another host key, so the hub did not log in",
                fix=f"Ask the partner; if they changed it, put the new one into the secret {self.transport.host_key}",
            ) from None
        except paramiko.AuthenticationException:
            raise self._refused(
                f"the user {self.transport.user} or its key is not accepted",
                f"Check the secret {self.transport.private_key} and ask the partner to accept its public half",
            ) from None
        except OSError as error:
            raise self._failed(type(error).__name__) from None

    def _refused(self, why: str, fix: str) -> Unauthorised:
        return Unauthorised("The partner refuses the hub", where=self._where, why=why, fix=fix)

    def _failed(self, why: str) -> ConnectionFailed:
        return ConnectionFailed(
            "The SFTP server does not answer as it should",
            where=self._where,
            why=why,
            fix="It is tried again; check the address and the network if it goes on",
        )

    def _host_key(self) -> paramiko.PKey:
        """The pinned key, written ``ssh-ed25519 AAAA...``; a host name before it is passed over."""
        words = self.secret(self.transport.host_key).get_secret_value().split()
        for kind, encoded in pairwise(words):
            if kind.startswith(("ssh-", "ecdsa-")):
                try:
                    return paramiko.PKey.from_type_string(kind, base64.b64decode(encoded, validate=True))
                except _NOT_A_KEY:
                    break
        raise self._unreadable(self.transport.host_key, "a public key such as ssh-ed25519 AAAA...")

    def _login_key(self) -> paramiko.PKey:
        text = self.secret(self.transport.private_key).get_secret_value() + "\n"
        for kind in _KEY_TYPES:
            try:
                return kind.from_private_key(io.StringIO(text))
            except _NOT_A_KEY:
                continue
        raise self._unreadable(self.transport.private_key, "a private key in OpenSSH form without a passphrase")

    def _unreadable(self, secret: str, wanted: str) -> ConfigurationError:
        return ConfigurationError(
            f"The secret {secret} cannot be used", where=self._where, why=f"it is not {wanted}", fix="Replace it"
        )
