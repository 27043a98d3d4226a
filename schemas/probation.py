"""The probation service's feed: persons under supervision, with their risk scores.

Names follow the HM Prison and Probation Service's APIs; predictors are those of OASys.
"""

from typing import Any

import polars as pl

from schemas import codes, persons
from schemas.columns import Rows, column, derived, rule
from schemas.contract import Contract
from schemas.offences import exists
from schemas.readings import code, day, number, text, truth, whole_number
from schemas.reasons import Reason

ORDER_TYPE = codes.words("Community Order", "Suspended Sentence Order", "Licence", "Post Sentence Supervision")
ROSH = codes.words("LOW", "MEDIUM", "HIGH", "VERY_HIGH")
_PERCENT = {"min_value": 0, "max_value": 100}


def _score(source: str, meaning: str) -> Any:
    return column(source, number(), f"{meaning}, per cent", person=True, nullable=True, in_range=_PERCENT)


def _rosh(source: str, whom: str) -> Any:
    return column(source, code(ROSH), f"Risk of serious harm to {whom}", person=True, nullable=True)


class Supervision(Rows):
    """One person under supervision for one order or licence."""

    crn: str = column("crn", text(), "The service's case reference number of the person", person=True)
    noms_number: str = column(
        "nomsNumber",
        text(),
        "Prison number, if the person was ever in prison",
        person=True,
        private=True,
        nullable=True,
    )
    pnc_id: str = persons.pnc_id("pncNumber")
    forename: str = persons.forename("name.forename")
    surname: str = persons.surname("name.surname")
    middle_name: str = column("name.middleName", text(), "Middle name", person=True, private=True, nullable=True)
    date_of_birth: pl.Date = persons.date_of_birth("dateOfBirth")
    sex: str = persons.sex("gender", codes.SEX_WORDS)
    ethnic_group: str = persons.ethnic_group("ethnicity", codes.ETHNICITY_SELF_DEFINED)
    postcode: str = persons.postcode("address.postcode")
    uprn: str = persons.home_uprn("address.uprn")
    limited_access: bool = column(
        "limitedAccessOffender",
        truth(),
        "Access to the record is barred; such a row is never kept",
        person=True,
        private=True,
    )
    supervision_number: int = column("supervision.eventNumber", whole_number(), "Which of the person's orders", ge=0)
    supervision_started_on: pl.Date = column("supervision.startDate", day(), "When the supervision began")
    supervision_ended_on: pl.Date = column(
        "supervision.endDate", day(), "When it ended or is to end; blank while open", nullable=True, may_lie_ahead=True
    )
    order_type: str = column("supervision.orderType", code(ORDER_TYPE), "Kind of order or licence")
    offence_code: str = column(
        "supervision.mainOffenceCode",
        text(),
        "Home Office class and subclass of the main offence, CCC/SS",
        nullable=True,
    )
    ogrs3_1_year: float = _score("riskPredictors.ogrs31Year", "OGRS3: reconviction within one year")
    ogrs3_2_year: float = _score("riskPredictors.ogrs32Year", "OGRS3: reconviction within two years")
    ogrs4_general_2_year: float = _score("riskPredictors.ogrs4gYr2", "OGRS4: any reoffending within two years")
    ogrs4_violent_2_year: float = _score("riskPredictors.ogrs4vYr2", "OGRS4: violent reoffending within two years")
    ovp: float = _score("riskPredictors.OVP", "OASys violence predictor")
    osp: float = _score("riskPredictors.OSP", "OASys sexual reoffending predictor")
    rsr: float = _score("riskPredictors.rsrPercentageScore", "Risk of serious recidivism")
    rsr_level: str = column(
        "riskPredictors.scoreLevel",
        code(codes.RATING_TO_VERY_HIGH),
        "Risk of serious recidivism, banded",
        person=True,
        nullable=True,
    )
    rosh_public: str = _rosh("rosh.public", "the public")
    rosh_children: str = _rosh("rosh.children", "children")
    rosh_known_adult: str = _rosh("rosh.knownAdult", "a known adult")
    rosh_staff: str = _rosh("rosh.staff", "staff")
    mappa_level: int = column(
        "mappaLevel",
        whole_number(),
        "Level of multi-agency public protection, if registered",
        person=True,
        nullable=True,
        in_range={"min_value": 1, "max_value": 3},
    )
    occurred_on: pl.Date = derived(pl.col("supervision_started_on"), "The day on which the supervision began")

    @rule("supervision_ended_on")
    def _ends_after_it_begins() -> pl.Expr:
        """A supervision does not end before it begins."""
        return pl.col("supervision_ended_on") >= pl.col("supervision_started_on")

    @rule("offence_code", Reason.UNKNOWN_CODE)
    def _offence_exists() -> pl.Expr:
        """Offence class and subclass exist: the code, written CCC/SS, stands in the Home Office's list."""
        return exists("offence_code")


SUPERVISION = Contract(
    feed="probation.supervision",
    model=Supervision,
    event_type="supervision",
    event_key=("crn", "supervision_number"),
    record_key=("crn",),
    role="supervised person",
    rows_at="content",
    blocked_by="limited_access",
)
CONTRACTS = (SUPERVISION,)
