"""No key, passphrase or token shows: in no log at DEBUG, message, repr, pickle, or traceback with local variables."""

import base64
import contextlib
import logging
import pickle
import traceback

import pytest
from pydantic import SecretStr

from hub.errors import HubError
from hub.settings import Settings
from keys.home import create_ring, open_ring
from keys.places import hub_ring, source_ring
from keys.purposes import Purpose
from keys.services import Service
from tests.unit.keys.conftest import ROOT
from tests.unit.keys.places import PLACES

WORDS = {
    "keyring_passphrase": SecretStr("Xanthippe-Hub-Passphrase"),
    "source_keyring_passphrase": SecretStr("Xanthippe-Source-Passphrase"),
}
SECRETS = {*(word.get_secret_value() for word in WORDS.values()), ROOT, "Xanthippe-Secret"}


@pytest.fixture(params=list(PLACES))
def home(request, tmp_path):
    return PLACES[request.param](Settings(home=tmp_path / "home", **WORDS), request.getfixturevalue)


def forms(material):
    """A key as it could show."""
    encoded = base64.b64encode(material).decode()
    return {material.hex(), encoded, encoded.rstrip("="), base64.urlsafe_b64encode(material).decode(), repr(material)}


def failing(home):
    """One act after the other that is refused, in each part of the ring."""
    ring = open_ring(home, Service.CUSTODIAN)
    wrapped = ring.wrap(Purpose.STORAGE, b"Xanthippe-Data-Key-0123456789abc", "delivery/1")
    yield lambda: open_ring(home, Service.PUBLISH).key(Purpose.HUB)
    yield lambda: ring.unwrap(Purpose.STORAGE, wrapped, "delivery/2")
    yield lambda: ring.unwrap(Purpose.HUB, wrapped, "delivery/1")
    yield lambda: ring.key(Purpose.HUB, 9)
    yield lambda: ring.retire("hub/1")
    yield lambda: create_ring(home)
    for name in ("keys", "source_keys"):
        if getattr(home, name):
            away = home.model_copy(update={name: getattr(home, name).replace("hub", "away").replace("source", "away")})
            yield lambda away=away: open_ring(away, Service.INGEST).key(Purpose.SOURCE)
    wrong = home.model_copy(update=dict.fromkeys(WORDS, SecretStr("Xanthippe-Guess")))
    if not home.keys:
        yield lambda: open_ring(wrong, Service.INGEST)
        yield lambda: open_ring(
            home.model_copy(update={"source_keyring_passphrase": SecretStr("Xanthippe-Guess")}), Service.INGEST
        ).key(Purpose.SOURCE)
    hub_ring(home).place.change(lambda raw: raw.replace(b'"mac": "', b'"mac": "x'))
    yield lambda: open_ring(home, Service.INGEST)


def test_nothing_shows(home, caplog):
    with caplog.at_level(logging.DEBUG):
        made = create_ring(home)
        kept = [provider.open(key_id) for provider in (hub_ring(home), source_ring(home)) for key_id in provider.held()]
        told = [
            repr(made),
            str(made),
            *(repr(each) for each in kept),
            repr(hub_ring(home).__dict__),
            repr(made.__dict__),
        ]
        for act in failing(home):
            try:
                act()
            except HubError as refusal:
                frames = traceback.TracebackException.from_exception(refusal, capture_locals=True)
                told += [str(refusal), "".join(frames.format()), repr(pickle.dumps(refusal)), *_behind(refusal)]
        with contextlib.suppress(TypeError):
            told.append(repr(pickle.dumps(made)))
    told += [record.getMessage() + str(record.args) for record in caplog.records]
    canaries = SECRETS | {"Xanthippe-Guess", "Xanthippe-Data-Key"}
    canaries |= {form for key in kept for form in forms(key.get_secret_value())}
    shown = "\n".join(told)
    assert len(kept) == 7
    assert len(told) > 20
    assert [canary for canary in canaries if canary in shown] == []


def _behind(refusal):
    """What a tool would show that prints the errors behind an error too, each with its local variables."""
    behind = refusal.__context__
    while behind is not None:
        yield "".join(traceback.TracebackException.from_exception(behind, capture_locals=True).format())
        behind = behind.__context__
