"""Rows of the register by their ids: those that are there, and no others."""

import polars as pl
from polars.testing import assert_frame_equal

from hub.database import transaction
from hub.settings import Settings
from linkage.bulk import append_rows
from linkage.models import Person
from linkage.registered.looked_up import look_up

COLUMNS = ["person_id", "founded_on_record", "ended_in"]


def ids(*numbers: int) -> pl.Series:
    return pl.Series([f"{number:032x}" for number in numbers], dtype=pl.String)


def persons() -> pl.DataFrame:
    ended = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("2026-Q4"))
    one = {"person_id": ids(*range(5_000)), "founded_on_record": ids(*range(5_000, 10_000)), "founded_in": "2026-Q3"}
    return pl.DataFrame(one).with_columns(ended_in=ended)


def test_whom_the_register_knows_is_found_once_with_what_is_known(settings: Settings) -> None:
    asked = ids(*range(4_000, 6_000), 4_000)
    with transaction(settings) as connection:
        append_rows(connection, Person, persons())
        found = look_up(connection, Person, asked, COLUMNS)
    known = persons().select(COLUMNS).filter(pl.col("person_id").is_in(asked.implode()))
    assert_frame_equal(found.sort("person_id"), known.sort("person_id"))


def test_nobody_is_found_where_nobody_is_asked_for_or_known(settings: Settings) -> None:
    with transaction(settings) as connection:
        append_rows(connection, Person, persons())
        for asked in (ids(), ids(9_999)):
            found = look_up(connection, Person, asked, COLUMNS)
            assert (found.columns, found.dtypes, found.height) == (COLUMNS, [pl.String] * 3, 0)
