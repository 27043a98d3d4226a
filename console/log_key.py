"""The key that the log's checkpoints are checked with."""

from audit.checkpoint import Verifier
from hub.settings import Settings
from keys.home import log_public, open_ring, ring_path
from keys.services import Service

_known: dict[tuple[str, int], Verifier] = {}


def log_key(settings: Settings) -> Verifier:
    """The log's public key.

    The ring has to be opened for it, which takes 0.1 s, so it is kept until the ring's file changes; of the ring
    nothing else is kept. Raises KeyRingError if there is none.
    """
    path = ring_path(settings)
    changed = (str(path), path.stat().st_mtime_ns if path.is_file() else 0)
    if changed not in _known:
        verifier = Verifier.of(log_public(settings, open_ring(settings, Service.CONSOLE)))
        _known.clear()
        _known[changed] = verifier
    return _known[changed]
