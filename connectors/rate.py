"""A partner's limit on requests a second, kept by the hub itself."""

import time
from collections.abc import Callable
from threading import Lock


class Spacing:
    """Turns that come evenly spaced, for all that share it: pages, tokens and whatever is asked again.

    Without a limit each turn comes at once. Even spacing rather than a bucket: a burst that a bucket would allow is
    what a partner's own limiter, counting by another clock, may refuse.
    """

    def __init__(
        self,
        per_second: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._apart_s = 0.0 if per_second is None else 1 / per_second
        self._clock, self._sleep, self._lock = clock, sleep, Lock()
        self._free_at = clock()

    def wait(self) -> None:
        """Return when it is the caller's turn."""
        with self._lock:
            now = self._clock()
            turn = max(self._free_at, now)
            self._free_at = turn + self._apart_s
        if turn > now:
            self._sleep(turn - now)
