"""Tokens by the client's own key, against the partners' real token endpoint, and by endpoints of another mind."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.errors import ConnectionFailed, Unauthorised, WrongAnswer
from connectors.http import Patience
from connectors.proof import BY_ASSERTION
from connectors.rest import RestConnector
from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import ClientCredentials, PrivateKeyJwt, RestTransport

Q3 = Quarter(2026, 3)
PROBATION = "probation.supervision"
BY_KEY = ClientCredentials(
    token_path="/auth/oauth/token",
    client_id="safer-hub",
    private_key_jwt=PrivateKeyJwt(private_key="probation_private_key", key_id="hub-2026"),
)
QUICK = Patience(attempts=3, first_wait_s=0.01, longest_wait_s=1, timeout_s=(1, 1))


# Against the partner's server


def test_a_client_proves_itself_by_its_key(served) -> None:
    by_key, by_secret = (list(served.connect(PROBATION, **way).pages(Q3)) for way in ({"oauth2": BY_KEY}, {}))
    assert [page.body for page in by_key] == [page.body for page in by_secret]


def test_each_new_token_has_an_assertion_of_its_own(served) -> None:
    """The partner takes none twice, and its tokens last a second."""
    pages = served.connect(PROBATION, oauth2=BY_KEY, page_size=3).pages(Q3)
    first = next(pages)
    time.sleep(1.2)
    assert len([first, *pages]) == 3


@pytest.mark.parametrize("change", [{"key_id": "another"}, {"audience": "https://elsewhere.example/token"}])
def test_an_assertion_for_another_server_or_by_another_key_is_refused_at_once(served, change) -> None:
    proof = BY_KEY.private_key_jwt.model_copy(update=change)
    with pytest.raises(Unauthorised) as refused:
        list(served.connect(PROBATION, oauth2=BY_KEY.model_copy(update={"private_key_jwt": proof})).pages(Q3))
    assert not refused.value.transient


def test_the_partner_refuses_an_assertion_that_is_used_twice_expired_long_lived_or_another_clients(served) -> None:
    endpoint = f"{served.settings.endpoints[PROBATION]}/auth/oauth/token"
    key = served.settings.secret("probation_private_key").get_secret_value()

    def asked(**claims: Any) -> int:
        now = int(time.time())
        said = {"iss": "safer-hub", "sub": "safer-hub", "aud": endpoint, "exp": now + 60, "jti": str(claims)} | claims
        assertion = jwt.encode(said, key, "RS512", {"kid": "hub-2026"})
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": BY_ASSERTION,
            "client_assertion": assertion,
        }
        return requests.post(endpoint, form, timeout=5).status_code

    now = int(time.time())
    wrong = [{"exp": now - 1}, {"exp": now + 3600}, {"iss": "other"}, {"sub": "other"}, {"aud": "other"}]
    assert [asked(**claims) for claims in wrong] == [401] * 5
    assert [asked(jti="once"), asked(jti="once")] == [200, 401]


# Against endpoints of another mind


@pytest.fixture
def fetch(partner, tmp_path) -> Callable[..., list[Any]]:
    """Fetch from a scripted partner with a client of one kind or the other."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "the_key").write_text(private_key("RS512"), encoding="utf-8")
    (tmp_path / "secrets" / "the_secret").write_text("the-password", encoding="utf-8")

    def fetched(**client: Any) -> list[Any]:
        oauth2 = {"token_path": "/token", "client_id": "the-client"} | (client or {"client_secret": "the_secret"})
        given = {"kind": "rest", "url": partner.url, "path": "/rows", "items": "items", "oauth2": oauth2}
        transport = RestTransport.model_validate(given)
        return list(RestConnector("a.feed", transport, Settings(home=tmp_path).secret, QUICK).pages(Q3))

    return fetched


def private_key(algorithm: str) -> str:
    made = {
        "RS": lambda: rsa.generate_private_key(65537, 2048),
        "PS": lambda: rsa.generate_private_key(65537, 2048),
        "ES": lambda: ec.generate_private_key(ec.SECP256R1()),
        "Ed": ed25519.Ed25519PrivateKey.generate,
    }[algorithm[:2]]()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


ROWS = {"items": [], "totalPages": 1}
TOKEN = {"access_token": "the-token", "expires_in": 60}


def tokens(partner: Any) -> list[Any]:
    return [asked for asked in partner.asked if asked.path == "/token"]


@pytest.mark.parametrize("algorithm", ["RS512", "RS256", "PS256", "ES256", "EdDSA"])
def test_an_assertion_says_who_for_whom_and_for_how_long(partner, fetch, tmp_path, algorithm) -> None:
    (tmp_path / "secrets" / "the_key").write_text(private_key(algorithm), encoding="utf-8")
    partner.answer = lambda asked: TOKEN if asked.path == "/token" else ROWS
    fetch(private_key_jwt={"private_key": "the_key", "key_id": "k1", "algorithm": algorithm})
    (asked,) = tokens(partner)
    assert asked.fields["client_assertion_type"] == BY_ASSERTION
    assert "Authorization" not in asked.headers
    header = jwt.get_unverified_header(asked.fields["client_assertion"])
    claims = jwt.decode(asked.fields["client_assertion"], options={"verify_signature": False})
    assert (header["alg"], header["kid"]) == (algorithm, "k1")
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("the-client", "the-client", f"{partner.url}/token")
    assert 0 < claims["exp"] - time.time() <= 300


def test_a_question_that_is_asked_again_has_another_assertion(partner, fetch) -> None:
    """The answer to the first may have been lost on the way back, and no partner takes one twice."""
    answers = [(503, {}, {}), (503, {}, {}), TOKEN]
    partner.answer = lambda asked: answers[len(tokens(partner)) - 1] if asked.path == "/token" else ROWS
    fetch(private_key_jwt={"private_key": "the_key", "key_id": "k1"})
    ids = {
        jwt.decode(asked.fields["client_assertion"], options={"verify_signature": False})["jti"]
        for asked in tokens(partner)
    }
    assert len(ids) == 3


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_client_that_was_shut_out_is_refused_at_once(partner, fetch, status) -> None:
    partner.answer = lambda _: (status, {}, {"error": "invalid_client"})
    with pytest.raises(Unauthorised) as refused:
        fetch()
    assert not refused.value.transient
    assert len(partner.asked) == 1


def test_a_token_that_is_refused_is_renewed_once_and_no_more(partner, fetch) -> None:
    partner.answer = lambda asked: TOKEN if asked.path == "/token" else (401, {}, {})
    with pytest.raises(Unauthorised) as refused:
        fetch()
    assert type(refused.value) is Unauthorised
    assert [asked.path for asked in partner.asked] == ["/token", "/rows"] * 2


def test_what_a_client_may_not_see_is_not_asked_for_with_another_token(partner, fetch) -> None:
    partner.answer = lambda asked: TOKEN if asked.path == "/token" else (403, {}, {})
    with pytest.raises(Unauthorised):
        fetch()
    assert [asked.path for asked in partner.asked] == ["/token", "/rows"]


def test_a_token_endpoint_that_is_down_is_a_passing_trouble(partner, fetch) -> None:
    partner.answer = lambda _: (503, {}, {})
    with pytest.raises(ConnectionFailed):
        fetch()
    assert len(partner.asked) == QUICK.attempts


def test_a_token_endpoint_that_leads_elsewhere_is_not_followed(partner, fetch) -> None:
    partner.answer = lambda _: (307, {"Location": "/elsewhere"}, {})
    with pytest.raises(WrongAnswer):
        fetch()
    assert len(partner.asked) == 1


@pytest.mark.parametrize("key", ["", "no key", private_key("ES256"), private_key("RS512")[:-90]])
def test_a_key_that_cannot_sign_is_named_and_not_shown(partner, fetch, tmp_path, key) -> None:
    (tmp_path / "secrets" / "the_key").write_text(key, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="the_key") as refused:
        fetch(private_key_jwt={"private_key": "the_key", "key_id": "k1"})
    assert not key or key not in str(refused.value)
    assert partner.asked == []
