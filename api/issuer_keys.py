"""The public keys of whoever issues tokens: from the key ring, a file or an https address (JWKS, RFC 7517)."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError
from jwt.utils import base64url_encode

from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.home import open_ring
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from keys.signing import PublicHalf

ALGORITHMS = ("EdDSA", "RS256")
LARGEST = 256 * 1024
FRESH_S, AGAIN_S, PATIENCE_S = 300.0, 30.0, 5.0
SMALLEST_RSA_BITS = 2048
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
Keys = Mapping[str, PyJWK]


class IssuerKeys:
    """An issuer's keys by their id. They are read again when five minutes old.

    A key id that is not there makes them be read at once, but no more often than every half minute, whoever asks.
    """

    def __init__(self, read: Callable[[], Keys], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock, self._lock = read, clock, threading.Lock()
        self._keys: Keys = {}
        self._read_at = float("-inf")

    def find(self, key_id: str) -> PyJWK | None:
        """The key of an id; None if the issuer has none such. Raises ConfigurationError if there is nobody to ask."""
        with self._lock:
            age = self._clock() - self._read_at
            if age > FRESH_S or (key_id not in self._keys and age > AGAIN_S):
                self._keys, self._read_at = self._read(), self._clock()
            return self._keys.get(key_id)


def issuer_keys(settings: Settings) -> IssuerKeys:
    """The keys that the settings name (``token_keys``)."""
    place = settings.token_keys
    if place is None:  # the ring is opened anew each time: a key may have been made or turned since
        return IssuerKeys(lambda: own_keys(open_ring(settings, Service.CONSOLE)))
    if "://" in place:
        _require_safe(place)
        return IssuerKeys(lambda: parse(_fetched(place), "token_keys"))
    return IssuerKeys(lambda: parse(_file(Path(place)), place))


def own_keys(ring: KeyRing) -> Keys:
    """The keys of the hub's own issuer: every version that was not retired; none before the first token is issued."""
    versions = ring.kept(Purpose.ISSUER)
    return parse(key_set([ring.public(Purpose.ISSUER, version=version) for version in versions]), "the key ring")


def key_set(halves: list[PublicHalf]) -> bytes:
    """Public keys as a JWKS (RFC 8037 section 2)."""
    keys = [
        {"kty": "OKP", "crv": "Ed25519", "x": base64url_encode(half.public_key).decode(), "kid": half.key_id}
        | {"use": "sig", "alg": "EdDSA"}
        for half in halves
    ]
    return json.dumps({"keys": keys}, indent=2).encode()


def parse(document: bytes, where: str) -> Keys:
    """The keys of a JWKS that can check a token: Ed25519, and RSA of 2,048 bits or more; others are left out.

    A key without an id is left out too. Raises ConfigurationError for what is no JWKS.
    """
    try:
        listed = json.loads(document)["keys"]
        found = {str(each["kid"]): each for each in listed if isinstance(each, dict) and "kid" in each}
    except (ValueError, TypeError, KeyError):
        raise _unusable(where, "it is no set of keys (RFC 7517)", "Correct token_keys") from None
    keys = {key_id: _key(each) for key_id, each in found.items()}
    return {key_id: key for key_id, key in keys.items() if key is not None}


def fits(key: PyJWK, algorithm: str) -> bool:
    """Whether a key is of the kind that an algorithm needs: a public key is never taken for a secret."""
    if algorithm == "EdDSA":
        return isinstance(key.key, Ed25519PublicKey)
    return algorithm == "RS256" and isinstance(key.key, RSAPublicKey) and key.key.key_size >= SMALLEST_RSA_BITS


def _key(stated: Mapping[str, Any]) -> PyJWK | None:
    algorithm = {"OKP": "EdDSA", "RSA": "RS256"}.get(str(stated.get("kty")))
    if algorithm is None or stated.get("use", "sig") != "sig" or stated.get("alg", algorithm) != algorithm:
        return None
    try:
        key = PyJWK(dict(stated), algorithm)
    except (PyJWTError, ValueError):
        return None
    return key if fits(key, algorithm) else None


def _require_safe(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise _unusable("token_keys", "an address has to begin with https", "Correct token_keys")


def _fetched(address: str) -> bytes:
    try:
        with requests.get(address, timeout=PATIENCE_S, stream=True, allow_redirects=False) as answer:
            if answer.status_code != requests.codes.ok:
                raise _unusable("token_keys", f"the issuer answers with {answer.status_code}", "Ask the issuer")
            return answer.raw.read(LARGEST, decode_content=True)
    except requests.RequestException as error:
        raise _unusable("token_keys", f"the issuer does not answer ({type(error).__name__})", "Try again") from None


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(str(path), f"it cannot be read: {error.strerror}", "Correct token_keys") from None


def _unusable(where: str, why: str, fix: str) -> ConfigurationError:
    return ConfigurationError("The issuer's keys cannot be used", where=where, why=why, fix=fix)
