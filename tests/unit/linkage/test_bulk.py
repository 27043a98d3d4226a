"""Rows come out of PostgreSQL as they went in, some at a time or all at once."""

import polars as pl
from polars.testing import assert_frame_equal

from hub.database import transaction
from hub.settings import Settings
from linkage.bulk import append_rows, read_columns, read_parts
from linkage.models import Person

COLUMNS = ["person_id", "founded_on_record", "ended_in"]
AWKWARD = ['a "b"', "c,d", "e\nf", " g ", "ü", "\\N", "NULL", "'"]


def test_every_row_is_in_one_part_and_every_value_is_itself(settings: Settings) -> None:
    ids = [*AWKWARD, *(f"{number:032x}" for number in range(2_000))]
    seen = {"founded_on_record": [None, "", *ids[2:]], "ended_in": [None] * len(ids), "founded_in": "2026-Q3"}
    rows = pl.DataFrame({"person_id": ids} | seen, schema_overrides={"ended_in": pl.String})
    with transaction(settings) as connection:
        append_rows(connection, Person, rows)
        whole = read_columns(connection, Person, COLUMNS)
        parts = list(read_parts(connection, Person, COLUMNS, pages=3))
    assert len(parts) > 3
    for read in (whole, pl.concat(parts)):
        assert_frame_equal(read.sort("person_id"), rows.select(COLUMNS).sort("person_id"))


def test_nothing_is_read_of_an_empty_table(settings: Settings) -> None:
    with transaction(settings) as connection:
        assert read_columns(connection, Person, COLUMNS).rows() == []
