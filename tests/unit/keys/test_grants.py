"""What no grant names is refused where the key is used, and the log knows that it was tried."""

import traceback

import pytest

from audit.events import Action, Entry
from audit.log import append
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.settings import PROJECT, Settings
from keys.errors import GrantRefused, KeyNotGranted
from keys.grants import Grants, load_grants, write_grants
from keys.home import create_ring, open_ring
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service, Use
from tests.stored_log import said

SHIPPED = load_grants(Settings())
UNKNOWN = ({"sauce": ["derive"]}, {"hub": ["steal"]}, {"recipient": ["derive"]}, {"hub/analysts": ["derive"]})
TOKENISES = {Service.INGEST, Service.EVALUATION, Service.CUSTODIAN}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = Settings(home=tmp_path_factory.mktemp("ring"))
    create_ring(made)
    return made


@pytest.mark.parametrize(
    ("service", "act"),
    [
        (Service.PUBLISH, lambda ring: ring.key(Purpose.SOURCE)),
        (Service.PUBLISH, lambda ring: ring.key(Purpose.HUB)),
        (Service.PUBLISH, lambda ring: ring.derive(Purpose.EVENT, "person/1")),
        (Service.LINK, lambda ring: ring.key(Purpose.REFERENCE)),
        (Service.LINK, lambda ring: ring.key(Purpose.SOURCE)),
        (Service.REIDENTIFY, lambda ring: ring.wrap(Purpose.STORAGE, bytes(32), "x")),
        (Service.INGEST, lambda ring: ring.create(Purpose.RECIPIENT, "analysts")),
        (Service.INGEST, lambda ring: ring.rotate(Purpose.HUB)),
        (Service.CONSOLE, lambda ring: ring.key(Purpose.STORAGE)),
        (Service.WITNESS, lambda ring: ring.key(Purpose.AUDIT)),
        (Service.WITNESS, lambda ring: ring.retire("audit/1")),
        (Service.OFFICER, lambda ring: ring.hand_over(Purpose.SOURCE)),
        (Service.SOURCE, lambda ring: ring.signer(Purpose.AUDIT)),
    ],
)
def test_what_no_grant_names_is_refused(home, service, act):
    with pytest.raises(KeyNotGranted, match=rf"no grant lets the service {service} use it to"):
        act(open_ring(home, service))


def test_only_who_tokenises_can_use_the_source_key():
    may = {service for service in Service if SHIPPED.permit(service, "source", Use.DERIVE)}
    assert may == TOKENISES | {Service.SOURCE}
    others = {Service.LINK, Service.ROTATION, Service.SUBJECTS}  # on top of tokens, which they cannot make from names
    assert {service for service in Service if SHIPPED.permit(service, "hub", Use.DERIVE)} == TOKENISES | others


def test_nobody_but_the_custodian_turns_retires_or_hands_over():
    for use in (Use.RETIRE, Use.HAND_OVER):
        keys = [*Purpose, "recipient/analysts"]
        assert {s for s in Service for key in keys if SHIPPED.permit(s, str(key), use)} == {Service.CUSTODIAN}


def test_every_service_is_granted_something_and_nothing_unknown():
    assert set(SHIPPED.grants) == set(Service)
    for unknown in (
        {"thief": {}},
        {"ingest": {"sauce": ["derive"]}},
        {"ingest": {"hub": ["steal"]}},
        {"ingest": {"recipient": []}},
    ):
        with pytest.raises(ValueError, match="grants"):
            Grants.model_validate({"grants": unknown})


def test_without_the_file_no_ring_opens(home, tmp_path):
    with pytest.raises(ConfigurationError, match=r"keys\.yaml"):
        open_ring(home.model_copy(update={"config": tmp_path}), Service.INGEST)


def test_a_ring_is_handed_down_and_never_sideways(home):
    custodian = open_ring(home, Service.CUSTODIAN)
    publisher = custodian.serving(Service.PUBLISH)
    with pytest.raises(KeyNotGranted):
        publisher.key(Purpose.SOURCE)
    with pytest.raises(KeyNotGranted, match="opened for that service"):
        publisher.serving(Service.INGEST)
    assert publisher.serving(Service.PUBLISH) is publisher


def test_what_a_part_makes_its_custodian_has_too(settings):
    custodian = create_ring(settings)
    made = custodian.serving(Service.PUBLISH).create(Purpose.RECIPIENT, "analysts")
    assert custodian.key(Purpose.RECIPIENT, name="analysts") == made


def test_a_recipients_grant_is_for_that_recipient(home):
    grants = Grants.model_validate({"grants": {"publish": {"recipient/analysts": ["derive"]}}})
    assert grants.permit(Service.PUBLISH, "recipient/analysts", Use.DERIVE)
    assert not grants.permit(Service.PUBLISH, "recipient/police", Use.DERIVE)
    assert not grants.permit(Service.PUBLISH, "recipient/analysts", Use.MAKE)


def test_what_is_not_granted_never_leaves_its_provider(home):
    """A provider that would tell: the refusal comes before it is asked."""
    ring = open_ring(home, Service.PUBLISH)

    class Telling:
        def held(self):
            return {}

        def open(self, key_id):
            raise AssertionError(key_id)

    providers = ring._providers
    watched = KeyRing(type(providers)(providers.hub, Telling()), Service.PUBLISH, SHIPPED)
    with pytest.raises(KeyNotGranted):
        watched.key(Purpose.SOURCE)


def test_a_refused_use_is_in_the_log_even_where_the_act_is_not(settings):
    create_ring(settings)
    ring = open_ring(settings, Service.PUBLISH)
    with pytest.raises(KeyNotGranted), transaction(settings):
        ring.key(Purpose.SOURCE)
    with transaction(settings) as connection:
        (entry,) = said(connection, action=Action.REFUSE_KEY)
    assert entry["outcome"] == "refused"
    assert {name: entry["detail"][name] for name in ("key", "use", "service")} == {
        "key": "source", "use": "derive", "service": "publish",
    }  # fmt: skip


def test_a_refusal_in_an_act_that_holds_the_logs_end_does_not_wait_for_itself(settings, caplog):
    create_ring(settings)
    ring = open_ring(settings, Service.PUBLISH)
    with pytest.raises(KeyNotGranted), transaction(settings) as connection:
        act_then(connection, ring)
    assert "is NOT in the hub's log" in caplog.text


def act_then(connection, ring):
    append(connection, Entry(action=Action.CREATE_KEY, actor="service:test", code_commit="0" * 40))
    ring.key(Purpose.SOURCE)


def test_a_refusal_shows_no_data_key_even_with_local_variables(home):
    ring, secret = open_ring(home, Service.REIDENTIFY), b"Xanthippe-Data-Key-0123456789abc"
    with pytest.raises(KeyNotGranted) as refusal:
        ring.wrap(Purpose.STORAGE, bytes(bytearray(secret)), "x")
    frames = traceback.TracebackException.from_exception(refusal.value, capture_locals=True)
    inner = [frame for frame in frames.stack if "/keys/" in frame.filename and "tests" not in frame.filename]
    assert inner
    assert not any("Xanthippe" in value for frame in inner for value in (frame.locals or {}).values())


def test_grants_are_written_back_as_they_are_read(tmp_path):
    path = tmp_path / "keys.yaml"
    path.write_text((PROJECT / "config" / "keys.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    settings = Settings(home=tmp_path, config=tmp_path)
    before = path.read_text(encoding="utf-8")
    write_grants(settings, load_grants(settings))
    assert path.read_text(encoding="utf-8") == before
    changed = SHIPPED.granting(Service.REIDENTIFY, "storage", [Use.SEAL, Use.OPEN])
    write_grants(settings, changed)
    assert load_grants(settings) == changed
    assert load_grants(settings).digest != SHIPPED.digest
    assert SHIPPED.granting(Service.LINK, "storage", []).permit(Service.LINK, "storage", Use.OPEN) is False
    with pytest.raises(GrantRefused, match="a key is a purpose"):
        SHIPPED.granting(Service.LINK, "../storage", [Use.OPEN])
