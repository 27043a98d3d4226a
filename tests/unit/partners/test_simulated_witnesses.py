"""The simulated authorities witness a hub's log, under an agreement that they signed."""

import base64
import shutil
from pathlib import Path

import pytest

from agreement.policy import load_agreement
from agreement.witnesses import addresses, sign_for_witnesses, verify_and_remember
from audit.errors import WitnessRefused
from audit.witnessing import Sent, send_all
from hub.feeds import AUTHORITIES
from hub.settings import PROJECT, Settings
from keys.home import create_ring, open_ring, ring_path
from keys.services import Service
from partners.agreement import agree
from partners.agreement_keys import public_keys, sealing_key, signing_key, witness_key
from partners.servers.serve import Plan
from tests.cases import takes_long
from tests.unit.agreement.test_witnesses import log_something
from tests.witnessed import copied


@pytest.fixture
def hub(settings: Settings, tmp_path: Path) -> Settings:
    """A hub with keys whose agreement the simulated authorities signed."""
    create_ring(settings)
    agree(tmp_path / "partners", PROJECT / "config" / "agreement.yaml", settings.home)
    return told(settings)


def told(settings: Settings) -> Settings:
    """The settings as the home's local.yaml has them now."""
    return Settings(home=settings.home, database_url=settings.database_url, commit="0" * 40)


def outcomes(settings: Settings) -> list[object]:
    return list(send_all(settings, addresses(settings, load_agreement(settings))).values())


@takes_long
def test_six_witnesses_cosign_and_remember_over_a_restart(hub, tmp_path, serve_in_thread) -> None:
    plan = Plan(folder=tmp_path / "partners", hub_home=hub.home, servers=frozenset({"witnesses"}))
    with copied(hub) as fresh:
        for count in (1, 2):
            with serve_in_thread(plan):
                log_something(hub)
                sign_for_witnesses(hub, open_ring(hub, Service.CUSTODIAN))
                assert [found.size for found in outcomes(told(hub)) if isinstance(found, Sent)] == [count] * 6
        assert verify_and_remember(hub, open_ring(hub, Service.CUSTODIAN)).witnessed == 2
        with serve_in_thread(plan):
            log_something(fresh)
            sign_for_witnesses(fresh, open_ring(fresh, Service.CUSTODIAN))
            rewound = Settings(home=hub.home, database_url=fresh.database_url, commit="0" * 40)
            assert all(isinstance(found, WitnessRefused) for found in outcomes(rewound))


@takes_long
def test_a_home_that_was_made_anew_has_another_log(hub, tmp_path, serve_in_thread) -> None:
    plan = Plan(folder=tmp_path / "partners", hub_home=hub.home, servers=frozenset({"witnesses"}))
    with copied(hub) as fresh:
        with serve_in_thread(plan):
            log_something(hub)
            sign_for_witnesses(hub, open_ring(hub, Service.CUSTODIAN))
            assert all(isinstance(found, Sent) for found in outcomes(told(hub)))
        shutil.rmtree(ring_path(hub).parent)
        create_ring(hub)
        with serve_in_thread(plan):
            sign_for_witnesses(fresh, open_ring(fresh, Service.CUSTODIAN))
            again = Settings(home=hub.home, database_url=fresh.database_url, commit="0" * 40)
            assert all(isinstance(found, Sent) for found in outcomes(again))


def test_keys_are_made_once_for_their_owners_eyes_and_the_public_halves_are_theirs(tmp_path) -> None:
    keys = public_keys(tmp_path)
    assert public_keys(tmp_path) == keys
    assert list(keys) == list(AUTHORITIES)
    assert len({key for own in keys.values() for key in own.values()}) == 18
    own = [path for name in AUTHORITIES for path in (signing_key(tmp_path, name), sealing_key(tmp_path, name))]
    private = [*own, *tmp_path.glob("*/witness.key")]
    assert len(private) == 18
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    council = witness_key(tmp_path, "council").public_key().public_bytes_raw()
    assert base64.b64encode(council).decode() == keys["council"]["witness_key"]
