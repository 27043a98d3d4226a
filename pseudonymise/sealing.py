"""The sending side of ``connectors/openpgp.py``: a delivery encrypted to the hub and signed by who sends it (RFC 9580).

Nothing is compressed: the hub refuses a message that is compressed inside.
"""

from pathlib import Path

from pydantic import SecretStr
from pysequoia import Cert, Tsk, encrypt

from pseudonymise.errors import SealingRefused

_REFUSED = (RuntimeError, OSError, ValueError)  # what the library raises, without classes of its own


def new_pair(owner: str) -> tuple[bytes, bytes]:
    """A new key pair of ``owner``, armoured: private and public."""
    pair = Tsk.generate(owner)
    return str(pair).encode(), str(pair.extract_certificate()).encode()


def seal_to_hub(content: bytes, hub: Path, sender: Path, passphrase: SecretStr | None = None) -> bytes:
    """``content`` encrypted to the hub's public key and signed by the sender's private one, binary.

    Raises SealingRefused if one of the files holds no such key, or the private key does not open.
    """
    try:
        recipient = Cert.from_bytes(hub.read_bytes())
    except _REFUSED:
        raise _refused(
            hub, "it holds no OpenPGP public key", "Ask the hub's data engineer for the public key"
        ) from None
    if recipient.has_secret_keys:
        raise _refused(hub, "it holds a private key, which the hub's never leaves", "Ask for the public key")
    try:
        signer = Tsk.from_bytes(sender.read_bytes()).signer(passphrase.get_secret_value() if passphrase else None)
    except _REFUSED:
        raise _refused(sender, "it holds no OpenPGP private key that opens", "Give yours, or its passphrase") from None
    try:
        return encrypt(bytes=content, recipients=[recipient], signer=signer, armor=False)
    except _REFUSED:
        raise _refused(
            hub, "nothing can be encrypted to it: it is revoked, expired, or signs only", "Ask anew"
        ) from None


def _refused(key: Path, why: str, fix: str) -> SealingRefused:
    return SealingRefused("The delivery is not sealed", where=str(key), why=why, fix=fix)
