"""The fire and rescue service's code lists: the London Fire Brigade's incident records, and its referrals."""

from schemas.codes.code_list import CodeList, words

_LFB = "London Fire Brigade, incident records"
_SEEN = "as in its records of January 2009 and in descriptions of later ones"

FIRE_REFERRAL_GROUP = CodeList(
    "Kind of the fire that a child is referred for",
    {"Primary Fire": "primary fire", "Secondary Fire": "secondary fire", "None": "none"},
    source="national incident recording, primary and secondary fires",
    version="1",
    verified=False,
)
FIRE_INTERVENTION = CodeList(
    "Intervention with a child who sets fires",
    words("Fire safety education", "Home fire safety visit", "Mentoring"),
    source="National Fire Chiefs Council, fire-setter intervention; the words are the hub's proposal",
    version="1",
    verified=False,
)
INCIDENT_CLASS = CodeList(
    "Incident group",
    {"Fire": "fire", "False Alarm": "false alarm", "Special Service": "special service"},
    source=_LFB,
    version=_SEEN,
    verified=True,
)
STOP_CODE = CodeList(
    "Stop code: what the crew found",
    {
        "Primary Fire": "primary fire",
        "Secondary Fire": "secondary fire",
        "Chimney Fire": "chimney fire",
        "Late Call": "late call",
        "AFA": "automatic alarm",
        "False alarm - Good intent": "good intent",
        "False alarm - Malicious": "malicious",
        "Alleged Fire Risk": "alleged fire risk",
        "Special Service": "special service",
        "Flood call attended - Batch mobilised": "flood",
        "Use of Special Operations Room": "special operations room",
    },
    source=_LFB,
    version=_SEEN,
    verified=False,
)
PROPERTY_CATEGORY = CodeList(
    "Property category",
    {
        "Dwelling": "dwelling",
        "Other Residential": "other residential",
        "Non Residential": "non-residential",
        "Outdoor": "outdoor",
        "Outdoor Structure": "outdoor structure",
        "Road Vehicle": "road vehicle",
        "Rail Vehicle": "rail vehicle",
        "Boat": "boat",
        "Aircraft": "aircraft",
    },
    source=_LFB,
    version=_SEEN,
    verified=False,
)
