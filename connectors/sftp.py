"""Files on a partner's SFTP server: pinned host key, login by key. What is fetched, and how: connectors/files.py."""

import base64
import io
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import paramiko
from paramiko.pkey import UnknownKeyType
from pydantic import SecretStr

from connectors.errors import ConnectionFailed, Unauthorised, UntrustedServer, WrongAnswer
from connectors.place import State
from hub.errors import ConfigurationError
from hub.transports import SftpTransport

_KEY_TYPES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
# What paramiko makes of text that is no key, and of a server that does not speak SFTP.
_NOT_A_KEY = (paramiko.SSHException, UnknownKeyType, ValueError, ArithmeticError, AssertionError)
_REQUEST = 32 << 10  # what every server answers at once; paramiko copies what it holds for each piece of a longer one
_NOT_SFTP = (paramiko.SFTPError, struct.error, UnicodeError)


@dataclass(frozen=True)
class SftpServer:
    """A partner's SFTP server, as one feed may use it."""

    feed: str
    transport: SftpTransport
    secret: Callable[[str], SecretStr] = field(repr=False)

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.transport.host}:{self.transport.port}"

    @property
    def _where(self) -> str:
        return f"{self.feed} at {self.address}"

    @contextmanager
    def session(self, timeout_s: float) -> Iterator["SftpPlace"]:
        """A session with the server, which proved to hold the pinned key and answers each question in time."""
        client = self._client()
        try:
            with self.telling():
                self._log_in(client, timeout_s)
                session = client.open_sftp()
                session.get_channel().settimeout(timeout_s)
            yield SftpPlace(self, session)
        finally:
            client.close()

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell in the hub's own words what the server or paramiko says."""
        try:
            yield
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

    def _client(self) -> paramiko.SSHClient:
        """A client that knows the pinned key alone."""
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        host, port = self.transport.host, self.transport.port
        pinned = self._host_key()
        client.get_host_keys().add(
            host if port == paramiko.config.SSH_PORT else f"[{host}]:{port}", pinned.get_name(), pinned
        )
        return client

    def _log_in(self, client: paramiko.SSHClient, timeout_s: float) -> None:
        key = self._login_key()
        try:
            client.connect(
                self.transport.host,
                self.transport.port,
                username=self.transport.user,
                pkey=key,
                allow_agent=False,
                look_for_keys=False,
                timeout=timeout_s,
                banner_timeout=timeout_s,
                auth_timeout=timeout_s,
                channel_timeout=timeout_s,
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

    def no_file(self, path: str) -> WrongAnswer:
        """The refusal of what is no file that has a size."""
        return WrongAnswer(
            "The partner's file cannot be read",
            where=self._where,
            why=f"{path} is a folder or a device, or has no size",
            fix="Correct the path in the feed's file or ask the partner",
        )

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


@dataclass(frozen=True)
class SftpPlace:
    """The files that one session shows."""

    server: SftpServer
    session: paramiko.SFTPClient

    def state(self, path: str) -> State | None:
        """Size and time, by the server's clock."""
        with self.server.telling():
            try:
                found = self.session.stat(path)
            except FileNotFoundError:
                return None
        if found.st_size is None or (found.st_mode is not None and not stat.S_ISREG(found.st_mode)):
            raise self.server.no_file(path)
        return State(found.st_size, found.st_mtime)

    def read(self, path: str, start: int, length: int) -> bytes:
        """One part, in many requests at once; no more of the file is asked for than that, so no more is held."""
        asked = [(at, min(_REQUEST, start + length - at)) for at in range(start, start + length, _REQUEST)]
        with self.server.telling():
            try:
                with self.session.open(path, "rb") as file:
                    return b"".join(file.readv(asked)) if asked else b""
            except FileNotFoundError:
                return b""
