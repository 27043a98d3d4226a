"""Where key material lies: one protocol, behind which a file, a secret manager or a cloud service can stand."""

from collections.abc import Mapping
from typing import Protocol


class KeyProvider(Protocol):
    """Holds key material by key id (``hub/1``)."""

    def load(self) -> Mapping[str, bytes]:
        """Every key by id; raises KeyRingError."""

    def add(self, key_id: str, material: bytes) -> Mapping[str, bytes]:
        """Keep one more key unless its id is held already; returns every key; raises KeyRingError.

        Two processes that add the same id both get the one that was kept.
        """
