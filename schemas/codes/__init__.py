"""Code lists, a module for each authority or standard. Each says where it comes from (``CodeList``)."""

from schemas.codes.code_list import CodeList, words
from schemas.codes.council import EXCLUSION_REASON
from schemas.codes.ethnicity import ETHNIC_GROUPS, ETHNICITY_DFE, ETHNICITY_NHS, ETHNICITY_SELF_DEFINED
from schemas.codes.fire import FIRE_REFERRAL_GROUP, INCIDENT_CLASS, PROPERTY_CATEGORY, STOP_CODE
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
from schemas.codes.sex import SEX_LETTERS, SEX_NHS, SEX_WORDS, SEXES
from schemas.codes.shared import RATING, RATING_TO_VERY_HIGH, REFERRER
from schemas.codes.yot import DISPOSAL

__all__ = [
    "ASSAULT_LOCATION",
    "ASSAULT_METHOD",
    "DISPOSAL",
    "ETHNICITY_DFE",
    "ETHNICITY_NHS",
    "ETHNICITY_SELF_DEFINED",
    "ETHNIC_GROUPS",
    "EXCLUSION_REASON",
    "FIRE_REFERRAL_GROUP",
    "INCIDENT_CLASS",
    "INJURY_ACTIVITY",
    "INJURY_INTENT",
    "INJURY_MECHANISM",
    "OUTCOME_TYPE",
    "PLACE_OF_INJURY",
    "PLACE_TYPE",
    "PROPERTY_CATEGORY",
    "RATING",
    "RATING_TO_VERY_HIGH",
    "REFERRER",
    "RELATIONSHIP",
    "SEXES",
    "SEX_LETTERS",
    "SEX_NHS",
    "SEX_WORDS",
    "STOP_CODE",
    "STREET_CRIME",
    "SUBSTANCES",
    "WEAPON",
    "CodeList",
    "words",
]
