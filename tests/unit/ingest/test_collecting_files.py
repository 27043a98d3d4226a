"""Files of many pages over a real SFTP server: gone on with after a kill, closed only if all of it is what was sent."""

from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from connectors import connect
from connectors.errors import NotAsSent
from connectors.sftp import SftpPlace
from hub.database import transaction
from hub.feeds import Feed, load_feed
from ingest.journey import collect
from store.deliveries import find_delivery, open_delivery
from store.landing import Landed, seal_page
from tests.unit.ingest.conftest import QUARTER, Hub

POLICE, CHUNK = "police.recorded_crime", 8192


@pytest.fixture
def feed(hub: Hub) -> Feed:
    """Recorded crime, in small pages and held against a receipt."""
    stated = yaml.safe_load((hub.settings.config / "feeds" / f"{POLICE}.yaml").read_text(encoding="utf-8"))
    changes = {"chunk_bytes": CHUNK, "receipt": "{path}.sha256"}
    hub.change(f"feeds/{POLICE}.yaml", transport=stated["transport"] | changes)
    return load_feed(hub.settings.config, POLICE)


def offered(hub: Hub) -> Path:
    return hub.partners / "sftp" / "police" / "outgoing" / f"recorded_crime_{QUARTER}.csv"


def killed_after(hub: Hub, feed: Feed, pages: int) -> str:
    """What a run leaves that is killed after so many pages: an open delivery."""
    running = connect(hub.settings, feed).pages(QUARTER)
    with transaction(hub.settings) as connection:
        delivery = open_delivery(connection, hub.ring, feed, QUARTER)
        for page in (next(running) for _ in range(pages)):
            delivery = seal_page(
                hub.settings, connection, hub.ring, delivery, page.body, cursor=page.cursor, more=page.more
            )
    running.close()
    return delivery.id


def states(hub: Hub) -> list[str]:
    with transaction(hub.settings) as connection:
        return list(connection.execute(text("SELECT state FROM hub.delivery ORDER BY id")).scalars())


def test_a_killed_fetch_is_gone_on_with_and_no_byte_is_fetched_again(hub: Hub, feed: Feed, monkeypatch) -> None:
    sent = offered(hub).read_bytes()
    assert len(sent) > 5 * CHUNK
    begun = killed_after(hub, feed, 3)
    read, reading = [], SftpPlace.read

    def counted(self: SftpPlace, path: str, start: int, length: int) -> bytes:
        body = reading(self, path, start, length)
        read.append(len(body) if path.endswith(".csv") else 0)
        return body

    monkeypatch.setattr(SftpPlace, "read", counted)
    assert collect(hub.settings, POLICE, QUARTER) == begun
    assert sum(read) == len(sent) - 3 * CHUNK
    with transaction(hub.settings) as connection:
        landed = Landed(hub.settings, connection, hub.ring, find_delivery(connection, begun))
    assert [b"".join(parts) for parts in landed.documents()] == [sent]


def test_a_file_that_was_replaced_meanwhile_is_fetched_anew(hub: Hub, feed: Feed) -> None:
    killed_after(hub, feed, 3)
    offered(hub).touch()
    collect(hub.settings, POLICE, QUARTER)
    assert states(hub) == ["refused", "closed"]


def test_a_file_that_is_not_what_its_receipt_says_closes_no_delivery(hub: Hub, feed: Feed) -> None:
    receipt = offered(hub).with_name(f"{offered(hub).name}.sha256")
    right = receipt.read_bytes()
    receipt.write_text("0" * 64)
    with pytest.raises(NotAsSent):
        collect(hub.settings, POLICE, QUARTER)
    assert states(hub) == ["open"]
    with pytest.raises(NotAsSent):
        collect(hub.settings, POLICE, QUARTER)  # what went on and found it wrong began anew
    assert states(hub) == ["refused", "open"]
    receipt.write_bytes(right)
    collect(hub.settings, POLICE, QUARTER)
    assert states(hub) == ["refused", "closed"]
