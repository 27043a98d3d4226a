"""Clients that prove themselves by an assertion of their own (RFC 7523, ``private_key_jwt``), as HMPPS takes them."""

import time
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

BY_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MOST_S = 300
_DEMANDED = ["iss", "sub", "aud", "exp", "jti"]


@dataclass
class Assertions:
    """Which assertions of one client are accepted: signed by its key, for this endpoint, short-lived, never twice."""

    client: str
    key_id: str
    key: RSAPublicKey
    _seen: dict[str, float] = field(default_factory=dict)

    def accepts(self, assertion: str, endpoint: str) -> bool:
        """Whether it proves the client, this once."""
        try:
            if jwt.get_unverified_header(assertion).get("kid") != self.key_id:
                return False
            said = jwt.decode(
                assertion,
                self.key,
                algorithms=["RS512"],
                audience=endpoint,
                issuer=self.client,
                options={"require": _DEMANDED},
            )
        except jwt.PyJWTError:
            return False
        now = time.time()
        self._seen = {jti: until for jti, until in self._seen.items() if until > now}
        if said["sub"] != self.client or said["exp"] > now + MOST_S or said["jti"] in self._seen:
            return False
        self._seen[said["jti"]] = said["exp"]
        return True
