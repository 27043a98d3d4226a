"""Which deliveries a link has seen, said in one digest: the log's entry of a link holds it, a release compares it."""

from collections.abc import Iterable
from hashlib import sha256


def deliveries_digest(ids: Iterable[str]) -> str:
    """SHA-256, lower hex, over the ids of deliveries in order, one a line."""
    return sha256("\n".join(sorted(ids)).encode()).hexdigest()
