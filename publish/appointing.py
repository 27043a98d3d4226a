"""Appointing and dismissing officers, on a party's own machine: neither a hub nor its database is needed.

An officer's private key is made for its officer once and kept by the officer; the hub sees public keys only.
"""

import base64
from datetime import date

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from agreement.model import Agreement
from agreement.signing import private_key
from publish.appointment import Appointment, Dismissal, require_counting, stated
from publish.errors import OfficerRefused


def new_key(passphrase: bytes | None = None) -> tuple[bytes, bytes]:
    """A new Ed25519 key as PEM: the private part (PKCS 8, sealed if ``passphrase``), and the public part."""
    key = Ed25519PrivateKey.generate()
    sealed = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def appoint(
    agreement: Agreement, officer: str, public_key: bytes, party: str, party_key: bytes, from_on: date, until_on: date
) -> Appointment:
    """A party's appointment of an officer, by the PEM of the officer's public and of the party's private key.

    Raises OfficerRefused if it would not count under the agreement, SigningRefused for an unusable private key.
    """
    days = {"from": from_on.isoformat(), "until": until_on.isoformat()}
    unsigned = stated(Appointment, agreement, officer=officer, public_key=_raw(public_key), party=party, **days)
    appointment = unsigned.signed(private_key(party_key))
    require_counting(appointment, agreement)
    return appointment


def dismiss(agreement: Agreement, officer: str, public_key: bytes, party: str, party_key: bytes, on: date) -> Dismissal:
    """A party's word that a key speaks for an officer no more. Any party that may appoint can say it.

    Raises as ``appoint``.
    """
    day = on.isoformat()
    unsigned = stated(Dismissal, agreement, officer=officer, public_key=_raw(public_key), party=party, on=day)
    dismissal = unsigned.signed(private_key(party_key))
    require_counting(dismissal, agreement)
    return dismissal


def _raw(pem: bytes) -> str:
    """The key in a PEM file as documents state it."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise OfficerRefused(
            "The public key cannot be read",
            where="the PEM that was given",
            why="it is no Ed25519 public key",
            fix="Give the .pub file that hub officer keygen made",
        )
    return base64.b64encode(key.public_bytes_raw()).decode()
