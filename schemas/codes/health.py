"""Health's code lists: assaults and injuries at the emergency department.

SNOMED CT is licensed, so the reference sets of the Emergency Care Data Set are not shipped whole: the table has the
hub's words, and those concepts whose meaning is widely published. The hospital adds its own from the release it holds.
"""

from schemas.codes.code_list import CodeList, listed, words

ASSAULT_LOCATION = CodeList(
    "Assault location type",
    {"10": "home", "40": "work", "50": "education", "60": "public", "91": "other"},
    source="DCB1594 Information Sharing to Tackle Violence, assault location type",
    version="DCB1594",
    verified=True,
)
ASSAULT_METHOD = CodeList(
    "Method of assault",
    words(
        "fist", "foot", "head butt", "push", "bite", "bottle", "glass", "knife", "sharp object", "blunt object",
        "firearm", "corrosive", "strangulation", "sexual", "other", "unknown",
    ),
    source="DCB1594 asks for the method of assault; these words for it are the hub's",
    version="1",
    verified=False,
)  # fmt: skip


def _reference_set(title: str, identifier: str) -> CodeList:
    return CodeList(
        title,
        listed("ecds_injury", identifier),
        source=f"Emergency Care Data Set v4, SNOMED CT reference set {identifier}; the words are the hub's",
        version="1 (config/reference/ecds_injury.csv)",
        verified=False,
    )


INJURY_INTENT = _reference_set("Intent of the injury", "991431000000101")
PLACE_OF_INJURY = _reference_set("Place of injury", "991291000000101")
INJURY_MECHANISM = _reference_set("Mechanism of the injury", "991281000000103")
INJURY_ACTIVITY = _reference_set("Activity when injured", "1024501000000108")
SUBSTANCES = _reference_set("Alcohol and drugs", "991421000000103")
