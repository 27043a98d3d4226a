"""MESH: a message stays in the mailbox until the hub says that it is kept."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from mesh_client import MeshClient
from urllib3 import HTTPResponse

from connectors.errors import ConnectionFailed, NothingNew, SourceChanged, Unauthorised
from connectors.http import Patience
from connectors.mesh import MeshConnector
from connectors.mesh_retry import MeshRetry
from hub.periods import Quarter
from partners.servers.credentials import password
from partners.servers.health import HOSPITAL_MAILBOX, HUB_MAILBOX, WORKFLOW

NAME = "health.emergency_care"
Send = Callable[..., str]


@pytest.fixture
def hospital(served) -> MeshClient:
    """The sender's side, signed in to its own mailbox."""
    secret = password(served.folder, "health_mesh_hospital_password")
    shared_key = password(served.folder, "health_mesh_shared_key").encode()
    with MeshClient(served.settings.endpoints[NAME], HOSPITAL_MAILBOX, secret, shared_key=shared_key) as client:
        yield client


@pytest.fixture
def send(hospital: MeshClient) -> Send:
    def sent(quarter: Quarter, body: bytes, workflow: str = WORKFLOW, chunk: int = 75_000_000) -> str:
        filename = f"emergency_care_{quarter}.ndjson"
        return hospital.send_message(HUB_MAILBOX, body, chunk, workflow_id=workflow, filename=filename)

    return sent


def _state(hospital: MeshClient, message: str) -> str:
    return hospital.track_message(message)["status"].lower()


def test_a_message_is_acknowledged_only_after_it_is_confirmed(served, hospital, send) -> None:
    quarter = Quarter(2026, 1)
    message = send(quarter, b'{"row": 1}\n')
    connector = served.connect(NAME)
    (page,) = connector.pages(quarter)
    assert page.body == b'{"row": 1}\n'
    assert _state(hospital, message) == "accepted"
    connector.confirm(quarter)
    assert _state(hospital, message) == "acknowledged"
    connector.confirm(quarter)  # again does no harm
    with pytest.raises(NothingNew):
        list(served.connect(NAME).pages(quarter))


def test_a_run_that_was_cut_off_before_it_confirmed_does_so_when_resumed(served, hospital, send) -> None:
    quarter = Quarter(2026, 2)
    message = send(quarter, b"first")
    (page,) = served.connect(NAME).pages(quarter)
    later = send(quarter, b"second")
    resumed = served.connect(NAME)
    assert list(resumed.pages(quarter, page.cursor)) == []
    resumed.confirm(quarter)
    assert (_state(hospital, message), _state(hospital, later)) == ("acknowledged", "accepted")


def test_nothing_is_acknowledged_that_was_not_fetched(served, hospital, send) -> None:
    message = send(Quarter(2027, 1), b"rows")
    served.connect(NAME).confirm(Quarter(2027, 1))
    assert _state(hospital, message) == "accepted"


def test_the_newest_return_of_a_quarter_counts_and_takes_the_older_with_it(served, hospital, send) -> None:
    quarter = Quarter(2027, 2)
    older, newer = send(quarter, b"as first sent"), send(quarter, b"as corrected")
    connector = served.connect(NAME)
    (page,) = connector.pages(quarter)
    assert page.body == b"as corrected"
    connector.confirm(quarter)
    assert {_state(hospital, older), _state(hospital, newer)} == {"acknowledged"}


def test_a_message_in_chunks_arrives_whole(served, send) -> None:
    quarter = Quarter(2027, 3)
    body = b"".join(b'{"row": %d}\n' % number for number in range(5000))
    send(quarter, body, chunk=10_000)
    (page,) = served.connect(NAME).pages(quarter)
    assert page.body == body


ROWS = b"".join(b'{"row": %d}\n' % number for number in range(5000))


@pytest.mark.parametrize("chunk", [7_000, 30_000, 75_000_000])
def test_a_long_message_comes_in_pages_however_its_sender_cut_it(served, send, chunk) -> None:
    quarter = Quarter(2028, 1 + [7_000, 30_000, 75_000_000].index(chunk))
    send(quarter, ROWS, chunk=chunk)
    whole = list(served.connect(NAME, chunk_bytes=16_384).pages(quarter))
    assert [len(page.body) for page in whole[:-1]] == [16_384] * (len(ROWS) // 16_384)
    assert b"".join(page.body for page in whole) == ROWS
    assert [page.more for page in whole] == [True] * (len(whole) - 1) + [False]
    for kept, page in enumerate(whole, start=1):
        assert list(served.connect(NAME, chunk_bytes=16_384).pages(quarter, page.cursor)) == whole[kept:]


def test_a_run_that_was_killed_within_a_message_goes_on_with_it_though_a_newer_came(served, hospital, send) -> None:
    quarter = Quarter(2029, 1)
    message = send(quarter, ROWS, chunk=20_000)
    whole = list(served.connect(NAME, chunk_bytes=16_384).pages(quarter))
    later = send(quarter, b"as corrected")
    connector = served.connect(NAME, chunk_bytes=16_384)
    running = connector.pages(quarter, whole[0].cursor)
    assert next(running) == whole[1]
    connector.confirm(quarter)  # nothing: the message is not read to its end
    assert _state(hospital, message) == "accepted"
    assert list(running) == whole[2:]
    connector.confirm(quarter)
    assert (_state(hospital, message), _state(hospital, later)) == ("acknowledged", "accepted")


def test_a_message_that_went_away_while_it_was_fetched_is_begun_anew(served, hospital, send) -> None:
    quarter = Quarter(2029, 2)
    send(quarter, ROWS, chunk=20_000)
    running = served.connect(NAME, chunk_bytes=16_384).pages(quarter)
    first = next(running)
    elsewhere = served.connect(NAME)
    list(elsewhere.pages(quarter))
    elsewhere.confirm(quarter)  # as another run of the same hub would
    with pytest.raises(SourceChanged):
        list(served.connect(NAME, chunk_bytes=16_384).pages(quarter, first.cursor))


@pytest.mark.parametrize("cursor", ["m/1", "m/one/2", "m/1/2/3"])
def test_a_cursor_of_another_version_begins_the_delivery_anew(served, cursor) -> None:
    with pytest.raises(SourceChanged):
        list(served.connect(NAME).pages(Quarter(2029, 3), cursor))


def test_what_its_sender_packed_by_itself_is_given_on_as_it_is_and_what_was_packed_on_the_way_is_unpacked(
    served, hospital
) -> None:
    quarter = Quarter(2029, 4)
    named = {"workflow_id": WORKFLOW, "filename": f"emergency_care_{quarter}.ndjson"}
    hospital.send_message(HUB_MAILBOX, ROWS, 30_000, compress=True, **named)
    assert b"".join(page.body for page in served.connect(NAME).pages(quarter)) == ROWS
    hospital.send_message(HUB_MAILBOX, gzip.compress(ROWS), compress=False, **named)
    assert gzip.decompress(b"".join(page.body for page in served.connect(NAME).pages(quarter))) == ROWS


def test_messages_of_another_quarter_or_workflow_are_left_alone(served, hospital, send) -> None:
    quarter = Quarter(2027, 4)
    others = [send(quarter, b"other", workflow="SOMETHING_ELSE"), send(quarter.next(), b"later")]
    message = send(quarter, b"wanted")
    connector = served.connect(NAME)
    (page,) = connector.pages(quarter)
    connector.confirm(quarter)
    assert page.body == b"wanted"
    assert _state(hospital, message) == "acknowledged"
    assert {_state(hospital, other) for other in others} == {"accepted"}


@pytest.mark.parametrize("secret", ["health_mesh_password", "health_mesh_shared_key"])
def test_a_wrong_signature_is_refused_and_shows_no_secret(served, with_secret, secret) -> None:
    with pytest.raises(Unauthorised) as refused:
        list(served.connect(NAME, with_secret(secret, "a-wrong-one")).pages(Quarter(2026, 1)))
    assert "a-wrong-one" not in str(refused.value)


QUICK = Patience(attempts=2, first_wait_s=0.01, longest_wait_s=1, timeout_s=(1, 1))


def _scripted(served, partner) -> MeshConnector:
    """The feed's connector with a scripted partner in the mailbox's place."""
    settings = served.settings.model_copy(update={"endpoints": {NAME: partner.url}})
    return replace(served.connect(NAME, settings), patience=QUICK)


@pytest.mark.parametrize("status", [429, 503])
def test_a_mailbox_that_asks_for_a_long_wait_is_left_at_once_and_the_error_says_until_when(
    served, partner, status
) -> None:
    partner.answer = lambda _: (status, {"Retry-After": "3600"}, {})
    with pytest.raises(ConnectionFailed, match="a wait of 3600 s") as refused:
        list(_scripted(served, partner).pages(Quarter(2026, 1)))
    assert len(partner.asked) == 1
    assert timedelta(minutes=59) < refused.value.again_at - datetime.now(UTC) < timedelta(minutes=61)


def test_a_mailbox_whose_clock_is_an_hour_fast_is_not_waited_for_an_hour() -> None:
    there = datetime.now(UTC) + timedelta(hours=1)
    said = {"Date": format_datetime(there, usegmt=True), "Retry-After": format_datetime(there, usegmt=True)}
    answer = HTTPResponse(status=429, headers=said)
    retry = MeshRetry.of(QUICK).increment("GET", "/messageexchange", answer)
    assert retry.get_retry_after(answer) == 0


def test_the_log_tells_of_messages_that_wait_for_another_quarter_and_of_no_other_name(
    served, hospital, send, caplog
) -> None:
    send(Quarter(2025, 3), b"an old correction")
    hospital.send_message(HUB_MAILBOX, b"x", workflow_id=WORKFLOW, filename="emergency_care_Zyxwhiffenpoof.ndjson")
    with pytest.raises(NothingNew):
        list(served.connect(NAME).pages(Quarter(2025, 2)))
    assert "messages of other quarters wait" in caplog.text
    assert "2025-Q3" in caplog.text
    assert "Zyxwhiffenpoof" not in caplog.text
