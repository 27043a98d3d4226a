"""The hub sends its checkpoints to real witnesses over HTTP, and is told what is wrong with its log."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from audit.checkpoint import Verifier
from audit.cosignatures import Quorum, Witness
from audit.errors import CheckpointRefused, WitnessRefused, WitnessUnreachable
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.models import COSIGNATURE
from audit.query import Filter, stream
from audit.verify import verify
from audit.witnessing import Sent, send, send_all
from hub.database import transaction
from hub.settings import Settings
from keys.signing import RingSigner
from tests.witnessed import copied, serving

PRIVATE = {number: Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)) for number in range(1, 8)}
WITNESSES = {
    number: Witness(f"w{number}.witness", key.public_key().public_bytes_raw()) for number, key in PRIVATE.items()
}
ONE = WITNESSES[1]
Grow = Callable[..., None]


@pytest.fixture
def grow(signer: RingSigner, entry: Callable[[int], Entry]) -> Grow:
    """Add entries to a hub's log and sign it."""

    def more(settings: Settings, count: int, first: int = 0) -> None:
        with transaction(settings) as connection:
            append(connection, *(entry(first + number) for number in range(count)))
            checkpoint(connection, signer)

    return more


@pytest.fixture
def witness(tmp_path: Path, signer: RingSigner) -> Iterator[str]:
    """The address of a running witness."""
    with serving(tmp_path / "w1", ONE.name, PRIVATE[1], [(signer.name, signer.public_key)]) as url:
        yield url


def kept(settings: Settings) -> list[tuple[int, str]]:
    with transaction(settings) as connection:
        rows = connection.execute(select(COSIGNATURE.c.number, COSIGNATURE.c.witness).order_by(COSIGNATURE.c.number))
        return [(row.number, row.witness) for row in rows]


def refusals(settings: Settings) -> list[dict[str, object]]:
    """What the log says of checkpoints that a witness refused, without the made-up entries that it grew by."""
    with transaction(settings) as connection:
        said = [dict(entry.said) for entry in stream(connection, Filter(action=Action.REFUSE_WITNESS))]
    return [one for one in said if one.get("feed") is None]


def test_each_checkpoint_is_cosigned_and_what_is_kept_verifies(settings, grow, witness, signer) -> None:
    for round_ in range(4):
        grow(settings, 1 + 3 * round_)
        sent = send(settings, ONE, witness)
        assert (sent.witness, sent.number) == (ONE.name, round_ + 1)
    assert kept(settings) == [(number, ONE.name) for number in (1, 2, 3, 4)]
    with transaction(settings) as connection:
        found = verify(connection, Verifier.of(signer), quorum=Quorum((ONE,), 1, timedelta(hours=1)))
    assert found.problems == ()
    assert found.witnessed == found.size == sent.size


def test_the_same_checkpoint_sent_twice_is_kept_once(settings, grow, witness) -> None:
    grow(settings, 3)
    assert send(settings, ONE, witness).size == send(settings, ONE, witness).size == 3
    assert kept(settings) == [(1, ONE.name)]


def test_an_answer_that_was_lost_is_made_up_for(settings, grow, witness) -> None:
    grow(settings, 3)
    with copied(settings) as crashed:  # it sent, and died before it kept the answer
        send(crashed, ONE, witness)
    grow(settings, 2, 3)
    assert send(settings, ONE, witness).size == 5
    assert refusals(settings) == []


def test_a_rewound_log_is_refused_named_and_logged(settings, grow, witness) -> None:
    grow(settings, 5)
    send(settings, ONE, witness)
    with copied(settings) as backup:
        grow(settings, 4)
        send(settings, ONE, witness)
        grow(backup, 1, 50)
        with pytest.raises(WitnessRefused, match="a rewound log") as caught:
            send(backup, ONE, witness)
        assert not caught.value.transient
        assert kept(backup) == [(1, ONE.name)]
        (entry,) = refusals(backup)
    assert entry["outcome"] == "refused"
    assert entry["detail"] == {"witness": "w1.witness", "ground": "rewound", "size": 6, "seen": 9}
    assert "a rewound log" in str(entry["justification"])


@pytest.mark.parametrize("forged", [4, 5], ids=["as long", "longer"])
def test_a_forked_log_is_refused_named_and_logged(settings, grow, witness, tmp_path, forged) -> None:
    grow(settings, 5)
    send(settings, ONE, witness)
    with copied(settings) as fork:
        grow(settings, 4, 5)
        send(settings, ONE, witness)
        grow(fork, forged, 50)
        with pytest.raises(WitnessRefused, match="a fork"):
            send(fork, ONE, witness)
        (entry,) = refusals(fork)
    assert entry["detail"]["ground"] == "fork"
    assert list(tmp_path.glob("w1/logs/*/refused/fork-*.txt"))
    assert send(settings, ONE, witness).size == 9


def test_another_key_than_the_agreement_states_does_not_cosign(settings, grow, signer, tmp_path) -> None:
    grow(settings, 3)
    impostor = serving(tmp_path, ONE.name, PRIVATE[2], [(signer.name, signer.public_key)])
    with impostor as url, pytest.raises(WitnessRefused, match="not signed by the key that the agreement states"):
        send(settings, ONE, url)
    assert kept(settings) == []
    assert [entry["detail"]["ground"] for entry in refusals(settings)] == ["other_key"]


def test_a_witness_that_knows_another_log_or_key_says_so(settings, grow, signer, other_signer, tmp_path) -> None:
    grow(settings, 3)
    for number, log in enumerate([(signer.name, other_signer.public_key), ("other.example/log", signer.public_key)]):
        stranger = serving(tmp_path / str(number), ONE.name, PRIVATE[1], [log])
        with stranger as url, pytest.raises(WitnessRefused, match="no log of this name with this key"):
            send(settings, ONE, url)
    assert kept(settings) == []


def test_a_witness_that_does_not_answer_is_tried_again_and_is_no_refusal(settings, grow) -> None:
    grow(settings, 3)
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(WitnessUnreachable) as caught:
        send(settings, ONE, url)
    assert caught.value.transient
    assert refusals(settings) == []


@contextmanager
def answering(status: int, text: str) -> Iterator[str]:
    """Something at the witness's address that is no witness."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "text", "ground"),
    [
        (200, "", "other_key"),
        (200, "hello\n", "other_key"),
        (200, "\n\n\n", "other_key"),
        (200, "— w1.witness AAAA\n", "other_key"),
        (200, "x" * 1_000_000, "other_key"),
        (302, "", "unclear"),
        (409, "", "unclear"),
        (409, "-1\n", "unclear"),
        (409, "1\n", "unclear"),  # always another size than the last that it told
        (409, "99999999999999999999\n", "unclear"),
        (409, "4\n", "rewound"),
        (400, "no\n", "unclear"),
    ],
)
def test_what_no_witness_answers_is_refused_and_keeps_nothing(settings, grow, status, text, ground) -> None:
    grow(settings, 3)
    with answering(status, text) as url, pytest.raises(WitnessRefused):
        send(settings, ONE, url)
    assert kept(settings) == []
    assert [entry["detail"]["ground"] for entry in refusals(settings)] == [ground]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_witness_with_trouble_of_its_own_is_tried_again(settings, grow, status) -> None:
    grow(settings, 3)
    with answering(status, "later\n") as url, pytest.raises(WitnessUnreachable):
        send(settings, ONE, url)


def test_without_a_checkpoint_nothing_is_sent(settings, witness) -> None:
    with pytest.raises(CheckpointRefused, match="never signed"):
        send(settings, ONE, witness)


@pytest.mark.parametrize(("down", "verified"), [(2, True), (3, False)])
def test_four_of_six_are_enough_whoever_is_down(settings, grow, signer, tmp_path, down, verified) -> None:
    grow(settings, 7)
    six = [WITNESSES[number] for number in range(1, 7)]
    with ExitStack() as stack:
        known = [(signer.name, signer.public_key)]
        addresses = {
            witness: stack.enter_context(serving(tmp_path / witness.name, witness.name, PRIVATE[number], known))
            for number, witness in enumerate(six, 1)
        } | dict.fromkeys(six[:down], "http://127.0.0.1:9")
        outcomes = send_all(settings, addresses)
    assert [isinstance(outcome, Sent) for outcome in outcomes.values()] == [False] * down + [True] * (6 - down)
    with transaction(settings) as connection:
        found = verify(connection, Verifier.of(signer), quorum=Quorum(tuple(six), 4, timedelta(hours=26)))
    assert found.verified is verified
    assert verified or "4 of 6 witnesses" in found.problems[0]
