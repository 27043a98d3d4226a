"""How often a MESH mailbox is asked again, and how long is waited between: as any partner (connectors/http.py).

The client's own way would sleep for as long as an answer asks for, up to six hours, and by this machine's clock alone.
"""

from datetime import UTC, datetime
from typing import Any

from urllib3 import BaseHTTPResponse
from urllib3.util.retry import Retry

from connectors.http import Patience, retry_after

_AGAIN = (425, 429, 502, 503, 504)  # as the client has it; a 500 ends the run, and the run is tried again


class LaterAsked(Exception):
    """The mailbox asks for a longer wait than the patience allows."""

    def __init__(self, status: int, wait_s: float) -> None:
        super().__init__(f"its answer was {status} with a wait of {wait_s:.0f} s")
        self.wait_s = wait_s


class MeshRetry(Retry):
    """Ask again by a patience. Raises LaterAsked where an answer asks for more."""

    longest_wait_s: float

    @classmethod
    def of(cls, patience: Patience) -> "MeshRetry":
        """The way to ask again of a patience."""
        made = cls(
            total=patience.attempts - 1,
            status_forcelist=_AGAIN,
            backoff_factor=patience.first_wait_s,
            backoff_max=patience.longest_wait_s,
            backoff_jitter=patience.first_wait_s,
        )
        made.longest_wait_s = patience.longest_wait_s
        return made

    def new(self, **changes: Any) -> "MeshRetry":
        """What is left of it after a try."""
        left = super().new(**changes)
        left.longest_wait_s = self.longest_wait_s
        return left

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """What the answer asks for, by the mailbox's own clock (connectors/http.py, 2)."""
        asked = retry_after(response.headers, datetime.now(UTC))
        if asked is not None and asked > self.longest_wait_s:
            raise LaterAsked(response.status, asked)
        return asked
