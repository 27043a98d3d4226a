"""One HTTP question, asked until it is answered, or until asking again makes no sense.

Numbered rules:
1. A timeout, a dropped connection, 429 and 5xx may pass: ask again, later each time, with jitter,
   so that hubs which failed together do not come back together.
2. ``Retry-After`` (RFC 9110 section 10.2.3) is honoured; one longer than the patience ends the asking. A date is
   held against the partner's own ``Date``, so that a clock that is wrong on either side does not matter.
3. 401 and 403 do not pass by asking again. (A token that ended early: ``connectors.asking``.)
4. 404 means that the period is not there yet: partners open one when it is complete.
5. A redirect is not followed: credentials go only where the feed's file sends them.
6. Of a library's error only its kind is told: its words may quote a header with a credential.
7. An answer that is larger, or takes longer as a whole, than the patience allows is not read to its end.
8. A server whose certificate does not hold is not spoken to.
9. The library's own log, which writes whole addresses, is silenced: a partner's word for its next page stands in them.
"""

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from connectors.errors import (
    ConnectionFailed,
    ConnectorError,
    NotReady,
    QuestionRefused,
    Unauthorised,
    UntrustedServer,
    WrongAnswer,
)
from connectors.rate import Spacing

_PASSING = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
_PART_BYTES = 1 << 16
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # (9)
_LONGEST_REST_S = 24 * 3600.0


@dataclass(frozen=True)
class Patience:
    """How often, and how far apart, a partner is asked again; and how much of an answer is waited for."""

    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    timeout_s: tuple[float, float] = (10.0, 60.0)  # to connect, and between two bytes of the answer
    whole_answer_s: float = 600.0
    most_bytes: int = 64 << 20


@dataclass(frozen=True)
class Answer:
    """A successful answer, read to its end."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class _Passing(Exception):
    """A trouble that may pass: why, and how long the partner asks the hub to wait."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.wait_s = why, wait_s


def may_pass(status: int) -> bool:
    """Whether an answer may be another one later (1)."""
    return bool(status == requests.codes.too_many_requests or status >= requests.codes.internal_server_error)


def refused(status: int, where: str) -> ConnectorError:
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
    return QuestionRefused(
        "The partner does not accept the question", where=where, why=f"its answer was {status}", fix=_fix(status)
    )


def asked_to_wait(where: str, why: str, wait_s: float) -> ConnectionFailed:
    """The error for an answer that asks for a longer wait than a run's patience allows."""
    return ConnectionFailed(
        "The partner asks the hub to come back later",
        where=where,
        why=why,
        fix="It is tried again later",
        again_at=datetime.now(UTC) + timedelta(seconds=min(wait_s, _LONGEST_REST_S)),
    )


def ask(
    send: Callable[[], requests.Response],
    where: str,
    patience: Patience,
    spacing: Spacing | None = None,
    refusal: Callable[[int, str], ConnectorError] = refused,
) -> Answer:
    """The successful answer to ``send``, which asks for a streamed one; raises a ConnectorError by the rules above."""

    def wait(state: RetryCallState) -> float:
        backoff = wait_exponential_jitter(patience.first_wait_s, patience.longest_wait_s, jitter=patience.first_wait_s)
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait_s if isinstance(error, _Passing) else 0.0
        return max(asked, backoff(state))  # (1), (2)

    retrying = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=wait,
        retry=retry_if_exception_type(_Passing),
        reraise=True,
    )
    try:
        return retrying(_once, send, where, patience, spacing or Spacing(), refusal)
    except _Passing as trouble:
        raise ConnectionFailed(
            "The partner does not answer", where=where, why=trouble.why, fix="It is tried again later"
        ) from None


def _once(
    send: Callable[[], requests.Response],
    where: str,
    patience: Patience,
    spacing: Spacing,
    refusal: Callable[[int, str], ConnectorError],
) -> Answer:
    spacing.wait()
    try:
        with send() as answer:
            _hold_status(answer, where, patience, refusal)
            return Answer(answer.url, answer.headers, _body(answer, where, patience))
    except _PASSING as error:
        if _is_untrusted(error):
            raise _untrusted(where) from None  # (8)
        raise _Passing(type(error).__name__) from None  # (1)
    except (requests.RequestException, ValueError) as error:
        raise WrongAnswer(
            "The question or its answer is not valid HTTP",
            where=where,
            why=type(error).__name__,  # (6)
            fix="Check the feed's address, and that its secrets are one line of plain characters",
        ) from None


def _hold_status(
    answer: requests.Response, where: str, patience: Patience, refusal: Callable[[int, str], ConnectorError]
) -> None:
    status = answer.status_code
    if may_pass(status):
        asked = retry_after(answer.headers, datetime.now(UTC)) or 0.0
        if asked > patience.longest_wait_s:  # (2)
            raise asked_to_wait(where, f"its answer was {status} with a wait of {asked:.0f} s", asked)
        raise _Passing(f"its answer was {status}", asked)  # (1)
    if status != requests.codes.ok:
        raise refusal(status, where)


def _body(answer: requests.Response, where: str, patience: Patience) -> bytes:
    body, ends = bytearray(), time.monotonic() + patience.whole_answer_s
    for part in answer.iter_content(_PART_BYTES):
        body += part
        if len(body) > patience.most_bytes:  # (7)
            raise WrongAnswer(
                "The partner's answer is too large",
                where=where,
                why=f"it has more than {patience.most_bytes:,} bytes",
                fix="Ask for smaller pages in the feed's file",
            )
        if time.monotonic() > ends:  # (7)
            raise _Passing(f"its answer took more than {patience.whole_answer_s:.0f} s")
    return bytes(body)


def _is_untrusted(error: BaseException) -> bool:
    """Whether a certificate was refused, somewhere under the error; all else about TLS may be a dropped connection."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLCertVerificationError):
        reason = getattr(found, "reason", None) or next(iter(found.args), None)
        found = reason if isinstance(reason, BaseException) else found.__cause__ or found.__context__
    return found is not None


def _untrusted(where: str) -> UntrustedServer:
    return UntrustedServer(
        "The partner's server is not trusted",
        where=where,
        why="its certificate does not hold",
        fix="Check the feed's address, and ask the partner whether the certificate was renewed in time",
    )


def _fix(status: int) -> str:
    redirected = requests.codes.moved_permanently <= status < requests.codes.bad_request
    return "Correct the feed's address" if redirected else "Correct the path and parameters in the feed's file"  # (5)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the header says it, in seconds or as a date; None if it says nothing readable.

    A date counts from the answer's own ``Date``, or from ``now`` where it has none.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until = _date(value)
    return None if until is None else max(0.0, (until - (_date(headers.get("Date", "")) or now)).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)  # "-0000": UTC, from nowhere in particular
