"""How one text becomes one value."""

from datetime import UTC, date, datetime, time

import polars as pl
import pytest

from schemas import readings
from schemas.readings import Reading

INSTANT = readings.local_instant("%d/%m/%Y %H:%M")


@pytest.mark.parametrize(
    ("reading", "text", "value"),
    [
        (readings.whole_number(), "123", 123),
        (readings.whole_number(), "123.0", 123),
        (readings.whole_number(), "-4", -4),
        (readings.whole_number(), "1.5", None),
        (readings.whole_number(), "1e3", None),
        (readings.whole_number(), "9" * 19, None),
        (readings.whole_number(), "\u0661\u0662", None),
        (readings.number(), "51.376900", 51.3769),
        (readings.number(), "-0.28", -0.28),
        (readings.number(), "inf", None),
        (readings.number(), "nan", None),
        (readings.number(), "1e999", None),
        (readings.day(), "2024-02-29", date(2024, 2, 29)),
        (readings.day(), "2023-02-29", None),
        (readings.day(), "2026-8-1", date(2026, 8, 1)),
        (readings.day(), "2026-08-01T00:00:00", None),
        (readings.day("%Y-%m"), "2016-04", date(2016, 4, 1)),
        (readings.day("%Y-%m"), "2016-13", None),
        (readings.day("%d/%m/%Y"), "01/08/2026", date(2026, 8, 1)),
        (readings.day("%d/%m/%Y"), "08/13/2026", None),
        (readings.day("%d/%m/%Y"), "01/08/26", date(26, 8, 1)),
        (readings.time_of_day(), "23:59:59", time(23, 59, 59)),
        (readings.time_of_day(), "24:00:00", None),
        (INSTANT, "01/07/2026 12:00", datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (INSTANT, "01/01/2026 12:00", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        (INSTANT, "29/03/2026 01:30", None),
        (INSTANT, "25/10/2026 01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (readings.instant(), "2026-07-01T12:00:00.000000Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        (readings.instant(), "2026-07-01T12:00:00+01:00", datetime(2026, 7, 1, 11, tzinfo=UTC)),
        (readings.instant(), "2026-07-01T12:00:00", None),
        (readings.flag(), "Y", True),
        (readings.flag(), "N", False),
        (readings.flag(), "y", None),
        (readings.flag(), None, None),
        (readings.truth(), "false", False),
        (readings.code({"1": "male"}), "1", "male"),
        (readings.code({"1": "male"}), "2", None),
        (readings.code({"1": "male"}, blank="unknown"), None, "unknown"),
        (readings.uprn(), "100021000001", "100021000001"),
        (readings.uprn(), "100021000001.0", "100021000001"),
        (readings.uprn(), "1.00021E+11", None),
        (readings.uprn(), "1000210000012", None),
    ],
)
def test_reading(reading: Reading, text: str | None, value: object) -> None:
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    read = frame.select(reading.typed(pl.col("text")).alias("value"))["value"]
    assert read.to_list() == [value]
    assert read.dtype == reading.dtype
