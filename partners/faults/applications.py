"""The partners' HTTP applications, with rows in every way of paging, and what is done in them to make the hub fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request

from partners.faults.files import Mend
from partners.faults.kinds import Fault, Way
from partners.faults.paged import Shelf, Words, add_rows
from partners.layout import extract_path
from partners.servers import fire, police_api, probation
from partners.servers.assertions import Assertions
from partners.servers.credentials import password, pem, rsa_key


@dataclass(frozen=True)
class Made:
    """An application, what is done at it for some troubles, and what the hub logs in with."""

    app: Any
    secrets: Mapping[str, str] = field(default_factory=dict)
    acts: Mapping[Fault, Callable[[], None]] = field(default_factory=dict)
    lasting: Mapping[Fault, Callable[[], Mend]] = field(default_factory=dict)


def application(partners: Path, way: Way) -> Made:
    """The application of a way."""
    if way.server == "fire":
        return _fire(partners, way)
    return _probation(partners, way) if way.server == "probation" else Made(police_api.application(partners))


def _fire(partners: Path, way: Way) -> Made:
    key, words = password(partners, "fire_api_key"), Words()
    app = fire.application(partners, key, 0)

    def allowed(asked: Request) -> bool:
        return asked.headers.get("x-api-key") == key

    def answer(rows: list[Any], count: int) -> dict[str, Any]:
        return {"items": rows, "totalItems": count}

    _add(app, partners, way, "pageSize", allowed, answer, words)
    return Made(app, {"fire_api_key": key})


def _probation(partners: Path, way: Way) -> Made:
    secret, key = password(partners, "probation_client_secret"), rsa_key(partners, "probation_private_key")
    tokens, words = probation.Tokens(300), Words()
    assertions = _Clocked(probation.CLIENT, probation.KEY_ID, key.public_key())
    app = probation.application(partners, probation.Clients(secret, assertions), 0, tokens)

    def allowed(asked: Request) -> bool:
        return tokens.valid(asked.headers.get("authorization", ""))

    def answer(rows: list[Any], count: int) -> dict[str, Any]:
        return {"content": rows, "page": {"totalElements": count}}

    _add(app, partners, way, "size", allowed, answer, words)
    acts = {Fault.EXPIRED_TOKEN: tokens.forget, Fault.CHANGED_CURSOR: words.forget}
    lasting = {Fault.CLOCK_SKEW: assertions.run_fast} if "oauth2" in way.transport else {}
    secrets = {"probation_client_secret": secret, "probation_private_key": pem(key).decode()}
    return Made(app, secrets, acts, lasting)


def _add(
    app: FastAPI,
    partners: Path,
    way: Way,
    size_param: str,
    allowed: Callable[[Request], bool],
    answer: Callable[[list[Any], int], dict[str, Any]],
    words: Words,
) -> None:
    add_rows(app, Shelf(lambda period: extract_path(partners, way.feed, period), size_param, allowed, answer), words)


@dataclass
class _Clocked(Assertions):
    """By a clock that is an hour fast an assertion that lasts two minutes has ended before it comes."""

    fast: bool = False

    def accepts(self, assertion: str, endpoint: str) -> bool:
        """Whether it proves the client, this once."""
        return not self.fast and super().accepts(assertion, endpoint)

    def run_fast(self) -> Mend:
        """Have the clock be fast; the mend sets it right."""
        self.fast = True
        return lambda: setattr(self, "fast", False)
