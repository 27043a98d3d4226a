"""Information governance officers: who they are, and the keys they sign with.

The hub holds public keys only. A private key is made for its officer once, handed over, and kept
by the officer.
"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, insert, select

from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import open_ring
from keys.purposes import Purpose
from publish.decision import INFORMATION_GOVERNANCE, Officer
from publish.errors import OfficerRefused
from publish.models import OfficerRow


def new_key(passphrase: bytes | None = None) -> tuple[bytes, bytes]:
    """A new Ed25519 key as PEM: the private part (PKCS 8, sealed if ``passphrase``), and the public part."""
    key = Ed25519PrivateKey.generate()
    sealed = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private, public


def private_key(pem: bytes, passphrase: bytes | None = None) -> Ed25519PrivateKey:
    """Read an officer's private key; raises OfficerRefused, never telling the key."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _not_a_key("private") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key("private")
    return key


def register_officer(settings: Settings, name: str, public_key: bytes, role: str = INFORMATION_GOVERNANCE) -> Officer:
    """Register an officer by the PEM of the public key, and log it.

    The same name with the same key and role again changes nothing. Raises OfficerRefused if the key
    is no Ed25519 key or the name stands for another key already.
    """
    officer = Officer(name, _raw(public_key), role, now())
    with transaction(settings) as connection:
        known = next((o for o in officers(connection) if o.name == name), None)
        if known is not None:
            return _same(known, officer)
        connection.execute(
            insert(OfficerRow).values(
                name=name, public_key=officer.public_key, role=role, registered_at=officer.registered_at
            )
        )
        entry = Entry(
            action=Action.REGISTER_OFFICER,
            actor=settings.actor,
            justification=f"registered {name} as {role}",
            code_commit=settings.code_commit,
            detail={"public_key": officer.public_key.hex()},
        )
        append(connection, entry)
        checkpoint(connection, open_ring(settings).signer(Purpose.AUDIT))
    return officer


def officers(connection: Connection) -> tuple[Officer, ...]:
    """Every registered officer, in the order of their names."""
    rows = connection.execute(
        select(OfficerRow.name, OfficerRow.public_key, OfficerRow.role, OfficerRow.registered_at).order_by(
            OfficerRow.name
        )
    )
    return tuple(Officer(row.name, bytes(row.public_key), row.role, row.registered_at) for row in rows)


def _raw(pem: bytes) -> bytes:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise _not_a_key("public") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _not_a_key("public")
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _same(known: Officer, given: Officer) -> Officer:
    if (known.public_key, known.role) != (given.public_key, given.role):
        raise OfficerRefused(
            "The officer is registered already",
            where="the officers' register",
            why="the name stands for another key or role",
            fix="Register the new key under a name of its own",
        )
    return known


def _not_a_key(part: str) -> OfficerRefused:
    return OfficerRefused(
        f"The {part} key cannot be read",
        where="the PEM that was given",
        why="it is not an Ed25519 key, or its passphrase is wrong",
        fix="Give the PEM file that was made for the officer",
    )
