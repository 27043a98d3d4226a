"""A delivery of tens of millions of rows is held against itself in the memory that it is given."""

from pathlib import Path

import numpy as np
import polars as pl

from schemas import crossing_sql as sql
from tests.cases import takes_long

ROWS, AT_ONCE = 24_000_000, 500_000


@takes_long
def test_the_keys_of_a_very_large_delivery_need_no_more_memory_than_they_are_given(tmp_path: Path) -> None:
    drawn, database = np.random.default_rng(20261126), sql.Database(tmp_path)
    for first in range(0, ROWS, AT_ONCE):
        halves = ("key_a", "key_b", "event_a", "event_b", "record_a", "record_b")
        hashed = {name: drawn.integers(0, 2**64, AT_ONCE, dtype=np.uint64) for name in halves}
        if first:  # the first row of each batch has the key of the very first
            hashed["key_a"][0], hashed["key_b"][0] = 1, 2
        plain = {"generation": np.int32(0), "sound": True, "barred": False, "deleted": False}
        flags = {name: np.full(AT_ONCE, value) for name, value in plain.items()}
        ordinal = {"ordinal": np.arange(first, first + AT_ONCE)}
        database.insert("seen", "*", pl.DataFrame(ordinal | flags | hashed))
    database.execute(sql.STEPS["repeated"])
    repeated = np.concatenate(list(database.ordinals("SELECT ordinal FROM repeated ORDER BY ordinal")))
    assert repeated.tolist() == list(range(AT_ONCE, ROWS - AT_ONCE, AT_ONCE))  # all but the last of them
    assert sum(map(len, database.ordinals(sql.last_of("event")))) == ROWS - len(repeated)
    database.close()
