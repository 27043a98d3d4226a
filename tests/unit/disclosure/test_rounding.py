"""Rounded tables: what a reader of a web page sees, and what not."""

import polars as pl

from disclosure.dimensions import Dimension
from disclosure.rounding import rounded
from disclosure.tables import counted

SEX, AREA = Dimension.flat("sex", ("F", "M")), Dimension.flat("area", ("east", "west"))


def test_totals_are_made_of_the_rounded_parts_that_are_shown() -> None:
    rows = [("F", "east")] * 13 + [("M", "east")] * 7 + [("F", "west")] * 22 + [("M", "west")] * 3
    frame = pl.DataFrame(rows, schema=["sex", "area"], orient="row")
    shown = rounded(counted(frame, [SEX, AREA]), 8, 5).frame()
    assert shown.rows() == [
        ("all", "all", 35), ("all", "east", 15), ("all", "west", 20),
        ("F", "all", 35), ("F", "east", 15), ("F", "west", 20),
        ("M", "all", None), ("M", "east", None), ("M", "west", None),
    ]  # fmt: skip


def test_nobody_is_shown_as_nobody() -> None:
    frame = pl.DataFrame([("F", "east")] * 10, schema=["sex", "area"], orient="row")
    shown = dict.fromkeys(["F", "M"])
    for sex, area, value in rounded(counted(frame, [SEX, AREA]), 8, 5).frame().iter_rows():
        if area == "west" and sex in shown:
            assert value == 0
