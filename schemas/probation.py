"""The probation service's feed: persons under supervision, with their risk scores.

Names follow the HM Prison and Probation Service's APIs; predictors are those of OASys
(``schemas.predictors``); how one answer joins them with the supervision is *unverified*.
"""

from typing import Any

import polars as pl

from schemas import codes, offered, persons
from schemas.columns import column, derived, rule
from schemas.contract import Contract
from schemas.offences import exists
from schemas.predictors import UNREAD, Predictors
from schemas.readings import code, day, text, truth, whole_number
from schemas.reasons import Reason

CRN = r"^[A-Z]\d{6}$"
NOMS_NUMBER = r"^[A-Z]\d{4}[A-Z]{2}$"


def _rosh(source: str, whom: str) -> Any:
    return column(source, code(codes.ROSH), f"Risk of serious harm to {whom}", person=True, nullable=True)


def _not_less(sooner: str, later: str) -> pl.Expr:
    return pl.col(later) >= pl.col(sooner)


class Supervision(Predictors, offered.Offered):
    """One person under supervision for one order or licence, with its main requirement."""

    crn: str = column("crn", text(), "The service's case reference number of the person", person=True, str_matches=CRN)
    noms_number: str = column(
        "nomsNumber",
        text(NOMS_NUMBER),
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
    order_type: str = column("supervision.orderType", code(codes.ORDER_TYPE), "Kind of order or licence")
    offence_code: str = column(
        "supervision.mainOffenceCode",
        text(),
        "Home Office class and subclass of the main offence, CCC/SS",
        nullable=True,
    )
    intervention_kind: str = offered.kind("requirement.type", codes.REQUIREMENT)
    intervention_started_on: pl.Date = offered.started_on("requirement.startDate")
    intervention_ended_on: pl.Date = offered.ended_on("requirement.endDate")
    intervention_outcome: str = offered.outcome("requirement.outcome")
    rosh_public: str = _rosh("rosh.public", "the public")
    rosh_children: str = _rosh("rosh.children", "children")
    rosh_known_adult: str = _rosh("rosh.knownAdult", "a known adult")
    rosh_staff: str = _rosh("rosh.staff", "staff")
    mappa_category: str = column(
        "mappa.category",
        code(codes.MAPPA_CATEGORY),
        "Category of the MAPPA registration, if there is one",
        person=True,
        nullable=True,
        may_be_missing=True,
    )
    mappa_level: int = column(
        "mappa.level",
        whole_number(),
        "Level of multi-agency public protection, if registered",
        person=True,
        nullable=True,
        formerly=("mappaLevel",),
        in_range={"min_value": 1, "max_value": 3},
    )
    mappa_started_on: pl.Date = column(
        "mappa.startDate", day(), "When the registration began", person=True, nullable=True, may_be_missing=True
    )
    occurred_on: pl.Date = derived(pl.col("supervision_started_on"), "The day on which the supervision began")

    @rule("supervision_ended_on")
    def _ends_after_it_begins() -> pl.Expr:
        """A supervision does not end before it begins."""
        return pl.col("supervision_ended_on") >= pl.col("supervision_started_on")

    @rule("ogrs3_2_year")
    def _ogrs3_grows() -> pl.Expr:
        """Reconviction within two years is not less likely than within one (OGRS3)."""
        return _not_less("ogrs3_1_year", "ogrs3_2_year")

    @rule("ogp_2_year")
    def _ogp_grows() -> pl.Expr:
        """Reoffending within two years is not less likely than within one (OGP)."""
        return _not_less("ogp_1_year", "ogp_2_year")

    @rule("ovp_2_year")
    def _ovp_grows() -> pl.Expr:
        """Violent reoffending within two years is not less likely than within one (OVP)."""
        return _not_less("ovp_1_year", "ovp_2_year")

    @rule("mappa_level")
    def _a_registration_has_a_level() -> pl.Expr:
        """Who is in a MAPPA category is registered at a level."""
        return pl.col("mappa_level").is_not_null() | pl.col("mappa_category").is_null()

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
    ignored=UNREAD,
)
CONTRACTS = (SUPERVISION,)
