"""The hospital's return of assaults: Information Sharing to Tackle Violence (DCB1594). It has no persons and no keys.

Each row repeats the return's header: reporting period and site. Two rows may be the very same and both be true, when
two friends come in together, so a row is told apart by all that it says and by how many such rows came before it. A
return is small and read in one batch; were it not, a true double in another batch would be quarantined as repeated.
For want of a key a mended row cannot answer to one in quarantine: a mended return comes whole.
What the patient told of the place is free text: it is never kept.

Source: NHS England, DCB1594 Information Sharing to Tackle Violence (data items and location codes); the file's layout
is *unverified*.
"""

import polars as pl

from schemas import codes
from schemas.columns import Instant, Rows, column, derived, rule
from schemas.contract import Contract
from schemas.health import SITE_CODE
from schemas.readings import code, day, second_reading, text, time_of_day, to_utc
from schemas.reasons import Reason

_SAID = (
    "period_started_on", "period_ended_on", "site_code", "arrival_on", "arrival_time", "assault_on", "assault_time",
    "assault_location", "assault_method",
)  # fmt: skip
_arrived = to_utc(pl.col("arrival_on").dt.combine(pl.col("arrival_time")))
_assaulted = to_utc(pl.col("assault_on").dt.combine(pl.col("assault_time")))
_same_before = pl.int_range(pl.len()).over(_SAID)


class AssaultAttendance(Rows):
    """One attendance after an assault, without the person."""

    period_started_on: pl.Date = column(
        "REPORTING PERIOD START DATE", day(), "The first day that the return is for; the same in every row"
    )
    period_ended_on: pl.Date = column(
        "REPORTING PERIOD END DATE", day(), "The last day that the return is for; the same in every row"
    )
    site_code: str = column(
        "SITE CODE (OF TREATMENT)", text(), "Organisation site code of the hospital", str_matches=SITE_CODE
    )
    arrival_on: pl.Date = column("ARRIVAL DATE", day(), "The day of arrival")
    arrival_time: pl.Time = column(
        "ARRIVAL TIME", time_of_day(), "The time of arrival, local", private=True, nullable=True
    )
    assault_on: pl.Date = column("ASSAULT DATE", day(), "The day of the assault, if known", nullable=True)
    assault_time: pl.Time = column(
        "ASSAULT TIME", time_of_day(), "The time of the assault, local", private=True, nullable=True
    )
    assault_method: str = column(
        "ASSAULT METHOD", code(codes.ASSAULT_METHOD), "How the patient was attacked", nullable=True
    )
    assault_location: str = column(
        "ASSAULT LOCATION TYPE", code(codes.ASSAULT_LOCATION), "Kind of place of the assault", nullable=True
    )
    assault_location_description: str = column(
        "ASSAULT LOCATION DESCRIPTION", text(), "The place as the patient told it", private=True, nullable=True
    )
    record: str = derived(
        pl.concat_str(
            *(pl.col(name).cast(pl.String).fill_null("") for name in _SAID),
            _same_before.cast(pl.String),
            separator="|",
        ),
        "What tells the row apart: all it says but free text, and how many such rows came before it",
        nullable=False,
    )
    occurred_at: Instant = derived(_assaulted, "When the assault happened, in UTC, if its time is known")
    occurred_on: pl.Date = derived(
        pl.coalesce("assault_on", "arrival_on"), "The day of the assault; if not known, of the arrival"
    )

    @rule("arrival_on")
    def _arrives_after_the_assault() -> pl.Expr:
        """A patient does not arrive before the assault.

        Compared by time where both are known, else by day; an arrival time that came twice that night is the later.
        """
        return pl.coalesce(second_reading(_arrived) >= _assaulted, pl.col("arrival_on") >= pl.col("assault_on"))

    @rule("period_ended_on", Reason.OUTSIDE_PERIOD)
    def _period_lies_within_one_quarter() -> pl.Expr:
        """The reporting period does not end before it starts, nor in another quarter."""
        starts, ends = pl.col("period_started_on"), pl.col("period_ended_on")
        return (ends >= starts) & (ends.dt.truncate("1q") == starts.dt.truncate("1q"))

    @rule("arrival_on", Reason.OUTSIDE_PERIOD)
    def _arrives_within_the_reporting_period() -> pl.Expr:
        """A patient arrives within the reporting period."""
        return pl.col("arrival_on").is_between(pl.col("period_started_on"), pl.col("period_ended_on"))


ASSAULT_ATTENDANCES = Contract(
    feed="health.assault_attendances",
    model=AssaultAttendance,
    event_type="assault attendance",
    event_key=("record",),
    period_column="period_started_on",
)
CONTRACTS = (ASSAULT_ATTENDANCES,)
