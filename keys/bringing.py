"""Keys that come from elsewhere: from another home's files, or from a version of the hub that had one file for all."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretBytes, SecretStr

from hub.settings import Settings
from keys.document import locked
from keys.errors import KeyRingExists
from keys.file import FilePlace, check_private, write_private
from keys.home import open_ring
from keys.passphrase import PassphraseSeal
from keys.places import (
    HUB_PASSPHRASE,
    SOURCE_PASSPHRASE,
    has_ring,
    hub_ring,
    make_passphrases,
    passphrase,
    ring_path,
    source_ring,
    source_ring_if_made,
)
from keys.provider import Nowhere
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.sealed_ring import SealedRing
from keys.services import Service

FORMER = "hub-keyring/1"
Keys = Mapping[str, SecretBytes]


def import_ring(settings: Settings, path: Path, source: Path | None = None) -> KeyRing:
    """Use the keys of existing ring files in this home; their passphrases must be set. Raises KeyRingError.

    They are sealed anew, wherever this home keeps its rings: so a hub's keys also move from files to a Vault or a KMS.
    ``source`` is the file of the source keys; where it is not named, it lies beside the other as in a home.
    """
    if has_ring(settings):
        raise KeyRingExists(
            "The key ring is not brought in",
            where=hub_ring(settings).place.name,
            why="one is there",
            fix="Move it away yourself",
        )
    found = _keys(path, passphrase(settings, HUB_PASSPHRASE))
    if not _part(found, source=True):
        beside = path.absolute().parent.parent / "source-keys" / "keyring.json"
        found = {**found, **_keys(source or beside, passphrase(settings, SOURCE_PASSPHRASE))}
    make_passphrases(settings)
    _keep_sources(settings, found)
    hub_ring(settings).create(_part(found, source=False))
    return open_ring(settings, Service.CUSTODIAN)


def part_former_ring(settings: Settings) -> None:
    """Part a ring of the former form, one file with all keys, into two rings; does nothing where there is none.

    Killed anywhere and run again, it finishes: the source keys are kept apart before they leave the file.
    """
    path = ring_path(settings)
    if settings.keys or not path.is_file() or not _is_former(path.read_bytes()):
        return
    found = _keys(path, passphrase(settings, HUB_PASSPHRASE))
    make_passphrases(settings)
    _keep_sources(settings, found)
    write_private(path, hub_ring(settings).document(_part(found, source=False)))


def _keep_sources(settings: Settings, found: Keys) -> None:
    known, sources = source_ring_if_made(settings), _part(found, source=True)
    if isinstance(known, Nowhere):
        source_ring(settings).create(sources)
    elif {key_id: known.open(key_id) for key_id in known.held()} != sources:
        raise KeyRingExists(
            "The source keys are not kept",
            where=source_ring(settings).place.name,
            why="other source keys are there",
            fix="Move one of the two away yourself",
        )


def _part(found: Keys, *, source: bool) -> dict[str, SecretBytes]:
    return {key_id: key for key_id, key in found.items() if key_id.startswith(f"{Purpose.SOURCE}/") is source}


def _keys(path: Path, word: SecretStr) -> Keys:
    """Every key of a file, of this form or the former one."""
    check_private(path, "The key ring")
    if _is_former(path.read_bytes()):
        return _former_keys(path, word)
    ring = SealedRing(FilePlace(path), PassphraseSeal(lambda: word, str(path)))
    return {key_id: ring.open(key_id) for key_id, key in ring.held().items() if key.retired_at is None}


def _is_former(raw: bytes) -> bool:
    return FORMER.encode() in raw


def _former_keys(path: Path, word: SecretStr) -> Keys:
    """The former form sealed all keys together: AES-256-GCM, its key scrypt(passphrase, salt)."""
    try:
        said = json.loads(path.read_bytes())
        salt, nonce, sealed = (base64.b64decode(said[name], validate=True) for name in ("salt", "nonce", "sealed"))
        stretched = Scrypt(salt=salt, length=32, n=2**15, r=8, p=1)
        cipher = AESGCM(stretched.derive(word.get_secret_value().encode()))
        held = json.loads(cipher.decrypt(nonce, sealed, FORMER.encode() + salt))
        return {key_id: SecretBytes(base64.b64decode(material)) for key_id, material in held.items()}
    except (InvalidTag, ValueError, KeyError, TypeError):
        pass
    raise locked(str(path), "the passphrase is another one, or the file was changed")
