"""Credentials on HTTP requests: an API key, or an OAuth 2.0 bearer token that renews itself.

Source: RFC 6749 sections 2.3.1 and 4.4, RFC 6750.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus

import requests
from pydantic import SecretStr
from requests.auth import AuthBase, HTTPBasicAuth

from connectors.errors import WrongAnswer
from connectors.http import Patience, ask
from hub.feeds import ClientCredentials

_MARGIN_S = 30.0


class NoCredential(AuthBase):
    """No credential; said outright, so that no .netrc of this machine adds one."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request unchanged."""
        return request


@dataclass(frozen=True)
class ApiKey(AuthBase):
    """A partner's key in the header X-API-Key."""

    key: SecretStr

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the key."""
        request.headers["X-API-Key"] = self.key.get_secret_value()
        return request


@dataclass
class BearerToken(AuthBase):
    """A bearer token from the client credentials grant, fetched when needed and kept in memory only."""

    base_url: str
    credentials: ClientCredentials
    client_secret: SecretStr
    where: str
    patience: Patience
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
        """Section 4.4.2; the client authenticates by HTTP Basic, as section 2.3.1 prefers."""
        basic = HTTPBasicAuth(quote_plus(self.credentials.client_id), quote_plus(self.client_secret.get_secret_value()))
        answer = ask(
            lambda: requests.post(
                self.base_url + self.credentials.token_path,
                data={"grant_type": "client_credentials"},
                auth=basic,
                timeout=self.patience.timeout_s,
                allow_redirects=False,
            ),
            self.where,
            self.patience,
        )
        self._keep(answer)

    def _keep(self, answer: requests.Response) -> None:
        try:
            content = answer.json()
            token, lasts_s = str(content["access_token"]), float(content.get("expires_in", 0))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WrongAnswer(
                "The token endpoint gives no token",
                where=self.where,
                why="its answer is not the one of RFC 6749 section 5.1",
                fix="Check token_path in the feed's file",
            ) from None
        self._token = SecretStr(token)
        self._stale_at = self.clock() + lasts_s - min(_MARGIN_S, lasts_s / 2)
