"""The fire and rescue service's referrals: children referred for setting fires (layout *unverified*)."""

import polars as pl

from schemas import codes, offered, persons
from schemas.columns import column, derived, rule
from schemas.contract import Contract
from schemas.readings import code, day, text, truth


class FireSetterReferral(offered.Offered):
    """One child's referral to the fire-setter intervention scheme."""

    referral_id: str = column("referralId", text(), "The service's reference of the referral")
    referred_on: pl.Date = column("dateOfReferral", day(), "When the child was referred")
    fire_on: pl.Date = column("dateOfFire", day(), "When the fire was set, if there was one", nullable=True)
    incident_number: str = column(
        "incidentNumber", text(), "The service's number of the fire, if it attended", private=True, nullable=True
    )
    incident_group: str = column(
        "incidentGroup", code(codes.FIRE_REFERRAL_GROUP, blank="none"), "National incident recording group of the fire"
    )
    deliberate: bool = column("deliberate", truth(), "Whether the fire was deliberate", nullable=True)
    referring_agency: str = column("referringAgency", code(codes.REFERRER), "Who referred the child", nullable=True)
    risk_level: str = column(
        "riskLevel", code(codes.RATING), "Assessed risk of further fire-setting", person=True, nullable=True
    )
    intervention_kind: str = offered.kind("intervention.kind", codes.FIRE_INTERVENTION)
    intervention_started_on: pl.Date = offered.started_on("intervention.startDate")
    intervention_ended_on: pl.Date = offered.ended_on("intervention.endDate")
    intervention_outcome: str = offered.outcome("intervention.outcome")
    forename: str = persons.forename("child.forename")
    surname: str = persons.surname("child.surname")
    date_of_birth: pl.Date = persons.date_of_birth("child.dateOfBirth")
    sex: str = persons.sex("child.gender", codes.SEX_WORDS)
    ethnic_group: str = persons.ethnic_group("child.ethnicity", codes.ETHNICITY_SELF_DEFINED)
    address: str = column("child.address", text(), "Home address as typed", person=True, private=True, nullable=True)
    postcode: str = persons.postcode("child.postcode")
    uprn: str = persons.home_uprn("child.uprn")
    occurred_on: pl.Date = derived(pl.col("referred_on"), "The day of the referral")

    @rule("referred_on")
    def _referred_after_the_fire() -> pl.Expr:
        """A child is not referred for a fire that is still to come."""
        return pl.col("referred_on") >= pl.col("fire_on")


FIRE_SETTER_REFERRALS = Contract(
    feed="fire.fire_setter_referrals",
    model=FireSetterReferral,
    event_type="fire-setter referral",
    event_key=("referral_id",),
    record_key=("referral_id",),
    role="referred child",
    rows_at="items",
    period_column="referred_on",
)
CONTRACTS = (FIRE_SETTER_REFERRALS,)
