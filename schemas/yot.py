"""The youth offending team's feed: cases of the quarter, as case-level XML (field list *unverified*)."""

from typing import Any

import polars as pl

from schemas import codes, persons
from schemas.columns import Rows, column, derived, rule
from schemas.contract import Contract
from schemas.offences import exists
from schemas.readings import code, day, text, truth, whole_number
from schemas.reasons import Reason

CONCERN = codes.words("none", "low", "medium", "high")


def _indicator(source: str, known: Any, meaning: str) -> Any:
    return column(f"KeyIndicators.{source}", code(known), meaning, person=True, nullable=True)


def _rating(source: str, known: Any, meaning: str) -> Any:
    return column(f"AssetPlus.{source}", code(known), f"AssetPlus: {meaning}", person=True, nullable=True)


class YouthJusticeCase(Rows):
    """One child's case: offence, disposal, key indicators and ratings."""

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
    accommodation: str = _indicator("accommodation", codes.words("suitable", "unsuitable"), "Accommodation")
    education: str = _indicator("ete", codes.words("full", "part", "none"), "Education, training or employment")
    special_needs: bool = column(
        "KeyIndicators.send", truth(), "Special educational needs or disability", person=True, nullable=True
    )
    mental_health: str = _indicator("mentalHealth", CONCERN, "Concern for mental health")
    substance_misuse: str = _indicator("substanceMisuse", CONCERN, "Concern for substance misuse")
    reoffending_likelihood: str = _rating("likelihoodOfReoffending", codes.RATING, "likelihood of reoffending")
    serious_harm_risk: str = _rating("riskOfSeriousHarm", codes.RATING_TO_VERY_HIGH, "risk of serious harm to others")
    wellbeing_concern: str = _rating(
        "safetyAndWellbeing", codes.RATING_TO_VERY_HIGH, "concern for safety and well-being"
    )
    occurred_on: pl.Date = derived(pl.col("offence_on"), "The day of the offence")

    @rule("disposal_on")
    def _disposed_of_after_the_offence() -> pl.Expr:
        """A case is not disposed of before the offence."""
        return pl.col("disposal_on") >= pl.col("offence_on")

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
