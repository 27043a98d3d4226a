"""The hospital's feed: emergency attendances after assaults (ECDS, DCB1594).

There are two contracts. ``HEALTH_CLEAR`` is the hospital's own file; the source agent reads it
there, and it never leaves. ``EMERGENCY_CARE`` is what is delivered: pseudonymised at source,
because PCSC Act 2022 s.16(4)(b) does not let a health authority disclose personal information.

Place, intent, mechanism, activity, and alcohol and drugs are those of the Emergency Care Data Set v4; the names of its
columns and the members of its reference sets are *unverified*. Of several codes of one kind the first is sent.
"""

from typing import Any

import polars as pl

from schemas import codes, persons
from schemas.areas import CODE
from schemas.columns import Instant, Rows, column, derived, rule
from schemas.contract import Contract
from schemas.pseudonyms import Pseudonyms
from schemas.readings import code, day, flag, instant, second_reading, text, time_of_day, to_utc, whole_number

FEED = "health.emergency_care"
EVENT_TYPE = "emergency attendance"
ROLE = "patient"
SITE_CODE = r"^[A-Z][A-Z0-9]{4}$"
LOCATION_WORDS = codes.ASSAULT_LOCATION.words()

_INJURY = {
    "place_of_injury": (codes.PLACE_OF_INJURY, "Where the patient was injured"),
    "injury_mechanism": (codes.INJURY_MECHANISM, "What injured the patient"),
    "injury_activity": (codes.INJURY_ACTIVITY, "What the patient was doing when injured"),
    "substances": (codes.SUBSTANCES, "Whether alcohol or drugs were involved"),
}


def _injury(source: str, name: str) -> Any:
    known, meaning = _INJURY[name]
    reading = code(known if source != name else known.words())
    return column(source, reading, meaning, nullable=True, may_be_missing=True)


_arrived = to_utc(pl.col("arrival_on").dt.combine(pl.col("arrival_time")))
_assaulted = to_utc(pl.col("assault_on").dt.combine(pl.col("assault_time")))


class ClearAttendance(Rows):
    """One attendance as the hospital holds it."""

    attendance_id: str = column("ATTENDANCE IDENTIFIER", text(), "The hospital's reference of the attendance")
    site_code: str = column(
        "SITE CODE (OF TREATMENT)", text(), "Organisation site code of the hospital", str_matches=SITE_CODE
    )
    arrival_on: pl.Date = column("ARRIVAL DATE", day(), "The day of arrival")
    arrival_time: pl.Time = column("ARRIVAL TIME", time_of_day(), "The time of arrival, local", nullable=True)
    assault_on: pl.Date = column("ASSAULT DATE", day(), "The day of the assault, if known", nullable=True)
    assault_time: pl.Time = column("ASSAULT TIME", time_of_day(), "The time of the assault, local", nullable=True)
    assault_location: str = column(
        "ASSAULT LOCATION TYPE", code(codes.ASSAULT_LOCATION), "Kind of place of the assault", nullable=True
    )
    assault_location_description: str = column(
        "ASSAULT LOCATION DESCRIPTION",
        text(),
        "The place as the patient told it; free text",
        private=True,
        nullable=True,
    )
    assault_method: str = column(
        "ASSAULT METHOD", code(codes.ASSAULT_METHOD), "How the patient was attacked", nullable=True
    )
    injury_intent: str = column("INJURY INTENT", code(codes.INJURY_INTENT), "Intent behind the injury", nullable=True)
    alcohol: bool = column("ALCOHOL INVOLVED", flag(), "Whether alcohol was involved", nullable=True)
    place_of_injury: str = _injury("EMERGENCY CARE PLACE OF INJURY (SNOMED CT)", "place_of_injury")
    injury_mechanism: str = _injury("EMERGENCY CARE INJURY MECHANISM (SNOMED CT)", "injury_mechanism")
    injury_activity: str = _injury("EMERGENCY CARE INJURY ACTIVITY TYPE (SNOMED CT)", "injury_activity")
    substances: str = _injury("EMERGENCY CARE INJURY ALCOHOL OR DRUG INVOLVEMENT (SNOMED CT)", "substances")
    nhs_number: str = persons.nhs_number("NHS NUMBER")
    forename: str = persons.forename("PERSON GIVEN NAME")
    surname: str = persons.surname("PERSON FAMILY NAME")
    date_of_birth: pl.Date = persons.date_of_birth("PERSON BIRTH DATE")
    sex: str = persons.sex("PERSON STATED GENDER CODE", codes.SEX_NHS)
    ethnic_group: str = persons.ethnic_group("ETHNIC CATEGORY", codes.ETHNICITY_NHS)
    postcode: str = persons.postcode("POSTCODE OF USUAL ADDRESS")
    lsoa_code: str = column(
        "LSOA OF INCIDENT", text(), "Small area (LSOA 2021) of the assault; blank outside the borough", nullable=True
    )
    occurred_at: Instant = derived(_assaulted, "When the assault happened, in UTC, if its time is known")
    occurred_on: pl.Date = derived(
        pl.coalesce("assault_on", "arrival_on"), "The day of the assault; if not known, of the arrival"
    )
    ward_code: str = derived(None, "Ward (2022) of the assault; blank outside the borough")

    @rule("arrival_on")
    def _arrives_after_the_assault() -> pl.Expr:
        """A patient does not arrive before the assault.

        Compared by time where both are known, else by day; an arrival time that came twice that night is the later.
        """
        return pl.coalesce(second_reading(_arrived) >= _assaulted, pl.col("arrival_on") >= pl.col("assault_on"))


class EmergencyAttendance(Pseudonyms):
    """One attendance as it is delivered: attributes under the hub's names, tokens, encodings, references."""

    site_code: str = column("site_code", text(), "Organisation site code of the hospital", str_matches=SITE_CODE)
    arrival_on: pl.Date = column("arrival_on", day(), "The day of arrival")
    assault_location: str = column(
        "assault_location", code(LOCATION_WORDS), "Kind of place of the assault", nullable=True
    )
    assault_method: str = column(
        "assault_method", code(codes.ASSAULT_METHOD), "How the patient was attacked", nullable=True
    )
    injury_intent: str = column(
        "injury_intent", code(codes.INJURY_INTENT.words()), "Intent behind the injury", nullable=True
    )
    alcohol: bool = column("alcohol", flag("true", "false"), "Whether alcohol was involved", nullable=True)
    place_of_injury: str = _injury("place_of_injury", "place_of_injury")
    injury_mechanism: str = _injury("injury_mechanism", "injury_mechanism")
    injury_activity: str = _injury("injury_activity", "injury_activity")
    substances: str = _injury("substances", "substances")
    occurred_at: Instant = column(
        "occurred_at", instant(), "When the assault happened, in UTC, if its time is known", nullable=True
    )
    occurred_on: pl.Date = column("occurred_on", day(), "The day of the assault; if not known, of the arrival")
    lsoa_code: str = column(
        "lsoa_code", text(), "Small area (LSOA 2021) of the assault; blank outside the borough", nullable=True
    )
    ward_code: str = column(
        "ward_code", text(), "Ward (2022) of the assault; found again from the small area", nullable=True
    )
    sex: str = column("sex", code(codes.words(*codes.SEXES), blank="unknown"), "Sex", person=True)
    ethnic_group: str = column(
        "ethnic_group", code(codes.words(*codes.ETHNIC_GROUPS), blank="unknown"), "Broad ethnic group", person=True
    )
    birth_year: int = column(
        "birth_year",
        whole_number(),
        "Year of birth",
        person=True,
        nullable=True,
        in_range={"min_value": 1900, "max_value": 2099},
    )

    @rule("arrival_on")
    def _arrives_after_the_assault() -> pl.Expr:
        """A patient does not arrive before the day of the assault."""
        return pl.col("arrival_on") >= pl.col("occurred_on")


HEALTH_CLEAR = Contract(
    feed=FEED,
    model=ClearAttendance,
    event_type=EVENT_TYPE,
    event_key=("attendance_id",),
    record_key=("attendance_id",),
    role=ROLE,
    period_column="arrival_on",
    place=CODE,
)
EMERGENCY_CARE = Contract(
    feed=FEED,
    model=EmergencyAttendance,
    event_type=EVENT_TYPE,
    event_key=("reference",),
    record_key=("reference",),
    role=ROLE,
    period_column="arrival_on",
    place=CODE,
)
CONTRACTS = (EMERGENCY_CARE,)
