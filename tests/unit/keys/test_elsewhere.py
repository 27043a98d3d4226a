"""The same ring wherever it lies: in files, in a Vault (a real OpenBao), sealed by AWS KMS (moto's server)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pydantic import SecretStr

from hub.settings import Settings
from keys.bringing import import_ring
from keys.changing import retire, rotate
from keys.errors import KeyRetired, KeyRingExists, KeyRingLocked, KeyRingMissing, KeyRingUnreachable
from keys.home import create_ring, has_ring, open_ring, ring_path
from keys.places import hub_ring
from keys.purposes import Purpose
from keys.services import Service
from tests.unit.keys.places import PLACES, by_kms, in_a_vault


@pytest.fixture(params=list(PLACES))
def home(request, tmp_path):
    return PLACES[request.param](Settings(home=tmp_path / "home"), request.getfixturevalue)


def test_a_ring_is_made_opened_turned_and_retired(home):
    assert not has_ring(home)
    with pytest.raises(KeyRingMissing):
        hub_ring(home).held()
    made = create_ring(home)
    with pytest.raises(KeyRingExists):
        create_ring(home)
    wrapped = made.wrap(Purpose.STORAGE, b"k" * 32, "delivery/1")
    again = open_ring(home, Service.INGEST)
    assert again.versions() == made.versions()
    assert again.unwrap(Purpose.STORAGE, wrapped, "delivery/1") == b"k" * 32
    for purpose in (Purpose.SOURCE, Purpose.HUB):
        assert again.key(purpose) == made.key(purpose)
    made.rotate(Purpose.STORAGE)
    made.retire("storage/1")
    fresh = open_ring(home, Service.INGEST)
    assert fresh.wrap(Purpose.STORAGE, b"n" * 32, "x").key_id == "storage/2"
    with pytest.raises(KeyRetired):
        fresh.unwrap(Purpose.STORAGE, wrapped, "delivery/1")


def test_processes_that_need_the_same_new_key_get_the_same(home):
    create_ring(home)
    rings = [open_ring(home, Service.PUBLISH) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda each: each.create(Purpose.RECIPIENT, "analysts").material, rings))
    assert len(set(made)) == 1


def test_changes_at_the_same_time_lose_none(home):
    create_ring(home)
    rings = [open_ring(home, Service.PUBLISH) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda ring: ring[1].create(Purpose.RECIPIENT, f"r{ring[0]}"), enumerate(rings)))
    assert {f"recipient/r{number}" for number in range(4)} <= set(open_ring(home, Service.PUBLISH).versions())


def test_a_key_cannot_stand_in_for_another(home):
    """Not even for who can write the document and could make its mac: each key is sealed as what it is."""
    create_ring(home)
    ring = hub_ring(home)
    held = ring._document()
    mac_key = ring._mac_key(held)
    swapped = held.with_key("hub/1", held.keys["event/1"]).signed(mac_key)
    ring.place.change(lambda _: swapped.written())
    with pytest.raises(KeyRingLocked):
        open_ring(home, Service.INGEST).key(Purpose.HUB)


def test_a_document_changed_by_another_hand_does_not_open(home):
    create_ring(home)

    def spoilt(raw):
        document = json.loads(raw)
        document["keys"]["hub/1"]["made_at"] = "2020-01-01T00:00:00+00:00"
        return json.dumps(document).encode()

    hub_ring(home).place.change(spoilt)
    with pytest.raises(KeyRingLocked, match="changed by another hand"):
        open_ring(home, Service.INGEST)


def test_a_hubs_keys_move_from_files_to_a_vault_and_to_kms(tmp_path, bao, kms):
    words = {"keyring_passphrase": SecretStr("the hub's"), "source_keyring_passphrase": SecretStr("the source's")}
    files = Settings(home=tmp_path / "files", **words)
    before = create_ring(files)
    for name, place, servers in (("v", in_a_vault, bao), ("k", by_kms, kms)):
        moved = import_ring(place(Settings(home=tmp_path / name, **words), servers), ring_path(files))
        for purpose in (Purpose.SOURCE, Purpose.HUB, Purpose.EVENT, Purpose.REFERENCE):
            assert moved.key(purpose) == before.key(purpose)


def test_what_was_retired_is_in_no_version_that_the_vault_keeps(tmp_path, bao):
    home = in_a_vault(Settings(home=tmp_path / "home"), bao)
    ring = create_ring(home)
    place = hub_ring(home).place
    sealed = json.loads(place.read())["keys"]["storage/1"]["sealed"]
    ring.rotate(Purpose.STORAGE)
    ring.retire("storage/1")
    kv = bao.client().secrets.kv.v2
    metadata = kv.read_secret_metadata(path=place._path, mount_point="kv")["data"]["versions"]
    assert [number for number, version in metadata.items() if not version["destroyed"]] == ["3"]
    assert sealed not in json.dumps(
        kv.read_secret_version(path=place._path, mount_point="kv", raise_on_deleted_version=True)
    )


def test_the_vault_itself_keeps_a_service_from_a_purpose(tmp_path, bao):
    """Whatever grants our own configuration has: the publisher's token opens no tokenising key."""
    home = in_a_vault(Settings(home=tmp_path / "home"), bao)
    create_ring(home)
    transit = home.keys.rpartition("/")[2]
    document = home.keys.partition("/kv/")[2].partition("?")[0]
    source = home.source_keys.partition("/kv/")[2].partition("?")[0]
    may = {
        f"transit/decrypt/{transit}-{purpose}": ["update"] for purpose in ("document", "storage", "audit", "recipient")
    }
    token = bao.token(**{f"kv/data/{document}": ["read"], f"kv/data/{source}": ["read"]}, **may)
    (home.home / "secrets" / "vault_token_custodian").write_text(token)
    ring = open_ring(home, Service.CUSTODIAN)
    assert ring.signer(Purpose.AUDIT).key_id == "audit/1"
    for purpose in (Purpose.HUB, Purpose.EVENT, Purpose.SOURCE):
        with pytest.raises(KeyRingLocked, match="does not let this token") as refusal:
            ring.key(purpose)
        assert token not in str(refusal.value)


def test_the_custodians_rights_in_the_vault_are_those_that_the_page_names(tmp_path, bao):
    home = in_a_vault(Settings(home=tmp_path / "home"), bao)
    paths = {}
    for address in (home.keys, home.source_keys):
        document, _, name = address.partition("/kv/")[2].partition("?transit=transit/")
        paths[f"kv/data/{document}"] = ["create", "update", "read"]
        paths[f"kv/destroy/{document}"] = ["update"]
        paths[f"transit/encrypt/{name}-*"] = ["create", "update"]
        paths[f"transit/decrypt/{name}-*"] = ["update"]
    (home.home / "secrets" / "vault_token").write_text(bao.token(**paths))
    ring = create_ring(home)
    ring.rotate(Purpose.STORAGE)
    ring.retire("storage/1")
    assert open_ring(home, Service.INGEST).key(Purpose.SOURCE) == ring.key(Purpose.SOURCE)


def test_a_service_that_does_not_answer_may_be_back_soon(tmp_path):
    for keys in ("vault+http://127.0.0.1:9/kv/hub?transit=transit/hub",):
        settings = Settings(home=tmp_path, keys=keys)
        (tmp_path / "secrets").mkdir(exist_ok=True)
        (tmp_path / "secrets" / "vault_token").write_text("token")
        with pytest.raises(KeyRingUnreachable) as refusal:
            open_ring(settings, Service.INGEST)
        assert refusal.value.transient


def test_another_kms_key_or_none_does_not_open_it(tmp_path, kms):
    endpoint, key = kms
    home = by_kms(Settings(home=tmp_path / "home"), kms)
    create_ring(home)
    unknown = home.model_copy(update={"keys": f"awskms:///alias/unknown?region=eu-west-2&endpoint={endpoint}"})
    with pytest.raises(KeyRingLocked, match="KMS refuses it"):
        open_ring(unknown, Service.INGEST)
    away = home.model_copy(update={"keys": f"awskms:///{key}?region=eu-west-2&endpoint=http://127.0.0.1:9"})
    with pytest.raises(KeyRingUnreachable):
        open_ring(away, Service.INGEST)
    passphrase = home.model_copy(update={"keys": None, "keyring_passphrase": SecretStr("x")})
    with pytest.raises(KeyRingLocked, match="sealed by aws-kms, not by passphrase"):
        open_ring(passphrase, Service.INGEST)


def test_turning_is_logged_wherever_the_ring_lies(settings, bao):
    home = in_a_vault(settings, bao)
    ring = create_ring(home)
    rotate(home, ring, Purpose.STORAGE, lambda *_: ())
    retire(home, ring, "storage/1", lambda *_: (), timedelta(0))
    assert ring.held()["storage/1"].retired_at is not None
