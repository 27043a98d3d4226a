"""What a token says, and whom it makes of whoever brings it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from api.errors import ScopeMissing, TokenRefused

REQUIRED = ("iss", "aud", "sub", "exp", "nbf", "iat", "jti", "scope", "recipient", "purposes")
LONGEST_S = 31 * 24 * 3600  # that a token may be good for
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_JTI = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class Scope(StrEnum):
    """What a token may be good for."""

    CATALOGUE = "catalogue"  # which releases there are, and what their columns mean
    ROWS = "rows"  # rows, a page at a time
    EXPORT = "export"  # a whole table
    COUNTS = "counts"  # how many rows there are of a kind


@dataclass(frozen=True)
class Caller:
    """Who asks, for whom, and for what it may ask. ``token`` is a digest: the id itself is never kept."""

    subject: str
    recipient: str
    purposes: tuple[str, ...]
    scopes: frozenset[str]
    token: str

    @property
    def actor(self) -> str:
        """Who acts, as the log names it."""
        return f"reader:{self.subject}"

    def require(self, scope: Scope) -> None:
        """Raise ScopeMissing if the token was issued for less."""
        if scope not in self.scopes:
            why = f"its scope has no {scope}"
            raise ScopeMissing("The token does not stretch to this", where="the token", why=why, fix="Ask for one")

    def require_purpose(self, purpose: str) -> None:
        """Raise ScopeMissing if the token was issued for other purposes than the one that is stated."""
        if purpose not in self.purposes:
            why = "it was issued for other purposes than the one stated: " + ", ".join(self.purposes)
            fix = "State one of these, or ask for another token"
            raise ScopeMissing("The token does not stretch to this", where="the token", why=why, fix=fix)


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """Whom a token's claims stand for, after its signature, issuer, audience and times were found right.

    1. Who asks (``sub``) is named in letters, digits and ``. _ @ -``, so that the log can name the reader.
    2. The token's own id (``jti``) has a form that can be revoked.
    3. Recipient and purposes are names as the agreement has them, and there is a purpose.
    4. Its scope is a text of words (RFC 6749 section 3.3).
    5. It is good for no longer than 31 days.

    Raises TokenRefused, which repeats nothing of the token.
    """
    subject, jti, recipient = (claims.get(name) for name in ("sub", "jti", "recipient"))
    if not (isinstance(subject, str) and _SUBJECT.fullmatch(subject)):  # (1)
        raise refused("it does not name a reader in a form that the log can keep")
    if not (isinstance(jti, str) and _JTI.fullmatch(jti)):  # (2)
        raise refused("its id has no form that could be revoked")
    purposes, scope = claims.get("purposes"), claims.get("scope")
    if not (isinstance(recipient, str) and _NAME.fullmatch(recipient) and _names(purposes)):  # (3)
        raise refused("it names no recipient with purposes")
    if not isinstance(scope, str):  # (4)
        raise refused("its scope is not a text")
    if not 0 < claims["exp"] - claims["iat"] <= LONGEST_S:  # (5)
        raise refused(f"it is good for longer than {LONGEST_S // 86400} days, or for no time")
    issuer = str(claims["iss"])
    return Caller(subject, recipient, tuple(purposes or ()), frozenset(scope.split()), digest(issuer, jti))


def digest(issuer: str, jti: str) -> str:
    """What a token is known by in the log and on the list of those revoked."""
    return sha256(f"hub/token/1\n{issuer}\n{jti}".encode()).hexdigest()


def refused(why: str) -> TokenRefused:
    """A refusal of a token."""
    return TokenRefused("The token is refused", where="the header Authorization", why=why, fix="Ask for a new token")


def _names(purposes: object) -> bool:
    if not isinstance(purposes, list) or not 0 < len(purposes) <= 20:
        return False
    return all(isinstance(name, str) and _NAME.fullmatch(name) for name in purposes)
