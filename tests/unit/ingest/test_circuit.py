"""An authority that does not answer is left alone: counted, opened, tried once, closed; by many runs at one moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

import ingest.circuit
from connectors.errors import (
    ConnectionFailed,
    NotReady,
    SourceChanged,
    Unauthorised,
    UntrustedServer,
    WrongAnswer,
)
from hub.errors import ConfigurationError
from ingest.circuit import CircuitState, circuits, through_circuit
from ingest.errors import CircuitOpen
from ingest.journey import collect
from tests.unit.ingest.conftest import QUARTER, Hub

FIRE, STREET, POLICE = "fire.fire_setter_referrals", "police.street_crime", "police.recorded_crime"
SAID = {"where": "here", "why": "its answer was 503", "fix": "Wait"}
BEGAN = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)


class Clock:
    """The hub's clock, in the test's hand."""

    def __init__(self) -> None:
        self.now = BEGAN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(ingest.circuit, "now", made)
    return made


def fail(settings, times: int = 1, kind: type = ConnectionFailed, authority: str = "fire") -> None:
    for _ in range(times):
        with pytest.raises(kind), through_circuit(settings, authority):
            raise kind("It failed", **SAID)


def succeed(settings, authority: str = "fire") -> None:
    with through_circuit(settings, authority):
        pass


def state(settings) -> list[tuple[str, str, int]]:
    return [(circuit.authority, str(circuit.state), circuit.failures) for circuit in circuits(settings)]


def test_after_so_many_failures_in_a_row_nobody_asks_and_everybody_is_told_until_when(settings, clock) -> None:
    fail(settings, 4)
    assert state(settings) == [("fire", "closed", 4)]
    fail(settings)
    with pytest.raises(CircuitOpen) as refused, through_circuit(settings, "fire"):
        pytest.fail("the partner is asked")
    told = refused.value
    assert told.transient
    assert told.again_at == BEGAN + timedelta(minutes=15)
    for said in ("5 times", "2026-10-20 06:00", "2026-10-20 06:15", "503"):
        assert said in str(told)
    succeed(settings, "police")  # another authority's


def test_a_success_between_failures_begins_the_count_anew(settings, clock) -> None:
    fail(settings, 4)
    succeed(settings)
    fail(settings, 4)
    succeed(settings)
    assert state(settings) == []


@pytest.mark.parametrize("kind", [NotReady, Unauthorised, SourceChanged, WrongAnswer])
def test_a_partner_that_answers_is_there_whatever_it_says(settings, clock, kind) -> None:
    fail(settings, 4)
    fail(settings, 20, kind)
    assert state(settings) == []


@pytest.mark.parametrize("kind", [ConfigurationError, UntrustedServer])
def test_what_tells_nothing_of_the_partner_changes_nothing(settings, clock, kind) -> None:
    fail(settings, 4)
    fail(settings, 3, kind)
    assert state(settings) == [("fire", "closed", 4)]


def test_after_a_while_one_is_let_through_and_a_success_closes_it(settings, clock, caplog) -> None:
    fail(settings, 5)
    clock.now += timedelta(minutes=15)
    assert [circuit.state for circuit in circuits(settings)] == [CircuitState.TRIAL]
    with through_circuit(settings, "fire"), pytest.raises(CircuitOpen), through_circuit(settings, "fire"):
        pytest.fail("two are let through")
    assert state(settings) == []
    succeed(settings)


def test_a_trial_that_fails_begins_the_wait_anew_and_since_stays(settings, clock) -> None:
    fail(settings, 5)
    clock.now += timedelta(minutes=20)
    fail(settings)
    (circuit,) = circuits(settings)
    assert (circuit.state, circuit.since, circuit.failures) == (CircuitState.OPEN, BEGAN, 6)
    assert circuit.until == BEGAN + timedelta(minutes=35)


def test_a_trial_that_is_killed_is_followed_by_another(settings, clock) -> None:
    fail(settings, 5)
    clock.now += timedelta(minutes=15)
    through_circuit(settings, "fire").__enter__()  # and nothing more is heard of it
    with pytest.raises(CircuitOpen), through_circuit(settings, "fire"):
        pass
    clock.now += timedelta(minutes=15)
    succeed(settings)


def test_it_closes_with_the_first_answer_of_a_long_fetch(settings, clock) -> None:
    fail(settings, 5)
    clock.now += timedelta(minutes=15)
    with through_circuit(settings, "fire") as answered:
        answered()
        succeed(settings)


def test_of_many_at_one_moment_one_is_let_through(settings, clock) -> None:
    fail(settings, 5)
    clock.now += timedelta(minutes=15)
    together, done = threading.Barrier(4), threading.Barrier(4)

    def attempt(_: int) -> bool:
        together.wait(20)
        try:
            with through_circuit(settings, "fire"):
                done.wait(20)
        except CircuitOpen:
            done.wait(20)
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_failures_at_one_moment_are_all_counted(settings, clock) -> None:
    patient = settings.model_copy(update={"circuit_failures": 100})
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fail(patient), range(12)))
    assert state(patient) == [("fire", "closed", 12)]


def test_all_feeds_of_an_authority_are_left_alone_with_one(hub: Hub, monkeypatch) -> None:
    """Over a real connection: what listens nowhere is asked twice, and after that nobody of the police is."""
    dead = hub.settings.endpoints | {STREET: "http://127.0.0.1:1"}
    settings = hub.settings.model_copy(update={"endpoints": dead, "circuit_failures": 2})
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    for _ in range(2):
        with pytest.raises(ConnectionFailed):
            collect(settings, STREET, QUARTER)
    for feed in (STREET, POLICE):
        with pytest.raises(CircuitOpen):
            collect(settings, feed, QUARTER)
    assert collect(settings, FIRE, QUARTER)
