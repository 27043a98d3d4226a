"""Checking a token: who issued it, for whom, from when until when, and that it was not revoked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from jwt import InvalidTokenError, PyJWK

from api.claims import REQUIRED, Caller, caller_of, refused
from api.issuer_keys import ALGORITHMS, IssuerKeys, fits
from hub.settings import Settings

LARGEST = 8 * 1024
LEEWAY_S = 30
_HEADER = frozenset({"alg", "kid", "typ"})
_TYPES = frozenset({None, "JWT", "at+jwt"})


@dataclass(frozen=True)
class Issuer:
    """Whose tokens count here, and for whom they have to be made out."""

    name: str
    audience: str
    keys: IssuerKeys


def issuer_of(settings: Settings, keys: IssuerKeys) -> Issuer:
    """The issuer that the settings name: another's, or the hub's own under the name of its log."""
    return Issuer(own_name(settings), audience(settings), keys)


def own_name(settings: Settings) -> str:
    """The issuer's name (iss)."""
    return settings.token_issuer or settings.log_origin


def audience(settings: Settings) -> str:
    """Whom tokens are for (aud)."""
    return settings.token_audience or f"{settings.log_origin}/api"


def verify(token: str, issuer: Issuer, revoked: Callable[[str], bool]) -> Caller:
    """Who stands behind a token (RFC 7519, RFC 8725).

    1. It is no longer than 8 KiB (RFC 8725 section 3.11 has none; a header of a server has).
    2. Its header names one of two algorithms, EdDSA and RS256, its key's id, and nothing else: what a token says of
       where its key is to be found is never followed (RFC 8725 sections 3.1, 3.10).
    3. The issuer has that key, and it is of the kind that the algorithm needs (RFC 8725 section 3.2).
    4. The signature is the key's.
    5. It was issued by this issuer for this audience; it has begun and not ended, by 30 seconds (RFC 8725 section 3.8).
    6. It names a reader, a recipient, purposes and a scope (``caller_of``).
    7. It was not revoked.

    Raises TokenRefused, which says the rule and nothing that the token holds.
    """
    if len(token) > LARGEST:  # (1)
        raise refused(f"it is longer than {LARGEST} bytes")
    algorithm, key = _key(token, issuer)  # (2), (3)
    claims = _claims(token, issuer, algorithm, key)  # (4), (5)
    caller = caller_of(claims)  # (6)
    if revoked(caller.token):  # (7)
        raise refused("it was revoked")
    return caller


def _key(token: str, issuer: Issuer) -> tuple[str, PyJWK]:
    try:
        header = jwt.get_unverified_header(token)
    except InvalidTokenError:
        raise refused("it is no token") from None
    if header.get("alg") not in ALGORITHMS:
        raise refused("its algorithm is none of " + ", ".join(ALGORITHMS))
    if not header.keys() <= _HEADER or header.get("typ") not in _TYPES:
        raise refused("its header says more than algorithm, kind and key")
    key_id = header.get("kid")
    key = issuer.keys.find(key_id) if isinstance(key_id, str) and key_id else None
    if key is None or not fits(key, header["alg"]):
        raise refused("the issuer has no such key for that algorithm")
    return header["alg"], key


def _claims(token: str, issuer: Issuer, algorithm: str, key: PyJWK) -> Mapping[str, Any]:
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=issuer.name,
            audience=issuer.audience,
            leeway=LEEWAY_S,
            options={"require": list(REQUIRED), "strict_aud": True},
        )
    except InvalidTokenError as error:
        raise refused(_RULES.get(type(error).__name__, "it does not keep the rules of a token")) from None


_RULES: Mapping[str, str] = {
    "InvalidSignatureError": "its signature is not the issuer's",
    "ExpiredSignatureError": "it has ended",
    "ImmatureSignatureError": "it has not begun",
    "InvalidIssuedAtError": "it says that it was issued later than now",
    "InvalidAudienceError": "it is for another audience",
    "InvalidIssuerError": "it is of another issuer",
    "MissingRequiredClaimError": "it leaves out what it has to say (" + ", ".join(REQUIRED) + ")",
}
