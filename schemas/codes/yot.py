"""The youth offending team's code lists."""

from schemas.codes.code_list import CodeList

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
        "DTO": "detention and training order",
        "S250": "long-term detention",
        "NFA": "no further action",
    },
    source="Youth Justice Board, disposals; the codes are the hub's proposal",
    version="1",
    verified=False,
)
