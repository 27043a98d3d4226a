"""AWS KMS: the document lies where a file may lie, each key in it sealed by one KMS key.

Each key is sealed with an encryption context (``purpose``, ``key``), which KMS binds it to and writes into CloudTrail:
so that an IAM policy can keep a service from a purpose (``kms:EncryptionContext:purpose``), no sealed key stands in for
another, and AWS itself logs each time that one is opened.

Source: AWS KMS API Reference, Encrypt and Decrypt; Developer Guide, "Encryption context".
"""

import base64
import binascii
import logging
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretBytes

from keys.document import locked
from keys.errors import KeyRingError, KeyRingUnreachable

_AGAIN = frozenset(
    {"ThrottlingException", "KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException"}
)
logging.getLogger("botocore").setLevel(logging.INFO)  # at DEBUG it writes what KMS answers, the opened key with it


class KmsSeal:
    """Seals under one KMS key, by its id, ARN or alias."""

    kind = "aws-kms"

    def __init__(self, key: str, region: str | None, endpoint: str | None = None) -> None:
        self._key, self._region, self._endpoint = key, region, endpoint
        self._client: Any = None

    def seal(self, context: str, material: SecretBytes) -> str:
        """KMS's own form, as base64."""
        blob = self._ask(
            lambda client: client.encrypt(
                KeyId=self._key, Plaintext=material.get_secret_value(), EncryptionContext=_context(context)
            )["CiphertextBlob"]
        )
        return base64.b64encode(blob).decode()

    def open(self, context: str, sealed: str) -> SecretBytes:
        """What was sealed; raises KeyRingLocked."""
        try:
            blob = base64.b64decode(sealed, validate=True)
        except binascii.Error:
            blob = b""
        opened: SecretBytes = self._ask(
            lambda client: SecretBytes(
                client.decrypt(KeyId=self._key, CiphertextBlob=blob, EncryptionContext=_context(context))["Plaintext"]
            )
        )
        return opened

    def _ask(self, call: Callable[[Any], Any]) -> Any:
        try:
            return call(self._connected())
        except (ClientError, BotoCoreError) as error:
            refusal = self._refusal(error)
        raise refusal  # here, where no context is kept: the first error's frames hold what was sent

    def _connected(self) -> Any:
        if self._client is None:
            config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
            self._client = boto3.client("kms", region_name=self._region, endpoint_url=self._endpoint, config=config)
        return self._client

    def _refusal(self, error: ClientError | BotoCoreError) -> KeyRingError:
        where = f"AWS KMS under {self._key}"
        code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
        if code and code not in _AGAIN:
            return locked(where, f"KMS refuses it ({code})")
        return KeyRingUnreachable(
            "The key ring cannot be reached",
            where=where,
            why=code or type(error).__name__,
            fix="Correct the region or the credentials of AWS, or try again when it answers",
        )


def _context(context: str) -> dict[str, str]:
    return {"purpose": context.partition("/")[0], "key": context}
