"""Sealed references, opened for their own authority: they are held hidden, and leave only in what is sealed to it."""

import base64
from collections.abc import Sequence

import rfc8785
from pydantic import SecretBytes, SecretStr

from agreement.model import Agreement
from keys.key import Key
from keys.purposes import Purpose
from keys.ring import KeyRing
from pseudonymise.errors import SealRefused
from pseudonymise.references import open_seal
from pseudonymise.scheme_keys import SEAL_BYTES
from reidentify.errors import FulfilmentRefused
from reidentify.finding import Found


def references_of(agreement: Agreement, ring: KeyRing, found: Sequence[Found]) -> SecretBytes:
    """The references of these feeds in canonical JSON, as ``envelope.Content.feeds`` has them.

    1. What the authority sealed itself, before it sent its rows, goes back as it is: the hub does not open it.
    2. What the hub sealed is opened with the version of its key that sealed it.

    Raises FulfilmentRefused if one does not open.
    """
    said: dict[str, dict[str, list[SecretStr]]] = {}
    keys = ring.chain(Purpose.REFERENCE) if any(not _at_source(agreement, each) for each in found) else ()
    for each in found:
        if _at_source(agreement, each):
            said[each.feed] = {"sealed": [SecretStr(base64.b64encode(one).decode()) for one in each.sealed]}  # (1)
        else:
            said[each.feed] = {"opened": [_open(one, each.feed, keys) for one in each.sealed]}  # (2)
    return SecretBytes(
        rfc8785.dumps({f: {n: [one.get_secret_value() for one in v] for n, v in h.items()} for f, h in said.items()})
    )


def _at_source(agreement: Agreement, found: Found) -> bool:
    return agreement.feeds[found.feed].pseudonymised_at == "source"


def _open(sealed: bytes, feed: str, keys: Sequence[Key]) -> SecretStr:
    for key in reversed(keys):
        opened = _try(sealed, feed, key)
        if opened is not None:
            return opened
    raise FulfilmentRefused(
        "A sealed reference does not open",
        where=f"feed {feed}",
        why="the version of the key that sealed it was retired, or its bytes were changed",
        fix="Find out which in hub keys list, and have the feed delivered again",
    )


def _try(sealed: bytes, feed: str, key: Key) -> SecretStr | None:
    try:
        return SecretStr(open_seal(sealed, feed, key.derive(f"seal/{feed}/1", SEAL_BYTES)))
    except SealRefused:
        return None
