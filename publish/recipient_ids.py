"""Ids under the recipient's own key, so that two recipients cannot join their copies."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import polars_hash as plh

from keys.purposes import Purpose
from keys.ring import KeyRing

ID_HEX = 32  # 128 bits


@dataclass(frozen=True, repr=False)
class RecipientIds:
    """The derived keys of one recipient, one a kind of id, as the hexadecimal text that HMAC takes; never shown."""

    person: str
    event: str
    incident: str

    @classmethod
    def of(cls, ring: KeyRing, recipient: str, version: int | None = None) -> "RecipientIds":
        """The recipient's keys, by the newest version or the one that is asked for; raises KeyNotHeld."""
        kinds = ("person_id", "event_id", "incident_id")
        return cls(*(ring.derive(Purpose.RECIPIENT, info, version, recipient).hex() for info in kinds))

    @classmethod
    def each(cls, ring: KeyRing, recipient: str) -> Iterator["RecipientIds"]:
        """By every version that was not retired, the newest first: an id in an older release is under an older one."""
        for version in reversed(ring.kept(Purpose.RECIPIENT, recipient)):
            yield cls.of(ring, recipient, version)


def keyed(frame: pl.DataFrame, column: str, key: str) -> pl.DataFrame:
    """``frame`` with ``column`` replaced by HMAC-SHA256 under ``key``, its first 128 bits in lower hex."""
    return frame.with_columns(plh.col(column).chash.hmac_sha256(key=key).str.slice(0, ID_HEX).alias(column))
