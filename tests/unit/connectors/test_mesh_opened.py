"""A MESH message that is encrypted to the hub and signed: opened whole, or refused, and then it stays."""

import pytest
from mesh_client import MeshClient
from pysequoia import Tsk, encrypt

from connectors.errors import UntrustedFile
from hub.periods import Quarter
from hub.transports import OpenPgp
from partners.servers.credentials import password
from partners.servers.health import HOSPITAL_MAILBOX, HUB_MAILBOX, WORKFLOW

NAME = "health.emergency_care"
HUB, SENDER, STRANGER = (Tsk.generate(f"{name} <{name}@example.com>") for name in ("hub", "sender", "stranger"))
ROWS = b"".join(b'{"row": %d, "told": "Zyxwhiffenpoof"}\n' % number for number in range(200))
CHUNK = 1 << 10


@pytest.fixture(scope="module")
def hospital(served):
    """The sender's side, signed in; and the keys of both are known to the hub."""
    folder = served.settings.home / "secrets"
    (folder / "mesh_test_hub_key").write_text(str(HUB))
    (folder / "mesh_test_sender_key").write_text(str(SENDER.extract_certificate()))
    secret = password(served.folder, "health_mesh_hospital_password")
    shared_key = password(served.folder, "health_mesh_shared_key").encode()
    with MeshClient(served.settings.endpoints[NAME], HOSPITAL_MAILBOX, secret, shared_key=shared_key) as client:
        yield client


def send(hospital, quarter, body, chunk=CHUNK):
    filename = f"emergency_care_{quarter}.ndjson"
    return hospital.send_message(HUB_MAILBOX, body, chunk, workflow_id=WORKFLOW, filename=filename)


def sealed(body, by=SENDER):
    return encrypt(bytes=body, recipients=[HUB.extract_certificate()], signer=by.signer() if by else None, armor=False)


def connector(served):
    agreed = OpenPgp(private_key="mesh_test_hub_key", signed_by="mesh_test_sender_key")
    return served.connect(NAME, openpgp=agreed, chunk_bytes=CHUNK)


def test_it_comes_in_pages_of_clear_text_and_is_acknowledged(served, hospital):
    quarter = Quarter(2028, 1)
    message = send(hospital, quarter, sealed(ROWS))
    fetching = connector(served)
    pages = list(fetching.pages(quarter))

    assert b"".join(page.body for page in pages) == ROWS
    assert len(pages) == -(-len(ROWS) // CHUNK)
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    fetching.confirm(quarter)
    assert hospital.track_message(message)["status"].lower() == "acknowledged"


@pytest.mark.parametrize("kept", [1, 3, 7])
def test_a_run_that_goes_on_gives_no_page_twice(served, hospital, kept):
    quarter = Quarter(2029, 1)
    send(hospital, quarter, sealed(ROWS))
    begun = connector(served).pages(quarter)
    first = [next(begun) for _ in range(kept)]
    rest = list(connector(served).pages(quarter, first[-1].cursor))

    assert b"".join(page.body for page in (*first, *rest)) == ROWS
    assert not rest[-1].more


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (ROWS, "it is no encrypted OpenPGP message"),
        (sealed(ROWS, by=None), "it bears no valid signature by the agreed sender"),
        (sealed(ROWS, by=STRANGER), "it bears no valid signature by the agreed sender"),
        (sealed(ROWS)[:-40], "it is damaged or cut short"),
    ],
    ids=["in clear", "unsigned", "signed by another", "cut short"],
)
def test_another_message_is_refused_and_stays(served, hospital, body, why):
    quarter = Quarter(2030, 1)
    message = send(hospital, quarter, body)
    with pytest.raises(UntrustedFile, match=why) as refusal:
        list(connector(served).pages(quarter))
    assert "Zyxwhiffenpoof" not in str(refusal.value)
    assert hospital.track_message(message)["status"].lower() == "accepted"
