"""Credentials on HTTP requests: an API key, or an OAuth 2.0 bearer token that renews itself.

Source: RFC 6749 section 4.4, RFC 6750.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from pydantic import SecretStr
from requests.auth import AuthBase

from connectors.errors import ConnectorError, Unauthorised, WrongAnswer
from connectors.http import Answer, Patience, ask, refused
from connectors.proof import NoCredential, Proof, proof_of
from connectors.rate import Spacing
from hub.transports import RestTransport

_MARGIN_S = 30.0
_NOT_ACCEPTED = (requests.codes.bad_request, requests.codes.unauthorized, requests.codes.forbidden)


@dataclass(frozen=True)
class ApiKey(AuthBase):
    """A partner's key in the header that it names."""

    header: str
    key: SecretStr

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the key."""
        request.headers[self.header] = self.key.get_secret_value()
        return request


@dataclass
class BearerToken(AuthBase):
    """A bearer token from the client credentials grant, fetched when needed and kept in memory only.

    It is renewed a while before it ends (by the partner's word for how long it lasts, on this machine's steady clock).
    """

    endpoint: str
    proof: Proof = field(repr=False)
    where: str
    patience: Patience
    spacing: Spacing = field(default_factory=Spacing, repr=False)
    clock: Callable[[], float] = time.monotonic
    _token: SecretStr | None = field(default=None, init=False)
    _stale_at: float = field(default=0.0, init=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with a token that has not expired; raises ConnectorError if none is given."""
        if self._token is None or self.clock() >= self._stale_at:
            self._renew()
        if self._token is not None:
            request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        return request

    def forget(self) -> None:
        """Drop the token: the partner does not accept it any more."""
        self._token = None

    def _renew(self) -> None:
        def send() -> requests.Response:
            return requests.post(
                self.endpoint,
                data={"grant_type": "client_credentials", **self.proof.form(self.endpoint)},  # section 4.4.2
                auth=self.proof.header(),
                timeout=self.patience.timeout_s,
                allow_redirects=False,
                stream=True,
            )

        self._keep(ask(send, self.where, self.patience, self.spacing, _refused))

    def _keep(self, answer: Answer) -> None:
        try:
            content = json.loads(answer.body)
            token, lasts_s = str(content["access_token"]), float(content.get("expires_in", 0))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise WrongAnswer(
                "The token endpoint gives no token",
                where=self.where,
                why="its answer is not the one of RFC 6749 section 5.1",
                fix="Check token_path in the feed's file",
            ) from None
        self._token = SecretStr(token)
        self._stale_at = self.clock() + lasts_s - min(_MARGIN_S, lasts_s / 2)


def _refused(status: int, where: str) -> ConnectorError:
    """A client that is not accepted is refused at once (RFC 6749 section 5.2: by 400 or 401): no token will mend it."""
    if status not in _NOT_ACCEPTED:
        return refused(status, where)
    return Unauthorised(
        "The token endpoint does not accept the hub",
        where=where,
        why=f"its answer was {status}",
        fix="Check client_id and its secret or key, and ask the partner whether the access still stands",
    )


def credential(
    transport: RestTransport, secret: Callable[[str], SecretStr], where: str, patience: Patience, spacing: Spacing
) -> ApiKey | BearerToken | NoCredential:
    """What the feed's file says to show to the partner; raises ConfigurationError if a secret is missing."""
    if transport.oauth2 is not None:
        proof = proof_of(transport.oauth2, secret, where)
        return BearerToken(transport.url + transport.oauth2.token_path, proof, where, patience, spacing)
    if transport.api_key is not None:
        return ApiKey(transport.api_key_header, secret(transport.api_key))
    return NoCredential()
