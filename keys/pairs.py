"""An authority's key pair, to which keys are sealed: X25519 (RFC 7748), in PEM files (RFC 8410)."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import SecretStr

from keys.errors import SealedKeyRefused
from keys.file import check_private, write_private


def write_pair(private: Path, passphrase: SecretStr | None = None) -> X25519PublicKey:
    """Write a new pair: ``private`` with mode 0600, sealed by the passphrase if there is one, and ``private``.pub.

    Raises SealedKeyRefused rather than write over a file.
    """
    public = Path(f"{private}.pub")
    for path in (private, public):
        if path.exists():
            raise _refused(path, "a file is there, and a key written over is lost", "Choose another name")
    made = X25519PrivateKey.generate()
    write_private(private, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, _encryption(passphrase)))
    public.write_bytes(made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return made.public_key()


def read_private(path: Path, passphrase: SecretStr | None = None) -> X25519PrivateKey:
    """A private key; raises SealedKeyRefused, or KeyRingExposed if others may read it."""
    check_private(path, "The private key")
    try:
        word = passphrase.get_secret_value().encode() if passphrase else None
        key = load_pem_private_key(path.read_bytes(), word)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise _refused(path, "it is no X25519 private key, or its passphrase is another one", "Give the right one")
    return key


def read_public(path: Path) -> X25519PublicKey:
    """A public key; raises SealedKeyRefused."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PublicKey):
        raise _refused(path, "it is no X25519 public key in PEM", "Ask the authority for its .pub file")
    return key


def _encryption(passphrase: SecretStr | None) -> KeySerializationEncryption:
    return BestAvailableEncryption(passphrase.get_secret_value().encode()) if passphrase else NoEncryption()


def _refused(path: Path, why: str, fix: str) -> SealedKeyRefused:
    return SealedKeyRefused("The key pair is refused", where=str(path), why=why, fix=fix)
