"""The hospital's feed: emergency attendances after assaults (ECDS, DCB1594).

There are two contracts. ``HEALTH_CLEAR`` is the hospital's own file; the source agent reads it
there, and it never leaves. ``EMERGENCY_CARE`` is what is delivered: pseudonymised at source,
because PCSC Act 2022 s.16(4)(b) does not let a health authority disclose personal information.
"""

from typing import Any

import polars as pl

from schemas import codes, persons
from schemas.areas import from_code
from schemas.columns import Instant, Rows, column, derived, rule
from schemas.contract import Contract
from schemas.readings import code, day, instant, text, time_of_day, to_utc, whole_number

FEED = "health.emergency_care"
EVENT_TYPE = "emergency attendance"
ROLE = "patient"
SITE_CODE = r"^[A-Z][A-Z0-9]{4}$"
TOKENS = (
    "nhs_number", "pnc_id", "date_of_birth", "birth_year", "birth_month", "birth_day", "forename", "surname",
    "forename_phonetic", "surname_phonetic", "forename_prefix", "surname_prefix", "full_name", "postcode",
    "postcode_sector", "postcode_district", "uprn", "sex",
)  # fmt: skip
ENCODINGS = ("forename", "surname", "postcode", "date_of_birth")
