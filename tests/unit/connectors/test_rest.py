"""REST against the partners' servers: API keys, OAuth 2.0 tokens, and answers of another form."""

import time

import pytest
import requests

from connectors.errors import ConnectionFailed, Unauthorised, WrongAnswer
from connectors.http import Patience
from connectors.rest import RestConnector
from hub.errors import ConfigurationError
from hub.periods import Quarter
from hub.settings import Settings

Q3 = Quarter(2026, 3)
FIRE, PROBATION, STREET = "fire.fire_setter_referrals", "probation.supervision", "police.street_crime"
WRONG = "a-key-that-nobody-knows"
TOKEN_S = 1


@pytest.mark.parametrize(("name", "secret"), [(FIRE, "fire_api_key"), (PROBATION, "probation_client_secret")])
def test_a_wrong_credential_is_refused_at_once_and_not_shown(served, with_secret, name, secret) -> None:
    connector = served.connect(name, with_secret(secret, WRONG))
    began = time.monotonic()
    with pytest.raises(Unauthorised) as refused:
        list(connector.pages(Q3))
    assert time.monotonic() - began < 1  # (3) of connectors/http.py: not asked again
    assert not refused.value.transient
    assert WRONG not in str(refused.value)
    assert WRONG not in repr(connector)


def test_no_credential_is_in_what_a_connector_shows(served) -> None:
    secrets = [path.read_text().strip() for path in (served.settings.home / "secrets").iterdir()]
    for name in served.settings.endpoints:
        shown = repr(served.connect(name))
        assert not any(secret in shown for secret in secrets)


def test_a_missing_secret_is_named(served, tmp_path) -> None:
    with pytest.raises(ConfigurationError, match="fire_api_key"):
        list(served.connect(FIRE, Settings(home=tmp_path)).pages(Q3))


def test_a_token_that_expires_between_two_pages_is_renewed_before_it_is_refused(served, monkeypatch) -> None:
    statuses = []
    send = requests.Session.send

    def watched(session, request, **options):
        answer = send(session, request, **options)
        statuses.append(answer.status_code)
        return answer

    monkeypatch.setattr(requests.Session, "send", watched)
    pages = served.connect(PROBATION, page_size=3).pages(Q3)
    first = next(pages)
    time.sleep(TOKEN_S + 0.2)
    rest = list(pages)
    assert len([first, *rest]) == 3
    assert statuses == [200] * 7  # three pages, two of them again to see that nothing moved, two tokens


def test_a_token_that_the_partner_forgets_early_is_renewed_once(served, monkeypatch) -> None:
    asked = []
    send = requests.Session.send

    def spoiled(session, request, **options):
        if request.path_url.startswith("/supervisions"):
            asked.append(request)
            if len(asked) == 1:
                request.headers["Authorization"] = "Bearer revoked"
        return send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", spoiled)
    assert len(list(served.connect(PROBATION).pages(Q3))) == 1
    assert len(asked) == 2


def test_the_partner_answers_401_without_a_token(served) -> None:
    answer = requests.get(f"{served.settings.endpoints[PROBATION]}/supervisions", {"period": "2026-Q3"}, timeout=5)
    assert answer.status_code == 401


@pytest.mark.parametrize(("date", "status"), [("2031-01", 404), ("July", 400), ("2026-05", 200), (None, 200)])
def test_street_crime_answers_as_data_police_uk_does(served, date, status) -> None:
    url = f"{served.settings.endpoints[STREET]}/api/crimes-street/all-crime"
    answer = requests.get(url, {"date": date} if date else {}, timeout=5)
    assert answer.status_code == status
    if date == "2026-05":
        assert answer.json() == []  # a month within the held ones, in which nothing was recorded
    if date is None:
        assert {crime["month"] for crime in answer.json()} == {"2026-09"}  # the latest


def test_an_empty_month_is_a_page_without_rows(served) -> None:
    pages = list(served.connect(STREET).pages(Quarter(2026, 2)))
    assert [(page.name, page.body == b"[]") for page in pages] == [
        ("2026-04", False), ("2026-05", True), ("2026-06", False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changes", [{"items": "elsewhere"}, {"total_pages": "elsewhere"}, {"total_items": "page.none"}]
)
def test_an_answer_of_another_form_is_refused(served, changes) -> None:
    with pytest.raises(WrongAnswer) as refused:
        list(served.connect(FIRE, **changes).pages(Q3))
    assert not refused.value.transient


def test_a_server_that_is_away_is_a_passing_trouble(served) -> None:
    transport = served.feed(STREET).transport.model_copy(update={"url": "http://127.0.0.1:1"})
    patience = Patience(attempts=2, first_wait_s=0.01)
    with pytest.raises(ConnectionFailed) as refused:
        list(RestConnector(STREET, transport, served.settings.secret, patience).pages(Q3))
    assert refused.value.transient
