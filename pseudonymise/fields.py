"""The fields of token scheme 1, and the columns of the three tables that a split makes."""

import polars as pl

SCHEME = 1

TOKEN_FIELDS: tuple[str, ...] = (
    "nhs_number",
    "pnc_id",
    "crn",
    "upn",
    "date_of_birth",
    "birth_year",
    "birth_month",
    "birth_day",
    "forename",
    "surname",
    "forename_phonetic",
    "surname_phonetic",
    "forename_prefix",
    "surname_prefix",
    "full_name",
    "postcode",
    "postcode_sector",
    "postcode_district",
    "uprn",
    "sex",
)
ENCODING_FIELDS: tuple[str, ...] = ("forename", "forename_family", "surname", "postcode", "date_of_birth")

# The identifiers that a token or an encoding is made from, where that is not the one of its name.
_MADE_FROM: dict[str, tuple[str, ...]] = {
    "birth_year": ("date_of_birth",),
    "birth_month": ("date_of_birth",),
    "birth_day": ("date_of_birth",),
    "forename_family": ("forename",),
    "forename_phonetic": ("forename",),
    "surname_phonetic": ("surname",),
    "forename_prefix": ("forename",),
    "surname_prefix": ("surname",),
    "full_name": ("forename", "surname"),
    "postcode_sector": ("postcode",),
    "postcode_district": ("postcode",),
}

TOKEN_COLUMNS: dict[str, pl.DataType] = {f"token_{field}": pl.String() for field in TOKEN_FIELDS}
ENCODING_COLUMNS: dict[str, pl.DataType] = {f"encoding_{field}": pl.Binary() for field in ENCODING_FIELDS}
LINKAGE_COLUMNS: dict[str, pl.DataType] = TOKEN_COLUMNS | ENCODING_COLUMNS
RECORD_COLUMNS: dict[str, pl.DataType] = {
    "record_id": pl.String(),
    "feed": pl.String(),
    "authority": pl.String(),
    **LINKAGE_COLUMNS,
    "reference_sealed": pl.Binary(),
}


def made_from(column: str) -> tuple[str, ...]:
    """The identifiers that a column of LINKAGE_COLUMNS is made from, all of them."""
    field = column.partition("_")[2]
    return _MADE_FROM.get(field, (field,))
