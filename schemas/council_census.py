"""The children in need census as the council returns it to the Department for Education: XML, a row a referral.

The census has no names and no address, so its rows are never linked: two children may share a birthday. It tells of the
same referrals as ``council.children_in_need``, and serves to see whether that feed is whole: count one or the other. It
is returned once a year; for the hub the council runs it for a quarter (*unverified*).

A child (``Child``) stands once, with its identifiers and characteristics, and each of its referrals (``CINdetails``)
is a row. Of what may stand several times within a referral, assessments and protection plans are joined; conferences,
enquiries (section 47), plans and reviews are passed over unread.
Source: the census's schema of 2023-24; from 2024-25 the element ``GenderCurrent`` is named ``Sex``.
"""

import polars as pl

from schemas import codes, persons
from schemas.codes import children as lists
from schemas.columns import column, rule
from schemas.contract import Contract
from schemas.council_children import Need
from schemas.readings import code, day, lenient, text
from schemas.reasons import Reason
from schemas.upn import UPN

_FACTORS = "Assessments.FactorsIdentifiedAtAssessment.AssessmentFactors"
_PLAN = "ChildProtectionPlans"
_CATEGORIES = rf"^(?:{'|'.join(lists.CATEGORY_OF_ABUSE)})(?: (?:{'|'.join(lists.CATEGORY_OF_ABUSE)}))*$"
_PASSED_OVER = (
    "Header",
    "ChildIdentifiers.FormerUPN",
    "ChildIdentifiers.UPNunknown",
    "ChildIdentifiers.ExpectedPersonBirthDate",
    "ChildIdentifiers.PersonDeathDate",
    "ChildCharacteristics.Disabilities",
    "ChildCharacteristics.Disabilities.Disability",
    "DateOfInitialCPC",
    "ReferralNFA",
    "Assessments.AssessmentActualStartDate",
    "Assessments.AssessmentInternalReviewDate",
    "Assessments.AssessmentAuthorisationDate",
    "CINPlanDates.CINPlanStartDate",
    "CINPlanDates.CINPlanEndDate",
    "Section47.S47ActualStartDate",
    "Section47.InitialCPCtarget",
    "Section47.DateOfInitialCPC",
    "Section47.ICPCnotRequired",
    f"{_PLAN}.CPPendDate",
    f"{_PLAN}.LatestCategoryOfAbuse",
    f"{_PLAN}.NumberOfPreviousCPP",
    f"{_PLAN}.Reviews.CPPreviewDate",
)


class CensusReferral(Need):
    """One referral of a child, as the children in need census returns it."""

    child_id: str = column("ChildIdentifiers.LAchildID", text(), "The council's reference of the child")
    need_referred_on: pl.Date = column("CINreferralDate", day(), "When the child was referred")
    upn: str = column(
        "ChildIdentifiers.UPN",
        text(UPN),
        "Unique pupil number",
        person=True,
        private=True,
        nullable=True,
        may_be_missing=True,
    )
    date_of_birth: pl.Date = column(
        "ChildIdentifiers.PersonBirthDate",
        lenient(day()),
        "Date of birth; blank of a child not yet born, and an impossible one counts as missing",
        person=True,
        private=True,
        nullable=True,
        may_be_missing=True,
    )
    sex: str = column(
        "ChildIdentifiers.GenderCurrent",
        code(lists.SEX_CENSUS, blank="unknown"),
        "Sex; a blank counts as unknown",
        person=True,
        private=True,
        formerly=("ChildIdentifiers.Sex",),
        isin=codes.SEXES,
    )
    ethnic_group: str = persons.ethnic_group("ChildCharacteristics.Ethnicity", codes.ETHNICITY_DFE)
    referral_source: str = column("ReferralSource", code(lists.REFERRAL_SOURCE), "Who referred the child")
    primary_need: str = column(
        "PrimaryNeedCode", code(lists.PRIMARY_NEED, blank="not stated"), "The child's main need", may_be_missing=True
    )
    closed_on: pl.Date = column(
        "CINclosureDate", day(), "When the case was closed", nullable=True, may_be_missing=True, may_lie_ahead=True
    )
    closure_reason: str = column(
        "ReasonForClosure", code(lists.CLOSURE_REASON), "Why the case was closed", nullable=True, may_be_missing=True
    )
    assessment_factors: str = column(
        _FACTORS,
        text(),
        "Factors that the assessments found, with spaces between them",
        private=True,
        nullable=True,
        may_be_missing=True,
    )
    plan_started_on: str = column(
        f"{_PLAN}.CPPstartDate",
        text(),
        "When each child protection plan began, with spaces between them",
        private=True,
        nullable=True,
        may_be_missing=True,
    )
    plan_category: str = column(
        f"{_PLAN}.InitialCategoryOfAbuse",
        text(),
        "Category of abuse of each plan, with spaces between them",
        private=True,
        nullable=True,
        may_be_missing=True,
    )

    @rule("plan_category", Reason.UNKNOWN_CODE)
    def _categories_are_known() -> pl.Expr:
        """Every category of abuse is in the census's list."""
        return pl.col("plan_category").str.contains(_CATEGORIES)


CENSUS = Contract(
    feed="council.children_in_need_census",
    model=CensusReferral,
    event_type="child in need referral (census)",
    event_key=("child_id", "need_referred_on"),
    record_key=("child_id",),
    role="child in need",
    rows_at="Children.Child.CINdetails",
    beside=frozenset({"ChildIdentifiers", "ChildCharacteristics"}),
    several=frozenset({_FACTORS, f"{_PLAN}.CPPstartDate", f"{_PLAN}.InitialCategoryOfAbuse"}),
    period_column="need_referred_on",
    ignored=frozenset(_PASSED_OVER),
)
CONTRACTS = (CENSUS,)
