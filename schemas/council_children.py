"""The council's children in need and looked-after children, in the terms of the Department for Education's returns.

Column names are those of the children in need census and of the SSDA903 return, which hold no names and no address;
the views that the council makes for the hub add these from its case system. The layout of the views is *unverified*.
Of the many factors that an assessment may find, the hub keeps those that bear on serious violence, each as a yes.
"""

import polars as pl

from schemas import codes, persons
from schemas.codes import children as lists
from schemas.columns import Rows, column, derived, rule
from schemas.contract import Contract
from schemas.readings import code, day, text, whole_number
from schemas.reasons import Reason
from schemas.upn import UPN, rightly_lettered

_PERIOD = "The quarter that the row was reported for"
_FACTORS = rf"^(?:{'|'.join(lists.ASSESSMENT_FACTOR)})(?: (?:{'|'.join(lists.ASSESSMENT_FACTOR)}))*$"


def _factor(*factors: str) -> pl.Expr:
    """Whether one of these factors was found; null where no assessment is told of."""
    return pl.col("assessment_factors").str.contains(rf"(?:^| )(?:{'|'.join(factors)})(?: |$)")


class Need(Rows):
    """What the hub makes of a child's need, however it is delivered, and the rules of the census that bear on it."""

    child_protection_plan: bool = derived(pl.col("plan_started_on").is_not_null(), "Whether a protection plan began")
    factor_domestic_violence: bool = derived(_factor("3A", "3B", "3C"), "Assessment found: domestic violence")
    factor_substance_misuse: bool = derived(
        _factor("1A", "1B", "1C", "2A", "2B", "2C"), "Assessment found: misuse of alcohol or drugs, in the household"
    )
    factor_exploitation: bool = derived(
        _factor("11A", "12A", "24A"), "Assessment found: sexual or criminal exploitation, or trafficking"
    )
    factor_gangs: bool = derived(_factor("13A"), "Assessment found: gangs")
    factor_missing: bool = derived(_factor("10A"), "Assessment found: going missing")
    factor_harm_by_child: bool = derived(_factor("18B", "19B"), "Assessment found: abuse by another child")
    occurred_on: pl.Date = derived(pl.col("need_referred_on"), "The day of the referral")

    @rule("upn", Reason.WRONG_FORM)
    def _upn_is_rightly_lettered() -> pl.Expr:
        """A unique pupil number has its form and the right check letter (census rules 1510 to 1550)."""
        return pl.col("upn").is_null() | rightly_lettered(pl.col("upn")).fill_null(value=False)

    @rule("assessment_factors", Reason.UNKNOWN_CODE)
    def _factors_are_known() -> pl.Expr:
        """Every assessment factor is in the census's list; several stand with one space between them."""
        return pl.col("assessment_factors").str.contains(_FACTORS)

    @rule("closed_on")
    def _closed_after_the_referral() -> pl.Expr:
        """A case is not closed before the referral."""
        return pl.col("closed_on") >= pl.col("need_referred_on")

    @rule("closure_reason")
    def _closed_for_a_reason() -> pl.Expr:
        """A case is closed on a day and for a reason, or neither."""
        return pl.col("closure_reason").is_null() == pl.col("closed_on").is_null()

    @rule("plan_category")
    def _plan_has_a_category() -> pl.Expr:
        """A protection plan has a start and a category of abuse, or neither."""
        return pl.col("plan_category").is_null() == pl.col("plan_started_on").is_null()


class ChildInNeed(Need):
    """One referral of a child to children's social care, as a view of the council's case system gives it."""

    child_id: str = column("LAchildID", text(), "The council's reference of the child")
    need_referred_on: pl.Date = column("CINreferralDate", day(), "When the child was referred")
    episode_number: int = column("EpisodeID", whole_number(), "The view's own number of the row", private=True)
    upn: str = column("UPN", text(UPN), "Unique pupil number", person=True, private=True, nullable=True)
    forename: str = persons.forename("Forename")
    surname: str = persons.surname("Surname")
    date_of_birth: pl.Date = persons.date_of_birth("PersonBirthDate")
    sex: str = persons.sex("GenderCurrent", lists.SEX_CENSUS)
    ethnic_group: str = persons.ethnic_group("Ethnicity", codes.ETHNICITY_DFE)
    postcode: str = persons.postcode("Postcode")
    uprn: str = persons.home_uprn("UPRN")
    referral_source: str = column("ReferralSource", code(lists.REFERRAL_SOURCE), "Who referred the child")
    primary_need: str = column("PrimaryNeedCode", code(lists.PRIMARY_NEED, blank="not stated"), "The child's main need")
    closed_on: pl.Date = column("CINclosureDate", day(), "When the case was closed", nullable=True, may_lie_ahead=True)
    closure_reason: str = column(
        "ReasonForClosure", code(lists.CLOSURE_REASON), "Why the case was closed", nullable=True
    )
    assessment_factors: str = column(
        "AssessmentFactors",
        text(),
        "Factors that the assessment found, as the census codes them, with spaces between them",
        private=True,
        nullable=True,
    )
    plan_started_on: pl.Date = column(
        "CPPstartDate", day(), "When a child protection plan began", private=True, nullable=True, may_lie_ahead=True
    )
    plan_category: str = column(
        "InitialCategoryOfAbuse",
        code(lists.CATEGORY_OF_ABUSE),
        "Category of abuse of the plan",
        private=True,
        nullable=True,
    )
    period: str = column("period", text(), _PERIOD, nullable=True)

    @rule("assessment_factors")
    def _no_factors_stands_alone() -> pl.Expr:
        """No factors identified (21) stands alone."""
        return ~_factor("21") | (pl.col("assessment_factors") == "21")


class CareEpisode(Rows):
    """One episode of a looked-after child, as in the SSDA903 return, with the child's header beside it."""

    child_id: str = column("CHILD", text(), "The council's reference of the child")
    episode_began_on: pl.Date = column("DECOM", day(), "When the episode began")
    episode_number: int = column("EPISODE", whole_number(), "The view's own number of the row", private=True)
    upn: str = column("UPN", text(UPN), "Unique pupil number", person=True, private=True, nullable=True)
    forename: str = persons.forename("FORENAME")
    surname: str = persons.surname("SURNAME")
    date_of_birth: pl.Date = persons.date_of_birth("DOB")
    sex: str = persons.sex("SEX", lists.SEX_SSDA903)
    ethnic_group: str = persons.ethnic_group("ETHNIC", codes.ETHNICITY_DFE)
    postcode: str = persons.postcode("HOME_POST")
    care_reason: str = column("RNE", code(lists.EPISODE_REASON), "Why the episode began")
    legal_status: str = column("LS", code(lists.LEGAL_STATUS), "Legal status")
    primary_need: str = column("CIN", code(lists.PRIMARY_NEED), "The child's main need")
    placement: str = column("PLACE", code(lists.PLACEMENT), "Kind of placement")
    episode_ended_on: pl.Date = column("DEC", day(), "When the episode ended", nullable=True, may_lie_ahead=True)
    care_outcome: str = column("REC", code(lists.EPISODE_END), "Why the episode ended", nullable=True)
    period: str = column("period", text(), _PERIOD, nullable=True)
    occurred_on: pl.Date = derived(pl.col("episode_began_on"), "The day on which the episode began")

    @rule("episode_ended_on")
    def _ends_after_it_begins() -> pl.Expr:
        """An episode does not end before it begins."""
        return pl.col("episode_ended_on") >= pl.col("episode_began_on")

    @rule("care_outcome")
    def _ends_for_a_reason() -> pl.Expr:
        """An episode ends on a day and for a reason, or neither."""
        return pl.col("care_outcome").is_null() == pl.col("episode_ended_on").is_null()


CHILDREN_IN_NEED = Contract(
    feed="council.children_in_need",
    model=ChildInNeed,
    event_type="child in need referral",
    event_key=("child_id", "need_referred_on"),
    record_key=("child_id",),
    role="child in need",
    period_column="need_referred_on",
)
LOOKED_AFTER = Contract(
    feed="council.looked_after",
    model=CareEpisode,
    event_type="episode of care",
    event_key=("child_id", "episode_began_on"),
    record_key=("child_id",),
    role="looked-after child",
    period_column="episode_began_on",
)
CONTRACTS = (CHILDREN_IN_NEED, LOOKED_AFTER)
