"""Health's code lists: assaults and injuries at the emergency department."""

from schemas.codes.code_list import CodeList, words

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
INJURY_INTENT = CodeList(
    "Intent of the injury",
    words("assault", "self-harm", "accident", "maltreatment", "unknown"),
    source="Emergency Care Data Set; the words are the hub's",
    version="1",
    verified=False,
)
