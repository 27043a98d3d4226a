"""Agreements that six parties signed, with keys made for the run of the tests."""

import base64
import json
from collections.abc import Callable, Collection
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from agreement.model import Agreement
from agreement.policy import read_agreement
from agreement.signing import keep_signature, sign, signatures_path
from hub.feeds import AUTHORITIES

SIGNED_ON = date(2024, 3, 1)
KEYS = {authority: Ed25519PrivateKey.generate() for authority in (*AUTHORITIES, "prison")}
WITNESS_KEYS = {authority: Ed25519PrivateKey.generate() for authority in KEYS}
SEALING_KEYS = {authority: X25519PrivateKey.generate() for authority in KEYS}
_AGREED: dict[tuple[bytes, frozenset[str]], tuple[bytes, bytes | None]] = {}


def public(key: Ed25519PrivateKey | X25519PrivateKey) -> str:
    """The public key as the agreement states it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def pem(authority: str) -> bytes:
    """A party's private signing key."""
    private = serialization.PrivateFormat.PKCS8
    return KEYS[authority].private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())


def keys_of(authority: str) -> dict[str, str]:
    """What the text states of a party's keys."""
    return {
        "signing_key": public(KEYS[authority]),
        "witness_key": public(WITNESS_KEYS[authority]),
        "sealing_key": public(SEALING_KEYS[authority]),
    }


def signed(agreement: Agreement, on: date = SIGNED_ON, but: Collection[str] = ()) -> Agreement:
    """The agreement with the signatures of all parties but some."""
    text = Agreement.model_validate(agreement.model_dump(by_alias=True, exclude_unset=True, exclude={"signatures"}))
    able = [party.authority for party in text.parties if party.signing_key and party.authority not in but]
    given = tuple(sign(text, name, pem(name), "head", on) for name in able)
    return text.model_copy(update={"signatures": given})


def unchanged(terms: dict[str, Any]) -> None:
    """The text as it is, but for the keys."""


def agree(path: Path, change: Callable[[dict[str, Any]], object] = unchanged, but: Collection[str] = ()) -> None:
    """Change the agreement in a file, and have all parties but some sign it.

    A changed text gets a version of its own, unless the change gives it one: a version is one text for ever.
    What is only signed is signed once for all tests of a process.
    """
    if change is not unchanged:
        _agree(path, change, but)
        return
    this = (path.read_bytes(), frozenset(but))
    if this not in _AGREED:
        _agree(path, change, but)
        given = signatures_path(path)
        _AGREED[this] = (path.read_bytes(), given.read_bytes() if given.exists() else None)
    text, signatures = _AGREED[this]
    path.write_bytes(text)
    signatures_path(path).unlink(missing_ok=True)
    if signatures is not None:
        signatures_path(path).write_bytes(signatures)


def _agree(path: Path, change: Callable[[dict[str, Any]], object], but: Collection[str]) -> None:
    terms = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    terms["parties"] = [party | keys_of(party["authority"]) for party in terms["parties"]]
    before, version = json.dumps(terms, default=str), terms["version"]
    change(terms)
    after = json.dumps(terms, default=str)
    if after != before and terms["version"] == version:
        terms["version"] = f"{version.partition('+')[0]}+{sha256(after.encode()).hexdigest()[:8]}"
    path.write_text(yaml.dump(terms, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")
    signatures_path(path).unlink(missing_ok=True)
    for signature in signed(read_agreement(path), but=but).signatures:
        keep_signature(path, signature)
