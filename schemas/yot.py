"""The youth offending team's feed: cases of the quarter, as case-level XML (names and codes *unverified*).

Of the Youth Justice Board's ten key indicators nine are told of a case: accommodation; education, training and
employment; special needs; mental health; substance misuse; out-of-court disposals; links to wider services; serious
violence; victims. The tenth, who attends the management board, is no matter of a case.
"""

from typing import Any

import polars as pl

from schemas import codes, offered, persons
from schemas.columns import column, derived, rule
from schemas.contract import Contract
from schemas.offences import exists
from schemas.readings import code, day, text, truth, whole_number
from schemas.reasons import Reason

_SERIOUS_GRAVITY = 5


def _indicator(source: str, known: Any, meaning: str) -> Any:
    return column(f"KeyIndicators.{source}", code(known), meaning, person=True, nullable=True)


def _later(source: str, known: Any, meaning: str, person: bool = False) -> Any:
    """An indicator that came in 2023; older returns lack it."""
    reading = code(known)
    return column(f"KeyIndicators.{source}", reading, meaning, person=person, nullable=True, may_be_missing=True)


def _rating(source: str, known: Any, meaning: str) -> Any:
    return column(f"AssetPlus.{source}", code(known), f"AssetPlus: {meaning}", person=True, nullable=True)


class YouthJusticeCase(offered.Offered):
    """One child's case: offence, disposal, intervention, key indicators and ratings."""

    case_id: str = column("id", text(), "The team's reference of the case")
    forename: str = persons.forename("Person.Forename")
    surname: str = persons.surname("Person.Surname")
    date_of_birth: pl.Date = persons.date_of_birth("Person.DateOfBirth")
    sex: str = persons.sex("Person.Sex", codes.SEX_LETTERS)
    ethnic_group: str = persons.ethnic_group("Person.Ethnicity", codes.ETHNICITY_SELF_DEFINED)
    pnc_id: str = persons.pnc_id("Person.PNCID")
    postcode: str = persons.postcode("Person.Postcode")
    uprn: str = persons.home_uprn("Person.UPRN")
    offence_code: str = column("Offence.code", text(), "Home Office class and subclass of the offence, CCC/SS")
    offence_on: pl.Date = column("Offence.date", day(), "When the offence was committed")
    offence_gravity: int = column(
        "Offence.gravity",
        whole_number(),
        "Youth Justice Board gravity score, 1 to 8",
        nullable=True,
        in_range={"min_value": 1, "max_value": 8},
    )
    disposal: str = column("Disposal.code", code(codes.DISPOSAL), "How the case was disposed of", nullable=True)
    disposal_on: pl.Date = column("Disposal.date", day(), "When it was disposed of", nullable=True)
    intervention_kind: str = offered.kind("Intervention.kind", codes.YOUTH_INTERVENTION)
    intervention_started_on: pl.Date = offered.started_on("Intervention.startDate")
    intervention_ended_on: pl.Date = offered.ended_on("Intervention.endDate")
    intervention_outcome: str = offered.outcome("Intervention.outcome")
    accommodation: str = _indicator("accommodation", codes.ACCOMMODATION, "Accommodation")
    education: str = _indicator("ete", codes.EDUCATION, "Education, training or employment")
    special_needs: bool = column(
        "KeyIndicators.send", truth(), "Special educational needs or disability", person=True, nullable=True
    )
    mental_health: str = _indicator("mentalHealth", codes.CONCERN, "Concern for mental health")
    substance_misuse: str = _indicator("substanceMisuse", codes.CONCERN, "Concern for substance misuse")
    wider_services: str = _later("widerServices", codes.WIDER_SERVICES, "Highest tier of other services", person=True)
    out_of_court: str = _later("outOfCourt", codes.OUT_OF_COURT, "What became of an out-of-court disposal", person=True)
    serious_violence: bool = column(
        "KeyIndicators.seriousViolence",
        truth(),
        "Counted as serious violence: violence, robbery or drugs of gravity 5 and more",
        nullable=True,
        may_be_missing=True,
    )
    victim_contact: str = _later("victims", codes.VICTIM_CONTACT, "Whether the victim was reached and took part")
    assessed_on: pl.Date = column(
        "AssetPlus.completed",
        day(),
        "When the assessment was completed",
        person=True,
        nullable=True,
        may_be_missing=True,
    )
    reoffending_likelihood: str = _rating(
        "likelihoodOfReoffending", codes.ASSET_PLUS_LIKELIHOOD, "likelihood of reoffending"
    )
    serious_harm_risk: str = _rating("riskOfSeriousHarm", codes.ASSET_PLUS_RATING, "risk of serious harm to others")
    wellbeing_concern: str = _rating("safetyAndWellbeing", codes.ASSET_PLUS_RATING, "concern for safety and well-being")
    occurred_on: pl.Date = derived(pl.col("offence_on"), "The day of the offence")

    @rule("disposal_on")
    def _disposed_of_after_the_offence() -> pl.Expr:
        """A case is not disposed of before the offence."""
        return pl.col("disposal_on") >= pl.col("offence_on")

    @rule("out_of_court")
    def _only_disposals_out_of_court_are_told_of() -> pl.Expr:
        """A disposal that a court made has no outcome as one out of court."""
        return ~pl.col("disposal").is_in(list(codes.IN_COURT)) | pl.col("out_of_court").is_null()

    @rule("serious_violence")
    def _serious_violence_is_grave() -> pl.Expr:
        """What counts as serious violence has a gravity of 5 or more."""
        return ~pl.col("serious_violence") | (pl.col("offence_gravity") >= _SERIOUS_GRAVITY)

    @rule("offence_code", Reason.UNKNOWN_CODE)
    def _offence_exists() -> pl.Expr:
        """Offence class and subclass exist: the code, written CCC/SS, stands in the Home Office's list."""
        return exists("offence_code")


CASES = Contract(
    feed="yot.cases",
    model=YouthJusticeCase,
    event_type="youth justice case",
    event_key=("case_id",),
    record_key=("case_id",),
    role="child",
    rows_at="Case",
)
CONTRACTS = (CASES,)
