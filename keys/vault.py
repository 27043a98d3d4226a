"""HashiCorp Vault or OpenBao: the document lies in a KV engine (version 2), each key in it sealed by a transit engine.

Neither is enough alone: who copies the KV store has what only transit opens, and transit stores nothing. Transit seals
each key under one named key for each purpose (``NAME-storage``, ``NAME-audit``), with the key's id as the context that
the sealing key is derived with: so that a policy of the Vault itself can keep a service from a purpose, and no sealed
key stands in for another.

Sources: Vault's HTTP API, "KV secrets engine - version 2" (check-and-set, destroy) and "Transit secrets engine"
(derived keys, context); OpenBao serves the same.
"""

import base64
from collections.abc import Callable
from typing import Any

import hvac
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, Unauthorized, VaultError
from pydantic import SecretBytes, SecretStr
from requests import RequestException

from keys.document import locked
from keys.errors import KeyRingError, KeyRingExists, KeyRingLocked, KeyRingMissing, KeyRingUnreachable

_CONTENT = "document"
_TRIES = 10
_TIMEOUT_S = 10


class VaultConflict(KeyRingLocked):
    """Another process changed the document first, or the Vault does not take what was sent."""


class Vault:
    """A client of one Vault. What it answers is put into our own words: no token and no answer's body is in them."""

    def __init__(self, url: str, token: Callable[[], SecretStr]) -> None:
        self.url, self._token = url, token
        self._client: hvac.Client | None = None

    def ask(self, call: Callable[[hvac.Client], Any], where: str) -> Any:
        """What a call answers; raises KeyRingMissing, KeyRingLocked, VaultConflict or KeyRingUnreachable."""
        try:
            return call(self._connected())
        except (VaultError, RequestException) as error:
            refusal = _refusal(error, where)
        raise refusal  # here, where no context is kept: the first error's frames hold the token

    def _connected(self) -> hvac.Client:
        if self._client is None:
            self._client = hvac.Client(url=self.url, token=self._token().get_secret_value(), timeout=_TIMEOUT_S)
        return self._client


def _refusal(error: Exception, where: str) -> KeyRingError:
    if isinstance(error, InvalidPath):
        return KeyRingMissing("The key ring is missing", where=where, why="nothing is there", fix="Run hub init")
    if isinstance(error, Forbidden | Unauthorized):
        return locked(where, "the Vault does not let this token do it")
    if isinstance(error, InvalidRequest):
        return VaultConflict(
            "The key ring is not changed",
            where=where,
            why="the Vault does not take what was sent, or another process was first",
            fix="Try again; if it lasts, look at the Vault's own log",
        )
    return KeyRingUnreachable(
        "The key ring cannot be reached", where=where, why=type(error).__name__, fix="Try again when the Vault answers"
    )


class KvPlace:
    """The document as one secret of a KV engine, version 2; changes are made by check-and-set."""

    def __init__(self, vault: Vault, mount: str, path: str) -> None:
        self._vault, self._mount, self._path = vault, mount, path
        self.name = f"{vault.url}/v1/{mount}/data/{path}"

    def read(self) -> bytes:
        """The newest version; raises KeyRingMissing."""
        return self._read()[0]

    def create(self, content: bytes) -> None:
        """Write version 1; raises KeyRingExists if there is one."""
        try:
            self._write(content, 0)
        except VaultConflict:
            raise KeyRingExists(
                "The key ring is not made",
                where=self.name,
                why="one is there, or this engine is not version 2 of KV",
                fix="Use it, or move it away yourself",
            ) from None

    def change(self, changed: Callable[[bytes], bytes | None], *, forget: bool = False) -> None:
        """Write the next version if no other process did since this one was read; else read again, a few times."""
        for left in reversed(range(_TRIES)):
            content, version = self._read()
            new = changed(content)
            if new is None:
                return
            try:
                self._write(new, version)
            except VaultConflict:
                if not left:
                    raise
                continue
            if forget:
                self._destroy(version)
            return

    def _read(self) -> tuple[bytes, int]:
        said = self._vault.ask(
            lambda client: client.secrets.kv.v2.read_secret_version(
                path=self._path, mount_point=self._mount, raise_on_deleted_version=True
            ),
            self.name,
        )["data"]
        return said["data"].get(_CONTENT, "").encode(), said["metadata"]["version"]

    def _write(self, content: bytes, version: int) -> None:
        self._vault.ask(
            lambda client: client.secrets.kv.v2.create_or_update_secret(
                path=self._path, secret={_CONTENT: content.decode()}, cas=version, mount_point=self._mount
            ),
            self.name,
        )

    def _destroy(self, last: int) -> None:
        """Destroy all versions up to the last: they hold what was retired."""
        self._vault.ask(
            lambda client: client.secrets.kv.v2.destroy_secret_versions(
                path=self._path, versions=list(range(1, last + 1)), mount_point=self._mount
            ),
            self.name,
        )


class TransitSeal:
    """Seals under the transit engine's key for the purpose, derived with the context."""

    kind = "vault-transit"

    def __init__(self, vault: Vault, mount: str, name: str) -> None:
        self._vault, self._mount, self._name = vault, mount, name

    def seal(self, context: str, material: SecretBytes) -> str:
        """The transit engine's text, such as ``vault:v1:...``; it makes the key the first time, if it may."""
        answer = self._vault.ask(
            lambda client: client.secrets.transit.encrypt_data(
                name=self._key(context),
                plaintext=_text(material.get_secret_value()),
                context=_text(context.encode()),
                mount_point=self._mount,
            ),
            self._where(context),
        )
        return str(answer["data"]["ciphertext"])

    def open(self, context: str, sealed: str) -> SecretBytes:
        """What was sealed; raises KeyRingLocked."""
        answer = self._vault.ask(
            lambda client: client.secrets.transit.decrypt_data(
                name=self._key(context),
                ciphertext=sealed,
                context=_text(context.encode()),
                mount_point=self._mount,
            ),
            self._where(context),
        )
        return SecretBytes(base64.b64decode(answer["data"]["plaintext"]))

    def _key(self, context: str) -> str:
        return f"{self._name}-{context.partition('/')[0]}"

    def _where(self, context: str) -> str:
        return f"{self._vault.url}/v1/{self._mount}/keys/{self._key(context)}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
