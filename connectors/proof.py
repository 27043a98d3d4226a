"""How a client proves at a token endpoint who it is: by its password, or by an assertion signed with its own key.

Source: RFC 6749 section 2.3.1; RFC 7523 sections 2.2 and 3, which OpenID Connect names ``private_key_jwt``.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote_plus

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from pydantic import SecretStr
from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from hub.errors import ConfigurationError
from hub.transports import ClientCredentials, PrivateKeyJwt

BY_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LASTS_S = 120
_NO_KEY = (ValueError, TypeError, AttributeError, UnsupportedAlgorithm, jwt.PyJWTError)


class NoCredential(AuthBase):
    """No credential; said outright, so that no .netrc of this machine adds one."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """The request unchanged."""
        return request


class Proof(Protocol):
    """What is added to one question for a token."""

    def form(self, endpoint: str) -> Mapping[str, str]:
        """Fields for the form."""
        ...

    def header(self) -> AuthBase:
        """A header."""
        ...


@dataclass(frozen=True)
class Password:
    """HTTP Basic, as RFC 6749 section 2.3.1 prefers; both parts are encoded as in a form."""

    client_id: str
    password: SecretStr

    def form(self, endpoint: str) -> Mapping[str, str]:
        """Nothing: a password belongs into no form."""
        return {}

    def header(self) -> AuthBase:
        """The client's id and password."""
        return HTTPBasicAuth(quote_plus(self.client_id), quote_plus(self.password.get_secret_value()))


@dataclass(frozen=True)
class Assertion:
    """A JWT that is made for one question and never again.

    1. ``iss`` and ``sub`` are the client, ``aud`` is the token endpoint: no other server can use it (RFC 7523 s.3).
    2. It lasts two minutes, and its ``jti`` is random, so that a partner can refuse a second use. Therefore each try
       has one of its own: a question whose answer was lost is asked again under another.
    3. ``kid`` names the key, so that a new one can be introduced beside the old.
    """

    client_id: str
    terms: PrivateKeyJwt
    key: SecretStr
    where: str
    clock: Callable[[], float] = time.time

    def form(self, endpoint: str) -> Mapping[str, str]:
        """A fresh assertion; raises ConfigurationError if the secret is no key for the algorithm."""
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.terms.audience or endpoint,  # (1)
            "iat": int(self.clock()),
            "exp": int(self.clock()) + _LASTS_S,
            "jti": secrets.token_urlsafe(16),  # (2)
        }
        return {
            "client_id": self.client_id,
            "client_assertion_type": BY_ASSERTION,
            "client_assertion": self._signed(claims),
        }

    def header(self) -> AuthBase:
        """None."""
        return NoCredential()

    def _signed(self, claims: dict[str, object]) -> str:
        try:
            named = {"kid": self.terms.key_id}  # (3)
            return jwt.encode(claims, self.key.get_secret_value(), self.terms.algorithm, named)
        except _NO_KEY:
            raise ConfigurationError(
                f"The secret {self.terms.private_key} cannot sign",
                where=self.where,
                why=f"it is not a private key in PEM, without a passphrase, for {self.terms.algorithm}",
                fix="Write the whole file of the key, from its first line to its last, or correct the algorithm",
            ) from None


def proof_of(credentials: ClientCredentials, secret: Callable[[str], SecretStr], where: str) -> Proof:
    """The proof that the feed's file asks for; raises ConfigurationError if its secret is missing."""
    if credentials.private_key_jwt is not None:
        terms = credentials.private_key_jwt
        return Assertion(credentials.client_id, terms, secret(terms.private_key), where)
    if credentials.client_secret is not None:
        return Password(credentials.client_id, secret(credentials.client_secret))
    raise ConfigurationError(
        "The client has nothing to prove itself by",
        where=where,
        why="oauth2 names neither client_secret nor private_key_jwt",
        fix="Name one in the feed's file",
    )
