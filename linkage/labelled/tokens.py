"""A labelled file's clear rows become tokens and encodings, in memory, as an authority's rows do.

1. Names, postcodes and numbers: token scheme 1 itself.
2. Dates of birth: the same tokens and encoding, but of any year, since labelled sets are of people long dead too. What
   is no real date (linkage.labelled.dates) is missing.
3. A full name in one column: its last word is the surname. It serves for what no column of its own holds.
4. A plain categorical field: a token of its text in small letters, and an encoding of its letters as of a name.
5. A column of which nothing can be read, such as dates of another form, is refused: all of it would count as missing.
6. The keys are fixed: nothing is kept or sent, and the same file must give the same result.
"""

import polars as pl

from keys.key import Key
from linkage.errors import LabelledRefused
from linkage.labelled.columns import FULL_NAME, ColumnMap
from linkage.labelled.files import Labelled
from pseudonymise.encodings import encode, encode_names, from_words
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.names import name_forms
from pseudonymise.scheme_keys import SourceKeys
from pseudonymise.tokens import source_tokens
from schemas.contract import Identifier

_KEYS = SourceKeys(Key("source/1", bytes(32)))  # (6)
_DATE = str(Identifier.DATE_OF_BIRTH)
_ROW = "row"
_NAMES = (str(Identifier.FORENAME), str(Identifier.SURNAME))


def tokenise(labelled: Labelled, columns: ColumnMap) -> pl.DataFrame:
    """``record_id`` (the row's number), and every ``token_*`` and ``encoding_*`` column. Raises LabelledRefused."""
    clear = _clear(labelled.rows, columns)
    fields = {field: Identifier(field) for field in clear.columns if field not in (_DATE, _ROW)}
    made = linkage_columns(clear, fields, _KEYS, None)  # (1)
    if _DATE in clear.columns:
        made = made.with_columns(_date_columns(clear[_DATE]))  # (2)
    _check(clear, made, columns)
    for name, column in columns.categorical.items():
        made = made.with_columns(_categorical(labelled.rows[column], name))  # (4)
    ids = pl.Series("record_id", [f"{number:012d}" for number in range(len(labelled.rows))])
    return made.insert_column(0, ids)


def _check(clear: pl.DataFrame, made: pl.DataFrame, columns: ColumnMap) -> None:
    """Rule 5."""
    for field in clear.columns:
        if field != _ROW and clear[field].is_not_null().any() and made[f"token_{field}"].is_null().all():
            raise LabelledRefused(
                "The labelled file cannot be used",
                where=f"column {columns.fields.get(field, columns.fields.get(FULL_NAME))}",
                why=f"none of its values can be read as {field}",
                fix="Write dates as 1865-03-07" if field == _DATE else f"Name another field than {field} in the map",
            )


def _clear(rows: pl.DataFrame, columns: ColumnMap) -> pl.DataFrame:
    """The scheme's fields by their own names; a full name in two."""
    held = {field: rows[column] for field, column in columns.fields.items()}
    whole = held.pop(FULL_NAME, None)
    if whole is not None:
        parts = whole.str.strip_chars().str.extract_groups(r"^(?:(.*)\s)?(\S+)$").struct.unnest()  # (3)
        held = dict(zip(_NAMES, (parts.to_series(0), parts.to_series(1)), strict=True)) | held
    return pl.DataFrame([pl.Series(_ROW, range(len(rows))), *(series.alias(field) for field, series in held.items())])


def _date_columns(raw: pl.Series) -> list[pl.Series]:
    text = (
        raw.str.extract(r"^(\d{4}-\d{2}-\d{2})$")
        .str.to_date("%Y-%m-%d", strict=False)
        .dt.strftime("%Y-%m-%d")
        .alias(_DATE)
    )
    parts = {"birth_year": (0, 4), "birth_month": (5, 2), "birth_day": (8, 2)}
    forms = [text, *(text.str.slice(*place).alias(name) for name, place in parts.items())]
    tokens = [source_tokens(form, _KEYS.token(form.name)).alias(f"token_{form.name}") for form in forms]
    return [*tokens, encode(text, _DATE, _KEYS.encoding(_DATE)).alias(f"encoding_{_DATE}")]


def _categorical(raw: pl.Series, name: str) -> list[pl.Series]:
    values = raw.str.to_lowercase().str.replace_all(r"\s+", " ")
    token = source_tokens(values, _KEYS.token(name)).alias(f"token_{name}")
    letters = name_forms(values, name)[name]
    distinct = letters.drop_nulls().unique().sort()
    if distinct.is_empty():
        return [token, pl.Series(f"encoding_{name}", [None] * len(raw), dtype=pl.Binary)]
    place = letters.replace_strict(distinct, pl.int_range(len(distinct), eager=True), default=None).drop_nulls()
    words = encode_names(distinct, _KEYS.encoding(name))[place.to_numpy()]
    return [token, from_words(words, letters.is_not_null().to_numpy(), f"encoding_{name}")]
