"""Tables at rest are Parquet that only the key opens, and only in their own place."""

from datetime import UTC, date, datetime

import polars as pl
import pyarrow.parquet as pq
import pytest

from hub.settings import Settings
from keys.key import Key
from store.errors import FileMissing, SealBroken
from store.files import remove, uri
from store.tables import read_metadata, read_table, write_table

KEY = Key("delivery/one", b"k" * 32)
FRAME = pl.DataFrame(
    {
        "canary_column": ["Canarytest"] * 500 + [None],
        "token_surname": ["0123456789abcdef" * 2] * 501,
        "encoding_surname": [b"\x00\xff" * 32] * 500 + [None],
        "occurred_at": [datetime(2026, 7, 1, 12, tzinfo=UTC)] * 501,
        "occurred_on": [date(2026, 7, 1)] * 501,
        "knife": [True] * 501,
        "gravity": [3] * 501,
    },
    schema_overrides={"occurred_at": pl.Datetime("us", "UTC")},
)
NAME = "yot.cases/one.parquet"


@pytest.fixture
def settings(tmp_path):
    made = Settings(home=tmp_path)
    write_table(made, "records", NAME, KEY, FRAME, metadata={"delivery": "canary-delivery"})
    return made


@pytest.fixture
def path(settings):
    return settings.home / "zones" / "records" / "yot.cases" / "one.parquet"


def test_a_table_comes_back(settings):
    assert read_table(settings, "records", NAME, KEY).equals(FRAME)
    assert read_table(settings, "records", NAME, KEY).schema == FRAME.schema
    assert read_metadata(settings, "records", NAME, KEY) == {"delivery": "canary-delivery"}


def test_an_empty_table_comes_back(settings):
    write_table(settings, "events", "empty", KEY, FRAME.clear())
    assert read_table(settings, "events", "empty", KEY).equals(FRAME.clear())


def test_nothing_can_be_seen_in_the_bytes(path):
    content = path.read_bytes()
    assert content[:4] == content[-4:] == b"PARE"  # an encrypted footer, by the Parquet specification
    for secret in (b"canary", b"Canary", b"token_surname", b"0123456789abcdef", b"occurred", b"knife", b"\x00\xff" * 8):
        assert secret not in content


def test_plain_readers_fail(path):
    with pytest.raises(OSError, match="encrypted"):
        pq.read_table(path)
    with pytest.raises(pl.exceptions.PolarsError):
        pl.read_parquet(path)


def test_another_key_or_place_does_not_open_it(settings, path):
    with pytest.raises(SealBroken):
        read_table(settings, "records", NAME, Key(KEY.id, b"x" * 32))
    path.rename(path.with_name("two.parquet"))
    with pytest.raises(SealBroken):
        read_table(settings, "records", "yot.cases/two.parquet", KEY)
    with pytest.raises(FileMissing):
        read_table(settings, "records", NAME, KEY)


@pytest.mark.parametrize("place", [10, 300, -200, -20])
def test_an_altered_table_does_not_open(settings, path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(SealBroken) as refusal:
        read_table(settings, "records", NAME, KEY)
    assert "Canary" not in str(refusal.value)


def test_a_table_is_removed(settings, path):
    assert remove(uri(settings, "records", NAME))
    assert not path.exists()
    assert not remove(uri(settings, "records", NAME))


def test_zones_may_lie_in_another_store(tmp_path):
    elsewhere = Settings(home=tmp_path, storage_url="memory://table-test")
    write_table(elsewhere, "records", NAME, KEY, FRAME)
    assert read_table(elsewhere, "records", NAME, KEY).equals(FRAME)
