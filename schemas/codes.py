"""Code lists: an authority's codes, each with the hub's own word for it.

Broad ethnic groups follow the harmonised standard of the Government Statistical Service (2011),
which counts Chinese among Asian. Lists marked *unverified* come from descriptions, not from the
standard itself.
"""

from collections.abc import Mapping

ETHNIC_GROUPS = ("asian", "black", "mixed", "white", "other", "unknown")
SEXES = ("female", "male", "other", "unknown")


def _grouped(**groups: str) -> Mapping[str, str]:
    return {code: group for group, codes in groups.items() for code in codes.split()}


def words(*known: str) -> Mapping[str, str]:
    """A list whose codes are words already: in lower case, with spaces for underscores."""
    return {word: word.lower().replace("_", " ") for word in known}


# Self-defined ethnicity, Home Office "16+1" with the additions of the 2011 census ("18+1").
ETHNICITY_SELF_DEFINED = _grouped(
    asian="A1 A2 A3 A4 A9 O1",
    black="B1 B2 B9",
    mixed="M1 M2 M3 M9",
    white="W1 W2 W3 W9",
    other="O2 O9",
    unknown="NS N1 N2 N3",
)

# NHS Data Dictionary, ETHNIC CATEGORY (2001 census categories).
ETHNICITY_NHS = _grouped(asian="H J K L R", black="M N P", mixed="D E F G", white="A B C", other="S", unknown="Z 99")

# Department for Education, Common Basic Data Set, ethnicity main codes.
ETHNICITY_DFE = _grouped(
    asian="AIND APKN ABAN AOTH CHNE",
    black="BCRB BAFR BOTH",
    mixed="MWBC MWBA MWAS MOTH",
    white="WBRI WIRI WIRT WROM WOTH",
    other="OOTH",
    unknown="REFU NOBT",
)

SEX_LETTERS = {"F": "female", "M": "male", "U": "unknown"}
SEX_WORDS = {"Female": "female", "Male": "male", "Other": "other", "Unknown": "unknown", "Not known": "unknown"}

# NHS Data Dictionary, PERSON STATED GENDER CODE: 9 is indeterminate, X is not known.
SEX_NHS = {"1": "male", "2": "female", "9": "other", "X": "unknown"}

# DCB1594 Information Sharing to Tackle Violence, assault location type.
ASSAULT_LOCATION = {"10": "home", "40": "work", "50": "education", "60": "public", "91": "other"}

# data.police.uk, crime categories; each with itself, since they are words.
STREET_CRIME = words(
    "anti-social-behaviour", "bicycle-theft", "burglary", "criminal-damage-arson", "drugs", "other-crime",
    "other-theft", "possession-of-weapons", "public-order", "robbery", "shoplifting", "theft-from-the-person",
    "vehicle-crime", "violent-crime",
)  # fmt: skip

# Department for Education, suspension and permanent exclusion reasons (from 2020).
EXCLUSION_REASON = {
    "PP": "physical assault against a pupil",
    "PA": "physical assault against an adult",
    "VP": "verbal abuse or threatening behaviour against a pupil",
    "VA": "verbal abuse or threatening behaviour against an adult",
    "OW": "use or threat of use of an offensive weapon or prohibited item",
    "BU": "bullying",
    "RA": "racist abuse",
    "LG": "abuse against sexual orientation and gender identity",
    "DS": "abuse relating to disability",
    "SM": "sexual misconduct",
    "DA": "drug and alcohol related",
    "DM": "damage",
    "DB": "persistent or general disruptive behaviour",
    "TH": "theft",
    "MT": "inappropriate use of social media or online technology",
    "PH": "transgression of public health protective measures",
    "OT": "other",
}

# DCB1594 asks for the method of assault; these words for it are *unverified*.
ASSAULT_METHOD = words(
    "fist", "foot", "head butt", "push", "bite", "bottle", "glass", "knife", "sharp object", "blunt object", "firearm",
    "corrosive", "strangulation", "sexual", "other", "unknown",
)  # fmt: skip

INJURY_INTENT = words("assault", "self-harm", "accident", "maltreatment", "unknown")

# Who refers to a scheme or a conference; one list for all authorities (*unverified*).
REFERRER = words(
    "Police", "School", "Children's Services", "Adult Social Care", "Youth Offending Team", "Probation", "Housing",
    "Health", "IDVA", "Fire crew", "Voluntary sector", "Parent or carer", "Self", "Other",
)  # fmt: skip

# Youth Justice Board, disposals (*unverified*).
DISPOSAL = {
    "CR": "community resolution",
    "OUT22": "outcome 22",
    "YC": "youth caution",
    "YCC": "youth conditional caution",
    "AD": "absolute discharge",
    "CD": "conditional discharge",
    "FINE": "fine",
    "RO": "referral order",
    "REP": "reparation order",
    "YRO": "youth rehabilitation order",
    "DTO": "detention and training order",
    "S250": "long-term detention",
    "NFA": "no further action",
}

RATING = words("Low", "Medium", "High")
RATING_TO_VERY_HIGH = words("Low", "Medium", "High", "Very High")
