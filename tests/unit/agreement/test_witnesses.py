"""Whose word counts for the log by the agreement, and what is done each hour."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from agreement.errors import LogNotVerified
from agreement.model import Agreement
from agreement.policy import read_agreement
from agreement.witnesses import addresses, quorum, send_to, sign_for_witnesses, verify_and_remember, witnesses
from audit.errors import WitnessUnreachable
from audit.events import Action, Entry
from audit.log import append
from audit.verify import last_verification
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.feeds import AUTHORITIES
from hub.settings import Settings
from keys.home import create_ring, log_signer, open_ring
from keys.services import Service
from tests.agreed import WITNESS_KEYS, agree
from tests.witnessed import serving

Changed = Callable[..., Agreement]


@pytest.fixture
def changed(signed_agreement: Path, tmp_path: Path) -> Changed:
    """The agreement with something changed, signed by all parties but some."""

    def make(change: Callable[[dict[str, Any]], object] = lambda _: None, but: tuple[str, ...] = ()) -> Agreement:
        path = tmp_path / "changed.yaml"
        path.write_bytes(signed_agreement.read_bytes())
        agree(path, change, but)
        return read_agreement(path)

    return make


@pytest.fixture
def hub(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A hub whose six witnesses run."""
    signer = log_signer(settings, create_ring(settings))
    known = [(signer.name, signer.public_key)]
    with ExitStack() as stack:
        urls = {}
        for name in AUTHORITIES:
            witness = serving(tmp_path / name, f"{name}.witness", WITNESS_KEYS[name], known)
            urls[f"witness.{name}"] = stack.enter_context(witness)
        yield settings.model_copy(update={"endpoints": urls})


def log_something(settings: Settings) -> None:
    entry = Entry(action=Action.CREATE_KEY, actor="service:test", code_commit="0" * 40)
    with transaction(settings) as connection:
        append(connection, entry)


def test_each_party_that_signed_has_a_voice(changed: Changed) -> None:
    terms = quorum(changed(lambda terms: terms["log"].update(cosignatures=4, within_hours=26)))
    assert [witness.name for witness in terms.witnesses] == [f"{name}.witness" for name in AUTHORITIES]
    assert (terms.needed, terms.within) == (4, timedelta(hours=26))
    assert set(witnesses(changed(but=("fire", "yot")))) == set(AUTHORITIES) - {"fire", "yot"}


def test_a_key_that_was_put_in_after_the_signatures_counts_for_nobody(changed: Changed, tmp_path: Path) -> None:
    changed()
    terms = yaml.safe_load((tmp_path / "changed.yaml").read_text())
    terms["parties"][0]["witness_key"] = terms["parties"][0]["signing_key"]
    (tmp_path / "changed.yaml").write_text(yaml.safe_dump(terms, sort_keys=False))
    assert witnesses(read_agreement(tmp_path / "changed.yaml")) == {}


def test_one_key_has_one_voice(changed: Changed) -> None:
    def same(terms: dict[str, Any]) -> None:
        terms["parties"][3]["witness_key"] = terms["parties"][1]["witness_key"]

    found = witnesses(changed(same))
    assert len(found) == 5
    assert len(set(found.values())) == 5


def test_a_witness_is_where_the_home_says_or_else_the_agreement(changed: Changed, settings: Settings) -> None:
    def stated(terms: dict[str, Any]) -> None:
        for party in terms["parties"]:
            party["witness_url"] = f"https://{party['authority']}.example"

    here = settings.model_copy(update={"endpoints": {"witness.fire": "http://127.0.0.1:1"}})
    found = {witness.name: url for witness, url in addresses(here, changed(stated)).items()}
    assert found["fire.witness"] == "http://127.0.0.1:1"
    assert found["police.witness"] == "https://police.example"
    with pytest.raises(ConfigurationError, match=r"witness\.police"):
        addresses(here, changed())


def test_each_hour_the_log_is_signed_cosigned_and_verified(hub: Settings) -> None:
    ring = open_ring(hub, Service.CUSTODIAN)
    for count in (1, 2):
        log_something(hub)
        asked = sign_for_witnesses(hub, ring)
        assert asked == list(AUTHORITIES)
        assert {send_to(hub, authority).size for authority in asked} == {count}
        assert verify_and_remember(hub, ring).witnessed == count
    with transaction(hub) as connection:
        remembered = last_verification(connection)
    assert remembered is not None
    assert (remembered.size, remembered.witnessed, remembered.problems) == (2, 2, ())


def test_too_few_cosignatures_are_one_sentence_and_are_remembered(hub: Settings) -> None:
    ring = open_ring(hub, Service.CUSTODIAN)
    log_something(hub)
    away = hub.model_copy(update={"endpoints": hub.endpoints | {"witness.fire": "http://127.0.0.1:9"}})
    sign_for_witnesses(away, ring)
    with pytest.raises(WitnessUnreachable):
        send_to(away, "fire")
    for authority in ("police", "yot"):
        send_to(away, authority)
    with pytest.raises(LogNotVerified, match="of 6 witnesses"):
        verify_and_remember(away, ring)
    with transaction(away) as connection:
        remembered = last_verification(connection)
    assert remembered is not None
    assert remembered.problems


def test_an_agreement_that_nobody_signed_has_no_witnesses_and_nothing_verifies(hub: Settings, tmp_path: Path) -> None:
    path = tmp_path / "unsigned.yaml"
    path.write_bytes(hub.agreement_path.read_bytes())
    unsigned = hub.model_copy(update={"agreement": path})
    log_something(unsigned)
    assert sign_for_witnesses(unsigned, open_ring(unsigned, Service.CUSTODIAN)) == []
    with pytest.raises(LogNotVerified):
        verify_and_remember(unsigned, open_ring(unsigned, Service.CUSTODIAN))
