"""The council's feeds: exclusions from school, and referrals to the domestic abuse conference (MARAC).

Exclusion codes are those of the Department for Education's Common Basic Data Set; the layouts
of both tables are *unverified*.
"""

import polars as pl

from schemas import codes, persons
from schemas.codes import council as lists
from schemas.columns import Rows, column, derived
from schemas.contract import Contract
from schemas.readings import code, day, text, truth, whole_number


class Exclusion(Rows):
    """One suspension or permanent exclusion of one pupil."""

    exclusion_id: str = column("exclusion_id", text(), "The council's reference of the exclusion")
    upn: str = column("upn", text(), "Unique pupil number", person=True, private=True, nullable=True)
    forename: str = persons.forename("forename")
    surname: str = persons.surname("surname")
    date_of_birth: pl.Date = persons.date_of_birth("date_of_birth")
    sex: str = persons.sex("gender", codes.SEX_LETTERS)
    ethnic_group: str = persons.ethnic_group("ethnicity", codes.ETHNICITY_DFE)
    postcode: str = persons.postcode("postcode")
    uprn: str = persons.home_uprn("uprn")
    school_urn: int = column(
        "school_urn", whole_number(), "Unique reference number of the school", nullable=True, ge=100_000, le=999_999
    )
    exclusion_type: str = column("category", code(lists.EXCLUSION_CATEGORY), "Suspension or permanent exclusion")
    exclusion_reason: str = column("reason", code(lists.EXCLUSION_REASON), "Main reason")
    exclusion_started_on: pl.Date = column("start_date", day(), "First day of the exclusion")
    sessions_missed: int = column(
        "sessions", whole_number(), "Half days missed", nullable=True, in_range={"min_value": 0, "max_value": 400}
    )
    sen_provision: str = column(
        "sen_provision",
        code(lists.SEN_PROVISION),
        "Provision for special educational needs",
        person=True,
        nullable=True,
    )
    period: str = column("period", text(), "The quarter that the row was reported for", nullable=True)
    occurred_on: pl.Date = derived(pl.col("exclusion_started_on"), "First day of the exclusion")


class MaracReferral(Rows):
    """One referral of a victim to the multi-agency risk assessment conference."""

    referral_id: str = column("referral_id", text(), "The council's reference of the referral")
    meeting_on: pl.Date = column("meeting_date", day(), "When the conference heard the case")
    referring_agency: str = column("referring_agency", code(codes.REFERRER), "Who referred the victim", nullable=True)
    repeat_case: bool = column("repeat_case", truth(), "Heard before within twelve months", nullable=True)
    children_count: int = column(
        "children_count",
        whole_number(),
        "Children in the household",
        nullable=True,
        in_range={"min_value": 0, "max_value": 25},
    )
    forename: str = persons.forename("victim_forename")
    surname: str = persons.surname("victim_surname")
    date_of_birth: pl.Date = persons.date_of_birth("victim_date_of_birth")
    sex: str = persons.sex("victim_gender", codes.SEX_LETTERS)
    ethnic_group: str = persons.ethnic_group("victim_ethnicity", codes.ETHNICITY_SELF_DEFINED)
    postcode: str = persons.postcode("victim_postcode")
    uprn: str = persons.home_uprn("victim_uprn")
    period: str = column("period", text(), "The quarter that the row was reported for", nullable=True)
    occurred_on: pl.Date = derived(pl.col("meeting_on"), "The day of the conference")


EXCLUSIONS = Contract(
    feed="council.exclusions",
    model=Exclusion,
    event_type="exclusion",
    event_key=("exclusion_id",),
    record_key=("exclusion_id",),
    role="pupil",
    period_column="exclusion_started_on",
)
MARAC = Contract(
    feed="council.marac",
    model=MaracReferral,
    event_type="MARAC referral",
    event_key=("referral_id",),
    record_key=("referral_id",),
    role="victim",
    period_column="meeting_on",
)
CONTRACTS = (EXCLUSIONS, MARAC)
