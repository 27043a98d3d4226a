"""The youth offending team's code lists."""

from schemas.codes.code_list import CodeList, words

DISPOSAL = CodeList(
    "Disposal",
    {
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
        "YROISS": "youth rehabilitation order with intensive supervision and surveillance",
        "DTO": "detention and training order",
        "S250": "long-term detention",
        "NFA": "no further action",
    },
    source="Youth Justice Board, disposals; the codes are the hub's proposal",
    version="1",
    verified=False,
)

YOUTH_INTERVENTION = CodeList(
    "Intervention with a child",
    {
        "MENTOR": "mentoring",
        "CBT": "cognitive behavioural programme",
        "KNIFE": "knife crime awareness session",
        "SPORT": "sports programme",
        "RJ": "restorative justice",
        "SALT": "speech and language therapy",
        "SUBST": "substance misuse treatment",
        "FAMILY": "family therapy",
        "ETE": "education and employment support",
        "PRISON": "prison awareness visit",
    },
    source="Youth Endowment Fund, toolkit of approaches; the codes are the hub's proposal",
    version="1",
    verified=False,
)


def _indicator(title: str, *known: str) -> CodeList:
    return CodeList(
        f"Key performance indicator: {title}",
        words(*known),
        source="Youth Justice Board, key performance indicators; the words are the hub's",
        version="from April 2023",
        verified=False,
    )


ACCOMMODATION = _indicator("suitable accommodation", "suitable", "unsuitable")
EDUCATION = _indicator("education, training and employment", "full", "part", "none")
CONCERN = _indicator("mental health and substance misuse", "none", "low", "medium", "high")
OUT_OF_COURT = _indicator("out-of-court disposals", "completed", "not completed", "ongoing")
WIDER_SERVICES = _indicator(
    "links to wider services", "none", "early help", "child in need", "child protection", "looked after"
)
VICTIM_CONTACT = _indicator("victims", "no victim", "not reached", "declined", "engaged")
ASSET_PLUS_LIKELIHOOD = CodeList(
    "AssetPlus: likelihood of reoffending",
    words("Low", "Medium", "High"),
    source="Youth Justice Board, AssetPlus",
    version="1",
    verified=False,
)
ASSET_PLUS_RATING = CodeList(
    "AssetPlus: risk of serious harm; safety and well-being",
    words("Low", "Medium", "High", "Very High"),
    source="Youth Justice Board, AssetPlus",
    version="1",
    verified=False,
)
IN_COURT = frozenset(DISPOSAL[code] for code in ("AD", "CD", "FINE", "RO", "REP", "YRO", "YROISS", "DTO", "S250"))
