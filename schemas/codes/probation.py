"""Probation's code lists: orders, risk of serious harm, MAPPA, OASys."""

from schemas.codes.code_list import CodeList, words

_APIS = "HM Prison and Probation Service, APIs for community supervision"

ORDER_TYPE = CodeList(
    "Order or licence",
    words("Community Order", "Suspended Sentence Order", "Licence", "Post Sentence Supervision"),
    source=_APIS,
    version="1",
    verified=False,
)
ROSH = CodeList(
    "Risk of serious harm",
    words("LOW", "MEDIUM", "HIGH", "VERY_HIGH"),
    source=f"{_APIS}; OASys, risk of serious harm",
    version="1",
    verified=True,
)
PREDICTOR_BAND = CodeList(
    "Band of a risk predictor",
    words("Low", "Medium", "High", "Very High"),
    source="OASys, risk predictor scores (Low and Medium as in its answers)",
    version="RSR algorithm versions 3 to 6",
    verified=False,
)
ASSESSMENT_TYPE = CodeList(
    "Kind of OASys assessment",
    words("LAYER1", "LAYER3"),
    source="OASys, risk predictor scores",
    version="RSR algorithm versions 3 to 6",
    verified=True,
)
RSR_KIND = CodeList(
    "How the risk of serious recidivism was reckoned",
    words("STATIC", "DYNAMIC"),
    source="OASys, risk predictor scores",
    version="RSR algorithm versions 3 to 6",
    verified=True,
)
REQUIREMENT = CodeList(
    "Requirement of an order",
    words(
        "Unpaid Work", "Rehabilitation Activity", "Accredited Programme", "Drug Rehabilitation", "Alcohol Treatment",
        "Mental Health Treatment", "Alcohol Abstinence Monitoring", "Curfew", "Exclusion", "Attendance Centre",
    ),
    source="Sentencing Act 2020 s.201 and Sch.9; the words are the hub's",
    version="1",
    verified=False,
)  # fmt: skip
MAPPA_CATEGORY = CodeList(
    "MAPPA category",
    {"1": "sexual offender", "2": "violent offender", "3": "other dangerous offender", "4": "terrorism"},
    source="Criminal Justice Act 2003 ss.325-327, and the MAPPA guidance; the words are the hub's",
    version="with category 4 of 2022",
    verified=False,
)
