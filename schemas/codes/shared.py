"""Code lists that several authorities share."""

from schemas.codes.code_list import CodeList, words

REFERRER = CodeList(
    "Who refers to a scheme or a conference",
    words(
        "Police", "School", "Children's Services", "Adult Social Care", "Youth Offending Team", "Probation", "Housing",
        "Health", "IDVA", "Fire crew", "Voluntary sector", "Parent or carer", "Self", "Other",
    ),
    source="the hub's proposal",
    version="1",
    verified=False,
)  # fmt: skip
INTERVENTION_OUTCOME = CodeList(
    "What came of an intervention",
    words("Completed", "Not completed", "Declined", "Ongoing"),
    source="the hub's proposal, after the outcomes of out-of-court disposals",
    version="1",
    verified=False,
)
RATING = CodeList(
    "Rating in three steps", words("Low", "Medium", "High"), source="the hub's proposal", version="1", verified=False
)
RATING_TO_VERY_HIGH = CodeList(
    "Rating in four steps",
    words("Low", "Medium", "High", "Very High"),
    source="the hub's proposal",
    version="1",
    verified=False,
)
