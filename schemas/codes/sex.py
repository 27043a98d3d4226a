"""Sex, in the hub's four words."""

from schemas.codes.code_list import CodeList

SEXES = ("female", "male", "other", "unknown")

SEX_LETTERS = CodeList(
    "Sex, by letter",
    {"F": "female", "M": "male", "U": "unknown"},
    source="the authorities' extracts",
    version="1",
    verified=False,
)
SEX_WORDS = CodeList(
    "Sex, by word",
    {"Female": "female", "Male": "male", "Other": "other", "Unknown": "unknown", "Not known": "unknown"},
    source="the authorities' interfaces",
    version="1",
    verified=False,
)
SEX_NHS = CodeList(
    "Person stated gender",
    {"1": "male", "2": "female", "9": "other", "X": "unknown"},  # 9 is indeterminate, X is not known
    source="NHS Data Model and Dictionary, PERSON STATED GENDER CODE",
    version="DCB1594",
    verified=False,
)
