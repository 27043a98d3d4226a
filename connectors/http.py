"""One HTTP question, asked until it is answered, or until asking again makes no sense.

Numbered rules:
1. A timeout, a dropped connection, 429 and 5xx may pass: ask again, later each time, with jitter,
   so that hubs which failed together do not come back together.
2. ``Retry-After`` (RFC 9110 section 10.2.3) is honoured; one longer than the patience ends the asking.
3. 401 and 403 do not pass by asking again.
4. 404 means that the period is not there yet: partners open one when it is complete.
5. A redirect is not followed: credentials go only where the feed's file sends them.
6. Of a library's error only its kind is told: its words may quote a header with a credential.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from connectors.errors import ConnectionFailed, NotReady, Unauthorised, WrongAnswer

_PASSING = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


@dataclass(frozen=True)
class Patience:
    """How often, and how far apart, a partner is asked again."""

    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    timeout_s: tuple[float, float] = (10.0, 60.0)  # to connect, and between two bytes of the answer


class _Passing(Exception):
    """A trouble that may pass: why, and how long the partner asks the hub to wait."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.why, self.wait_s = why, wait_s


def ask(send: Callable[[], requests.Response], where: str, patience: Patience) -> requests.Response:
    """The successful answer to ``send``; raises a ConnectorError by the rules above."""

    def wait(state: RetryCallState) -> float:
        backoff = wait_exponential_jitter(patience.first_wait_s, patience.longest_wait_s, jitter=patience.first_wait_s)
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, _Passing) else None
        return backoff(state) if asked is None else asked  # (2)

    retrying = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=wait,
        retry=retry_if_exception_type(_Passing),
        reraise=True,
    )
    try:
        return retrying(_once, send, where, patience)
    except _Passing as trouble:
        raise ConnectionFailed(
            "The partner does not answer", where=where, why=trouble.why, fix="It is tried again later"
        ) from None


def _once(send: Callable[[], requests.Response], where: str, patience: Patience) -> requests.Response:
    try:
        answer = send()
    except _PASSING as error:
        raise _Passing(type(error).__name__) from None  # (1)
    except (requests.RequestException, ValueError) as error:
        raise WrongAnswer(
            "The question or its answer is not valid HTTP",
            where=where,
            why=type(error).__name__,  # (6)
            fix="Check the feed's address, and that its secrets are one line of plain characters",
        ) from None
    status = answer.status_code
    if status == requests.codes.too_many_requests or status >= requests.codes.internal_server_error:
        asked = retry_after(answer.headers, datetime.now(UTC))
        if asked is not None and asked > patience.longest_wait_s:  # (2)
            raise ConnectionFailed(
                "The partner asks the hub to come back later",
                where=where,
                why=f"its answer was {status} with a wait of {asked:.0f} s",
                fix="It is tried again later",
            )
        raise _Passing(f"its answer was {status}", asked)  # (1)
    if status != requests.codes.ok:
        raise refused(status, where)
    return answer


def refused(status: int, where: str) -> Unauthorised | NotReady | WrongAnswer:
    """The error for an answer that will not change by asking again at once."""
    if status in (requests.codes.unauthorized, requests.codes.forbidden):  # (3)
        return Unauthorised(
            "The partner refuses the hub's credentials",
            where=where,
            why=f"its answer was {status}",
            fix="Check the feed's secrets, and ask the partner whether the access still stands",
        )
    if status == requests.codes.not_found:  # (4)
        return NotReady(
            "The partner has nothing for this period",
            where=where,
            why="its answer was 404",
            fix="It is tried again later; ask the partner if it stays away",
        )
    return WrongAnswer(
        "The partner does not accept the question", where=where, why=f"its answer was {status}", fix=_fix(status)
    )


def _fix(status: int) -> str:
    redirected = requests.codes.moved_permanently <= status < requests.codes.bad_request
    return "Correct the feed's address" if redirected else "Correct the path and parameters in the feed's file"  # (5)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the header says it, in seconds or as a date; None if it says nothing readable."""
    value = headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):
        return None
