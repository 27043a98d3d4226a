"""A link looks at what came and went since the last one, and gives what looking at everything gives."""

import random

import polars as pl
import pytest
from sqlalchemy import text

from hub.database import transaction
from hub.settings import Settings
from keys.home import create_ring
from keys.ring import KeyRing
from linkage.learned.model import Model
from linkage.learned.trained import keep_model
from linkage.linking import link
from linkage.registered.forgetting import forget_records
from linkage.registered.register import lock_register
from store.shredding import stale_files
from tests.cases import takes_long
from tests.unit.linkage.test_linking import COUNCIL, FIRST, POLICE, SECOND, admit

FEEDS = (POLICE, COUNCIL, "council.exclusions", "probation.supervision")


@pytest.fixture
def ring(settings: Settings, model: Model) -> KeyRing:
    ring = create_ring(settings)
    with transaction(settings) as connection:
        keep_model(connection, model, FIRST)
    return ring


def files(settings: Settings) -> set[str]:
    return {path.name for path in (settings.home / "zones" / "register").rglob("*.parquet")}


def test_a_later_delivery_is_compared_with_what_it_can_touch(
    settings: Settings, ring: KeyRing, records: pl.DataFrame
) -> None:
    admit(settings, ring, POLICE, FIRST, records.head(3500))
    first = link(settings, ring, FIRST)
    admit(settings, ring, POLICE, SECOND, records.tail(315))
    later = link(settings, ring, SECOND)
    assert (first.full, later.full) == (True, False)
    assert later.pairs < first.pairs / 2
    assert later.records == records.height
    full = link(settings, ring, SECOND, full=True)
    assert (full.full, full.agreement.share, full.agreement.differing) == (True, 1.0, ())
    assert sum(full.changes.values()) == 0
    assert full.report.precision == later.report.precision
    assert full.persons == later.persons


def quarters(settings: Settings, ring: KeyRing, records: pl.DataFrame, seed: int) -> None:
    """Eight deliveries in an order of chance; then two of them corrected."""
    parts = records.with_columns(part=pl.int_range(pl.len()) % 8).partition_by("part", include_key=False)
    where = [(FEEDS[number % 4], (FIRST, SECOND)[number // 4]) for number in range(8)]
    chance = random.Random(seed)
    order = chance.sample(range(8), 8)
    for number in order:
        admit(settings, ring, *where[number], parts[number])
        link(settings, ring, where[number][1])
    for number in order[:2]:
        told = parts[number].with_columns(token_forename=pl.col("token_forename").shift(1)).head(400)
        admit(settings, ring, *where[number], told)
        link(settings, ring, where[number][1])


@takes_long
@pytest.mark.parametrize("seed", [1])
def test_deliveries_and_corrections_in_any_order_give_what_a_full_link_gives(
    settings: Settings, ring: KeyRing, records: pl.DataFrame, seed: int
) -> None:
    quarters(settings, ring, records.head(3600), seed)
    full = link(settings, ring, SECOND, full=True)
    assert (full.agreement.share, full.agreement.differing) == (1.0, ())


def test_what_is_kept_is_sealed_and_forgotten_with_a_record(
    settings: Settings, ring: KeyRing, records: pl.DataFrame
) -> None:
    admit(settings, ring, POLICE, FIRST, records.head(600))
    link(settings, ring, FIRST)
    tokens = set(records["token_surname"].drop_nulls().head(50))
    for path in (settings.home / "zones" / "register").rglob("*.parquet"):
        content = path.read_bytes()
        assert content.endswith(b"PARE")
        assert not any(bytes.fromhex(token)[:8] in content for token in tokens)
    with transaction(settings) as connection:
        lock_register(connection)
        forget_records(connection, records["record_id"].head(1).to_list())
        keys = text("SELECT count(*) FROM hub.data_key WHERE id LIKE 'link/%' AND wrapped IS NOT NULL")
        assert connection.execute(keys).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM hub.link_state")).scalar() == 0
    stale = stale_files(settings)  # retention sweeps them, once every key that is left was tried on them
    assert {file.zone for file in stale} == {"register"}
    assert len(stale) == len(list((settings.home / "zones" / "register").rglob("*.parquet"))) > 0
    assert link(settings, ring, FIRST).full


def test_what_is_kept_and_cannot_be_read_is_made_anew(settings: Settings, ring: KeyRing, records: pl.DataFrame) -> None:
    admit(settings, ring, POLICE, FIRST, records.head(600))
    before = link(settings, ring, FIRST)
    assert not link(settings, ring, FIRST).full
    for path in (settings.home / "zones" / "register").rglob("*.rows.parquet"):
        path.write_bytes(path.read_bytes()[:-40])
    again = link(settings, ring, FIRST)
    assert again.full
    assert again.persons == before.persons
    assert sum(again.changes.values()) == 0
