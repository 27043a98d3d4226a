"""The fields of token scheme 1, and the columns of the three tables that a split makes."""

import polars as pl

SCHEME = 1

TOKEN_FIELDS: tuple[str, ...] = (
    "nhs_number",
    "pnc_id",
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
ENCODING_FIELDS: tuple[str, ...] = ("forename", "surname", "postcode", "date_of_birth")

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
