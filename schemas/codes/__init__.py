"""Code lists, a module for each authority or standard. Each says where it comes from (``CodeList``)."""

from schemas.codes.code_list import CodeList, words
from schemas.codes.council import EXCLUSION_REASON
from schemas.codes.ethnicity import ETHNIC_GROUPS, ETHNICITY_DFE, ETHNICITY_NHS, ETHNICITY_SELF_DEFINED
from schemas.codes.fire import FIRE_INTERVENTION, FIRE_REFERRAL_GROUP, INCIDENT_CLASS, PROPERTY_CATEGORY, STOP_CODE
from schemas.codes.health import (
    ASSAULT_LOCATION,
    ASSAULT_METHOD,
    INJURY_ACTIVITY,
    INJURY_INTENT,
    INJURY_MECHANISM,
    PLACE_OF_INJURY,
    SUBSTANCES,
)
from schemas.codes.police import OUTCOME_TYPE, PLACE_TYPE, RELATIONSHIP, STREET_CRIME, WEAPON
from schemas.codes.probation import (
    ASSESSMENT_TYPE,
    MAPPA_CATEGORY,
    ORDER_TYPE,
    PREDICTOR_BAND,
    REQUIREMENT,
    ROSH,
    RSR_KIND,
)
from schemas.codes.sex import SEX_LETTERS, SEX_NHS, SEX_WORDS, SEXES
from schemas.codes.shared import INTERVENTION_OUTCOME, RATING, RATING_TO_VERY_HIGH, REFERRER
from schemas.codes.yot import (
    ACCOMMODATION,
    ASSET_PLUS_LIKELIHOOD,
    ASSET_PLUS_RATING,
    CONCERN,
    DISPOSAL,
    EDUCATION,
    IN_COURT,
    OUT_OF_COURT,
    VICTIM_CONTACT,
    WIDER_SERVICES,
    YOUTH_INTERVENTION,
)

__all__ = [
    "ACCOMMODATION",
    "ASSAULT_LOCATION",
    "ASSAULT_METHOD",
    "ASSESSMENT_TYPE",
    "ASSET_PLUS_LIKELIHOOD",
    "ASSET_PLUS_RATING",
    "CONCERN",
    "DISPOSAL",
    "EDUCATION",
    "ETHNICITY_DFE",
    "ETHNICITY_NHS",
    "ETHNICITY_SELF_DEFINED",
    "ETHNIC_GROUPS",
    "EXCLUSION_REASON",
    "FIRE_INTERVENTION",
    "FIRE_REFERRAL_GROUP",
    "INCIDENT_CLASS",
    "INJURY_ACTIVITY",
    "INJURY_INTENT",
    "INJURY_MECHANISM",
    "INTERVENTION_OUTCOME",
    "IN_COURT",
    "MAPPA_CATEGORY",
    "ORDER_TYPE",
    "OUTCOME_TYPE",
    "OUT_OF_COURT",
    "PLACE_OF_INJURY",
    "PLACE_TYPE",
    "PREDICTOR_BAND",
    "PROPERTY_CATEGORY",
    "RATING",
    "RATING_TO_VERY_HIGH",
    "REFERRER",
    "RELATIONSHIP",
    "REQUIREMENT",
    "ROSH",
    "RSR_KIND",
    "SEXES",
    "SEX_LETTERS",
    "SEX_NHS",
    "SEX_WORDS",
    "STOP_CODE",
    "STREET_CRIME",
    "SUBSTANCES",
    "VICTIM_CONTACT",
    "WEAPON",
    "WIDER_SERVICES",
    "YOUTH_INTERVENTION",
    "CodeList",
    "words",
]
