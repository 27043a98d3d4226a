"""Turning and retiring keys: what a version still protects decides, and each act is in the log."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Connection

from audit.events import Action, Entry, Scalar
from audit.log import append, checkpoint
from audit.query import Filter, stream
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.errors import KeyInUse
from keys.home import log_signer
from keys.key import Key, series, split_id
from keys.provider import HeldKey
from keys.purposes import STEPS, Purpose
from keys.ring import KeyRing

LINKING = frozenset({Purpose.SOURCE, Purpose.HUB, Purpose.EVENT})
"""Purposes whose two versions do not link: a token or reference of one is never equal to one of the other."""


SETTLED = timedelta(days=1)  # longer than any task may run


class Protection(Protocol):
    """Who knows what is stored, and so what a version protects. Layers above the key ring hand it in."""

    def __call__(self, connection: Connection, ring: KeyRing, key_id: str, /) -> Iterable[str]:
        """What a version protects, each as the rest of a sentence: ``3 data keys``; nothing if it protects nothing."""


def rotate(settings: Settings, ring: KeyRing, purpose: Purpose, protection: Protection, name: str = "") -> Key:
    """Make a further version of a key, and log it.

    1. Everything new uses it from then on; what is there stays under its own version.
    2. A key whose versions do not link is not turned while records are kept under it: they have to be re-keyed.

    Raises KeyInUse, KeyNotHeld or KeyNotGranted.
    """
    found = series(purpose, name)
    now_held = f"{found}/{ring.versions().get(found, 1)}"
    with transaction(settings) as connection:
        what = "; ".join(protection(connection, ring, now_held)) if purpose in LINKING else ""
        if what:
            raise KeyInUse(  # (2)
                "A key is not turned",
                where=f"the key ring under {now_held}",
                why=f"{what} are kept under it, and no record of two versions would be found to be one person's",
                fix=f"Re-key it: hub keys rekey ask --key {purpose}" if purpose in STEPS else "Erase it first",
            )
        made = ring.rotate(purpose, name)  # (1)
        log_key_act(settings, connection, ring, Action.ROTATE_KEY, {"key": made.id})
    return made


def retire(
    settings: Settings, ring: KeyRing, key_id: str, protection: Protection, settled: timedelta = SETTLED
) -> None:
    """Destroy a version for ever, and log it.

    1. A version that still protects something is not retired, and what that is, is told.
    2. Nor is the newest version of a key (``KeyRing.retire``), nor one that was the newest until a moment ago: what
       began before may still make something under it, for as long as ``settled``.
    3. The log knows of it, even where the run that retired the key was killed before it could say so.

    Raises KeyInUse, KeyNotHeld or KeyNotGranted.
    """
    _require_settled(ring, key_id, settled)  # (2)
    with transaction(settings) as connection:
        what = "; ".join(protection(connection, ring, key_id))
        if what:
            raise KeyInUse(  # (1)
                "A key is not retired",
                where=f"the key ring under {key_id}",
                why=f"it protects {what}",
                fix="Re-key or erase that first",
            )
        ring.retire(key_id)  # (2)
        if not _is_logged(connection, key_id):
            log_key_act(settings, connection, ring, Action.RETIRE_KEY, {"key": key_id})  # (3)


def _require_settled(ring: KeyRing, key_id: str, settled: timedelta) -> None:
    later = next_version(ring, key_id)
    if later is not None and now() < later.made_at + settled:
        raise KeyInUse(
            "A key is not retired",
            where=f"the key ring under {key_id}",
            why=f"it was turned {later.made_at:%Y-%m-%d %H:%M} UTC, and what began before may still use it",
            fix=f"Retire it {settled / timedelta(hours=1):g} hours after that",
        )


def next_version(ring: KeyRing, key_id: str) -> HeldKey | None:
    """The version that took a version's place, retired or not; none if it is the last."""
    found, version = split_id(key_id)
    held = {split_id(each)[1]: key for each, key in ring.held().items() if split_id(each)[0] == found}
    return held.get(min((number for number in held if number > version), default=0))


def _is_logged(connection: Connection, key_id: str) -> bool:
    told = stream(connection, Filter(action=Action.RETIRE_KEY))
    return any(entry.said["detail"]["key"] == key_id for entry in told)


def log_key_act(
    settings: Settings,
    connection: Connection,
    ring: KeyRing,
    action: Action,
    detail: Mapping[str, Scalar],
    *,
    recipient: str | None = None,
    justification: str | None = None,
) -> None:
    """Log an act on a key, signed."""
    entry = Entry(
        action=action,
        actor=settings.actor,
        recipient=recipient,
        justification=justification,
        code_commit=settings.code_commit,
        detail=detail,
    )
    append(connection, entry)
    checkpoint(connection, log_signer(settings, ring))
