"""Signing the agreement: each party's signature is made with its own key, and kept in a file beside the text."""

import base64
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from pydantic import ValidationError

from agreement.errors import SigningRefused
from agreement.model import Agreement
from agreement.parties import SIGNATURES, Signature, message
from hub.errors import ConfigurationError


def signatures_path(text: Path) -> Path:
    """Where the signatures of the agreement in the file ``text`` lie."""
    return text.with_suffix(".signatures.json")


def sign(agreement: Agreement, authority: str, key: bytes, signed_by: str, signed_on: date) -> Signature:
    """A party's signature of the text; ``key`` is its private key (PEM). Raises SigningRefused.

    1. The authority is a party, and the text states its key.
    2. The private key is that key's: a signature by any other would never count.
    3. Who signs for the party is named by a role, in one line of at most 100 characters.
    """
    party = agreement.party(authority)
    if party is None or party.signing_key is None:  # (1)
        raise SigningRefused(
            f"{authority} cannot sign",
            where=f"parties.{authority}.signing_key",
            why="the agreement states no key of this party",
            fix="Put the party's public key into the text, so that all sign it",
        )
    private = private_key(key)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    if base64.b64encode(public).decode() != party.signing_key:  # (2)
        raise SigningRefused(
            f"{authority} cannot sign",
            where="the private key that was given",
            why="it is not the one whose public part the agreement states for this party",
            fix="Use the party's own key",
        )
    signature = private.sign(message(agreement.canonical, authority, signed_by, signed_on))
    said = {"authority": authority, "signed_by": signed_by, "signed_on": signed_on}
    try:
        return Signature.model_validate(said | {"signature": base64.b64encode(signature).decode()})
    except ValidationError:  # (3)
        raise SigningRefused(
            f"{authority} cannot sign",
            where="the role of who signs",
            why="it is not one line of 1 to 100 characters",
            fix="Name the role shortly, such as: head of service",
        ) from None


def require_right(agreement: Agreement, given: Iterable[Signature]) -> None:
    """Let signatures that were made elsewhere pass only if each is right; raises SigningRefused."""
    for signature in given:
        party = agreement.party(signature.authority)
        if party is None or not signature.of(agreement.canonical, party.signing_key):
            raise SigningRefused(
                "The signatures are not taken in",
                where=f"the signature of {signature.authority}",
                why="it is not of this very text by the key that the text states for the party",
                fix="Have the party sign this very text with that key",
            )


def private_key(pem: bytes, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """The Ed25519 key in a PEM file; raises SigningRefused for any other content."""
    try:
        key = load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningRefused(
            "The key cannot be used",
            where="the private key's file",
            why="it is no Ed25519 key in PEM, or its passphrase is wrong",
            fix="Make one with: hub agreement keygen FILE",
        )
    return key


def read_signatures(text: Path) -> tuple[Signature, ...]:
    """The signatures kept beside a text; none where there is no file. Raises ConfigurationError."""
    path = signatures_path(text)
    return signatures_in(path) if path.exists() else ()


def signatures_in(path: Path) -> tuple[Signature, ...]:
    """The signatures in a file of them; raises ConfigurationError."""
    try:
        return SIGNATURES.validate_json(path.read_bytes())
    except ValidationError as error:
        raise ConfigurationError(
            "The signatures of the agreement cannot be read",
            where=str(path),
            why=f"{error.error_count()} of its entries are not as they must be",
            fix="Have the parties sign again, or restore the file",
        ) from None


def keep_signature(text: Path, signature: Signature) -> None:
    """Keep a party's signature beside the text, in the place of an earlier one of the same party."""
    others = [kept for kept in read_signatures(text) if kept.authority != signature.authority]
    kept = [entry.model_dump(mode="json") for entry in sorted([*others, signature], key=lambda s: s.authority)]
    path = signatures_path(text)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
