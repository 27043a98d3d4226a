"""Tokens that do not count are refused, and each refusal is in the log without a word of the token."""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from api.app import create
from api.claims import Scope
from api.issuer_keys import parse
from api.revoking import revoke
from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from tests.unit.api.conftest import ANALYSTS, RELEASE, Served, serving

ED, RSA, WEAK, EC = (
    Ed25519PrivateKey.generate(),
    rsa.generate_private_key(65537, 2048),
    rsa.generate_private_key(65537, 1024),
    ec.generate_private_key(ec.SECP256R1()),
)
ISSUER, AUDIENCE, CANARY = "https://issuer.example", "hub", "Canary-Zebedee"
KEYS = {
    "keys": [
        OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True) | {"kid": "ed"},
        RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True) | {"kid": "rsa"},
        RSAAlgorithm.to_jwk(WEAK.public_key(), as_dict=True) | {"kid": "weak"},
        ECAlgorithm.to_jwk(EC.public_key(), as_dict=True) | {"kid": "ec"},
    ]
}


def claims(**changed: Any) -> dict[str, Any]:
    at = int(time.time())
    said = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": CANARY, "jti": "token-0001", "iat": at, "nbf": at, "exp": at + 600,
        "scope": "catalogue rows", "recipient": ANALYSTS, "purposes": ["strategy"],
    }  # fmt: skip
    return {name: value for name, value in (said | changed).items() if value is not None}


def signed(key: Any = ED, algorithm: str = "EdDSA", header: dict[str, Any] | None = None, **changed: Any) -> str:
    names = {"kid": "ed"} | (header or {})
    headers = {name: value for name, value in names.items() if value is not None}
    return jwt.encode(claims(**changed), key, algorithm, headers=headers)


def by_hand(header: dict[str, Any], sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token that no library would make."""

    def coded(content: bytes) -> bytes:
        return base64.urlsafe_b64encode(content).rstrip(b"=")

    body = b".".join(coded(json.dumps(part).encode()) for part in (header, claims()))
    return b".".join([body, coded(sign(body))]).decode()


def confused() -> str:
    """HS256 with the issuer's public RSA key as the secret."""
    pem = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return by_hand({"alg": "HS256", "kid": "rsa", "typ": "JWT"}, lambda body: hmac.digest(pem, body, "sha256"))


def tampered() -> str:
    head, body, signature = signed().split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "==")) | {"recipient": "everybody"}
    return ".".join([head, base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode(), signature])


NOW = int(time.time())
ATTACKS: dict[str, tuple[Callable[[], str], str]] = {
    "no token": (lambda: "", "there is none"),
    "no token at all, but a word": (lambda: "letmein", "it is no token"),
    "alg none": (lambda: by_hand({"alg": "none", "kid": "ed"}), "algorithm"),
    "alg None in another case": (lambda: by_hand({"alg": "nOnE", "kid": "ed"}), "algorithm"),
    "no alg": (lambda: by_hand({"kid": "ed"}), "no token|algorithm"),
    "the public RSA key as an HMAC secret": (confused, "algorithm"),
    "HS256 with any secret": (lambda: signed("s" * 32, "HS256"), "algorithm"),
    "ES256 by a key of the issuer's": (lambda: signed(EC, "ES256", {"kid": "ec"}), "algorithm"),
    "RS256 under an Ed25519 key's id": (lambda: signed(RSA, "RS256", {"kid": "ed"}), "no such key"),
    "EdDSA under an RSA key's id": (lambda: signed(ED, header={"kid": "rsa"}), "no such key"),
    "an RSA key of 1,024 bits": (lambda: signed(WEAK, "RS256", {"kid": "weak"}), "no such key"),
    "no key id": (lambda: signed(header={"kid": None}), "no such key"),
    "another key id": (lambda: signed(header={"kid": "other"}), "no such key"),
    "a key id that is a path": (lambda: signed(header={"kid": "../../dev/null"}), "no such key"),
    "another key under the right id": (lambda: signed(Ed25519PrivateKey.generate()), "signature"),
    "its own key with it": (lambda: signed(header={"jwk": KEYS["keys"][0]}), "header says more"),
    "where its key is to be found": (lambda: signed(header={"jku": "https://evil.example/jwks"}), "header says more"),
    "a critical header": (lambda: signed(header={"crit": ["exp"], "exp": 1}), "header says more|no token"),
    "another kind of token": (lambda: signed(header={"typ": "logout+jwt"}), "header says more"),
    "changed after it was signed": (tampered, "signature"),
    "expired": (lambda: signed(exp=NOW - 60, iat=NOW - 600, nbf=NOW - 600), "it has ended"),
    "not yet valid": (lambda: signed(nbf=NOW + 86_400), "not begun"),
    "issued in the future": (lambda: signed(iat=NOW + 86_400, nbf=None), "leaves out|later than now"),
    "wrong audience": (lambda: signed(aud="another"), "audience"),
    "several audiences": (lambda: signed(aud=[AUDIENCE, "another"]), "audience"),
    "wrong issuer": (lambda: signed(iss="https://evil.example"), "another issuer"),
    "no expiry": (lambda: signed(exp=None), "leaves out"),
    "no id": (lambda: signed(jti=None), "leaves out"),
    "an id that cannot be revoked": (lambda: signed(jti="x"), "revoked"),
    "good for ever": (lambda: signed(exp=NOW + 10**9), "longer than"),
    "no recipient": (lambda: signed(recipient=None), "leaves out"),
    "purposes that are a text": (lambda: signed(purposes="strategy"), "no recipient with purposes"),
    "a scope that is a list": (lambda: signed(scope=["rows"]), "scope"),
    "a reader of two lines": (lambda: signed(sub="anna\nadmin"), "does not name a reader|no rule|rules of a token"),
    "oversize": (lambda: signed(padding="x" * 9000), "longer than 8192"),
}  # fmt: skip


@pytest.fixture(scope="module")
def trusting(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same hub, which trusts an issuer of the partnership's by a file of keys."""
    file = tmp_path_factory.mktemp("issuer") / "jwks.json"
    file.write_text(json.dumps(KEYS))
    said = {"token_issuer": ISSUER, "token_audience": AUDIENCE, "token_keys": str(file)}
    own = served.hub.settings.model_copy(update=said)
    app = create(own, open_ring(own, Service.CONSOLE))
    app.state.door.strangers._size = 1000.0  # this file alone tries that many tokens
    with serving(app) as url:
        yield Served(served.hub, url, app)


def catalogue(trusting: Served, token: str) -> requests.Response:
    return trusting.ask("/v1/releases", token)


def last(trusting: Served) -> dict[str, Any]:
    return next(said for said in reversed(trusting.hub.said()) if said["action"] != "keys:use:key")


@pytest.mark.parametrize(
    "token",
    [signed, lambda: signed(RSA, "RS256", {"kid": "rsa"}), lambda: signed(header={"typ": "at+jwt"})],
    ids=["EdDSA", "RS256", "an access token (RFC 9068)"],
)
def test_a_token_of_the_issuer_counts(trusting: Served, token: Callable[[], str]) -> None:
    answer = catalogue(trusting, token())
    assert answer.status_code == 200, answer.text
    assert [each["name"] for each in answer.json()["releases"]] == [RELEASE]


@pytest.mark.parametrize("attack", ATTACKS)
def test_refused_and_logged(trusting: Served, attack: str) -> None:
    make, why = ATTACKS[attack]
    token = make()
    before = trusting.hub.logged("api:token:refusal")
    answer = catalogue(trusting, token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert re.search(why, answer.json()["detail"]), answer.text
    assert trusting.hub.logged("api:token:refusal") == before + 1
    told = json.dumps(last(trusting)) + answer.text
    assert re.search(why, told)
    assert CANARY not in told
    assert all(part not in told for part in token.split(".") if len(part) > 10)


def test_a_token_that_was_revoked_is_refused_from_then_on_and_the_log_says_so(trusting: Served) -> None:
    token = signed(jti="to-be-revoked")
    assert catalogue(trusting, token).ok
    settings: Settings = trusting.app.state.shelf.settings
    ring = open_ring(settings, Service.ISSUER)
    digest = revoke(settings, ring, "to-be-revoked", "It was lost")
    assert trusting.hub.said(action="api:revocation:decision")[-1]["detail"] == {"token": digest}
    for _ in range(2):
        answer = catalogue(trusting, token)
        assert (answer.status_code, "revoked" in answer.text) == (401, True)
    assert catalogue(trusting, signed(jti="another-one")).ok
    assert digest == hashlib.sha256(f"hub/token/1\n{ISSUER}\nto-be-revoked".encode()).hexdigest()


def test_a_scope_that_is_missing_is_refused_and_logged(trusting: Served) -> None:
    answer = trusting.table(token=signed(scope="catalogue counts"))
    assert (answer.status_code, "scope has no rows" in answer.text) == (403, True)
    assert last(trusting)["action"] == "api:token:refusal"
    exported = trusting.table(token=signed(), headers={"Accept": "text/csv"})
    assert (exported.status_code, "scope has no export" in exported.text) == (403, True)


def test_an_address_that_is_refused_too_often_is_put_off_and_fills_no_log(served: Served) -> None:
    app = create(served.hub.settings, open_ring(served.hub.settings, Service.CONSOLE))
    with serving(app) as url:
        app.state.door.strangers._size = 3.0
        before = served.hub.logged("api:token:refusal")
        answers = [requests.get(f"{url}/v1/releases", timeout=60) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
        assert int(answers[-1].headers["Retry-After"]) >= 1
    assert served.hub.logged("api:token:refusal") == before + 3


def test_a_reader_who_asks_too_often_is_put_off_and_another_is_not(served: Served) -> None:
    own = served.hub.settings.model_copy(update={"api_requests_per_minute": 2})
    tokens = [served.issue(name).token for name in ("often", "seldom")]
    with serving(create(own, open_ring(own, Service.CONSOLE))) as url:
        asked = [requests.get(f"{url}/v1/releases", headers={"Authorization": f"Bearer {token}"}, timeout=60)
                 for token in [tokens[0]] * 3 + [tokens[1]]]  # fmt: skip
    assert [answer.status_code for answer in asked] == [200, 200, 429, 200]


def test_the_hubs_own_issuer_gives_no_more_than_the_agreement_does(served: Served) -> None:
    with pytest.raises(ConfigurationError, match="no such recipient"):
        served.issue(recipient="somebody")
    with pytest.raises(ConfigurationError, match="these purposes"):
        served.issue(purposes=["marketing"])
    own = served.hub.settings.model_copy(update={"token_issuer": ISSUER})
    with pytest.raises(ConfigurationError, match="another issuer"):
        Served(served.hub.__class__(own, served.hub.ring, b""), "", served.app).issue()


def test_each_issued_token_is_in_the_log_and_its_text_is_not(served: Served) -> None:
    made = served.issue("berta", hours=2, scopes=[Scope.ROWS])
    said = served.hub.said(action="api:token:decision")[-1]
    assert (said["recipient"], said["purpose"], said["detail"]["hours"]) == (ANALYSTS, "strategy", 2)
    assert said["detail"]["reader"] == "reader:berta"
    everything = json.dumps(served.hub.said())
    assert made.token not in everything
    assert made.id not in everything
    assert made.token not in repr(made)
    assert served.ask("/v1/releases", made.token).status_code == 403


def test_keys_that_cannot_check_a_token_are_left_out() -> None:
    assert set(parse(json.dumps(KEYS).encode(), "here")) == {"ed", "rsa"}
    for wrong in (b"", b"[]", b'{"keys": 1}', b"\xff"):
        with pytest.raises(ConfigurationError):
            parse(wrong, "here")


def test_an_issuer_is_asked_by_https_alone(served: Served) -> None:
    own = served.hub.settings.model_copy(update={"token_keys": "http://issuer.example/jwks"})
    with pytest.raises(ConfigurationError, match="https"):
        create(own, open_ring(own, Service.CONSOLE))
