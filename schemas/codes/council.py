"""The council's code lists."""

from schemas.codes.code_list import CodeList

EXCLUSION_REASON = CodeList(
    "Reason of a suspension or permanent exclusion",
    {
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
    },
    source="Department for Education, Common Basic Data Set, suspension and permanent exclusion reasons",
    version="from 2020",
    verified=False,
)
