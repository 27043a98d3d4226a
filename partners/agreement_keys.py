"""The keys that speak for the simulated authorities: one that signs the agreement, one that witnesses the log.

Each is made once for a partners' folder, and kept there for its owner's eyes only.
"""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.feeds import AUTHORITIES
from witness.keeping import make_key


def signing_key(folder: Path, authority: str) -> Path:
    """The file (PEM) of the key with which an authority's officer signs; made on first use."""
    path = folder / "officers" / f"{authority}.pem"
    make_key(path)
    return path


def witness_key(folder: Path, authority: str) -> Ed25519PrivateKey:
    """The key of an authority's witness; made on first use."""
    return make_key(witness_folder(folder, authority) / "witness.key")


def witness_folder(folder: Path, authority: str) -> Path:
    """Where an authority's witness keeps its key."""
    return folder / authority


def public_keys(folder: Path) -> dict[str, tuple[str, str]]:
    """Of each authority the public signing key and the witness's, raw in base64, as the agreement states them."""
    return {
        authority: (_public(make_key(signing_key(folder, authority))), _public(witness_key(folder, authority)))
        for authority in AUTHORITIES
    }


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()
