"""How often a reader may ask: a bucket of tokens for each (the token bucket of RFC 2697, without colours)."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_READERS = 10_000


class Buckets:
    """``per_minute`` requests for each reader, as many at once; the buckets longest unused go first."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._rate, self._clock, self._lock = float(per_minute), per_minute / 60, clock, threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, reader: str) -> float:
        """Take one from the reader's bucket: 0.0; or, if it is empty, after how many seconds there is one again."""
        with self._lock:
            at = self._clock()
            level, filled_at = self._levels.pop(reader, (self._size, at))
            level = min(self._size, level + (at - filled_at) * self._rate)
            taken = level >= 1
            self._levels[reader] = (level - taken, at)
            while len(self._levels) > MOST_READERS:
                self._levels.popitem(last=False)
            return 0.0 if taken else (1 - level) / self._rate
