"""The keys that speak for the simulated authorities: to sign the agreement, to witness the log, to open what is theirs.

Each is made once for a partners' folder, and kept there for its owner's eyes only.
"""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from hub.feeds import AUTHORITIES
from keys.pairs import read_public, write_pair
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


def sealing_key(folder: Path, authority: str) -> Path:
    """The file (PEM) of the key with which an authority opens what is sealed to it; made on first use."""
    path = folder / "officers" / f"{authority}.sealing.pem"
    if not path.exists():
        write_pair(path)
    return path


def public_keys(folder: Path) -> dict[str, dict[str, str]]:
    """What the agreement states of each authority: the public keys, raw in base64, by the use of each."""
    return {
        authority: {
            "signing_key": _public(make_key(signing_key(folder, authority)).public_key()),
            "witness_key": _public(witness_key(folder, authority).public_key()),
            "sealing_key": _public(read_public(Path(f"{sealing_key(folder, authority)}.pub"))),
        }
        for authority in AUTHORITIES
    }


def _public(key: Ed25519PublicKey | X25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes_raw()).decode()
