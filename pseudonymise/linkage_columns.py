"""All tokens and encodings of scheme 1 for a frame of identifiers: what a record is linked by."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pseudonymise.distinct import Distinct
from pseudonymise.encodings import WORDS, encode, from_words
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.fields import (
    ENCODING_COLUMNS,
    ENCODING_FIELDS,
    LINKAGE_COLUMNS,
    TOKEN_COLUMNS,
    TOKEN_FIELDS,
    made_from,
)
from pseudonymise.names import full_name, name_forms
from pseudonymise.normalise import identifier_forms
from pseudonymise.permutation import BYTES, permute
from pseudonymise.scheme_keys import HubKeys, HubStage, SourceKeys
from pseudonymise.tokens import hub_tokens, source_tokens
from schemas.contract import Identifier

_NAMES = {Identifier.FORENAME, Identifier.SURNAME}
# Nearly one a person: nothing to save.
_UNREPEATED = {Identifier.NHS_NUMBER, Identifier.PNC_ID, Identifier.CRN, Identifier.UPN}
# Made from distinct values, and few of them.
_REPEATED = {field for field in TOKEN_FIELDS if made_from(f"token_{field}") != (field,)} - {"full_name"}
TokenStep = Callable[
    [pl.DataFrame, Mapping[str, Identifier], SourceKeys, HubKeys | None], pl.DataFrame
]  # ``linkage_columns``, or what does its work elsewhere
HubStep = Callable[[pl.DataFrame, HubKeys], pl.DataFrame]  # ``hub_stage_columns``, or what does its work elsewhere
_ROWS = 32_768  # made at once, in memory that is used again


def linkage_columns(
    frame: pl.DataFrame, identifiers: Mapping[str, Identifier], source: SourceKeys, hub: HubKeys | None
) -> pl.DataFrame:
    """Every ``token_*`` and ``encoding_*`` column for the rows of a frame; null where the feed has no such field.

    ``identifiers`` says which columns hold what. With ``hub`` keys both stages are done, without them only the first.
    """
    return pl.concat(linkage_parts(frame, identifiers, source, hub))


def linkage_parts(
    frame: pl.DataFrame, identifiers: Mapping[str, Identifier], source: SourceKeys, hub: HubKeys | None
) -> Iterator[pl.DataFrame]:
    """The same, some rows after others: what repeats is made once for all rows, all else when its rows' turn comes."""
    repeated = {
        column: _Repeated.of(frame[column], identifier, source, hub)
        for column, identifier in identifiers.items()
        if identifier not in _UNREPEATED
    }
    for first in range(0, max(1, frame.height), _ROWS):
        rows = frame.slice(first, _ROWS)
        made: dict[str, pl.Series] = {}
        for column, identifier in identifiers.items():
            if column in repeated:
                forms = repeated[column].rows(first, rows.height)
            else:
                forms = _tokens_and_encodings(identifier_forms(rows[column], identifier), source, hub)
            made |= {form.name: form for form in forms}
        yield _in_order(made | _full_name(made, source, hub), rows.height)


def _full_name(made: Mapping[str, pl.Series], source: SourceKeys, hub: HubKeys | None) -> dict[str, pl.Series]:
    if not {f"{name}_words" for name in _NAMES} <= made.keys():
        return {}
    names = full_name(made["forename_words"], made["surname_words"])
    return {"token_full_name": _token(names.alias("full_name"), source, hub)}


@dataclass(frozen=True)
class Steps:
    """What makes tokens and encodings: ``both`` stages of rows with names, or the hub's on what a source encoded."""

    both: TokenStep
    hub: HubStep


@dataclass(frozen=True)
class _Repeated:
    """What was made of the distinct values of a column, and which of them each row has."""

    made: pl.DataFrame
    places: pl.Series

    @classmethod
    def of(cls, column: pl.Series, identifier: Identifier, source: SourceKeys, hub: HubKeys | None) -> "_Repeated":
        distinct = Distinct.of(column)
        of_names = identifier in _NAMES
        forms = (
            name_forms(distinct.values, str(identifier)) if of_names else identifier_forms(distinct.values, identifier)
        )
        return cls(_tokens_and_encodings(forms, source, hub), distinct.places)

    def rows(self, first: int, count: int) -> pl.DataFrame:
        """What was made, for so many rows from the first on."""
        return Distinct(self.made[:, 0], self.places.slice(first, count)).spread(self.made)


def _tokens_and_encodings(forms: pl.DataFrame, source: SourceKeys, hub: HubKeys | None) -> pl.DataFrame:
    tokens = [_token(forms[field], source, hub) for field in forms.columns if field in TOKEN_FIELDS]
    encodings = [_encoding(forms[field], source, hub) for field in forms.columns if field in ENCODING_FIELDS]
    words = [forms[field] for field in forms.columns if field.endswith("_words")]
    return pl.DataFrame([*tokens, *encodings, *words])


def _token(values: pl.Series, source: SourceKeys, hub: HubKeys | None) -> pl.Series:
    if values.name in _REPEATED:
        distinct = Distinct.of(values)
        return distinct.spread(_tokens_of(distinct.values, source, hub).to_frame()).to_series()
    return _tokens_of(values, source, hub)


def _tokens_of(values: pl.Series, source: SourceKeys, hub: HubKeys | None) -> pl.Series:
    tokens = source_tokens(values, source.token(values.name))
    if hub is not None:
        tokens = hub_tokens(tokens, *hub.token(values.name))
    return tokens.alias(f"token_{values.name}")


def _encoding(values: pl.Series, source: SourceKeys, hub: HubKeys | None) -> pl.Series:
    places = None if hub is None else hub.permutation(values.name)
    return encode(values, values.name, source.encoding(values.name), places).alias(f"encoding_{values.name}")


def _in_order(made: Mapping[str, pl.Series], height: int) -> pl.DataFrame:
    def whole(name: str, dtype: pl.DataType) -> pl.Series:
        return made[name].cast(dtype) if name in made else pl.Series(name, [None] * height, dtype=dtype)

    return pl.DataFrame([whole(name, dtype) for name, dtype in LINKAGE_COLUMNS.items()])


def hub_stage_columns(delivered: pl.DataFrame, hub: HubStage) -> pl.DataFrame:
    """Stage 2 of rows that were encoded at source: the same columns under the hub's keys.

    ``delivered`` has ``token_*`` as 32 hex digits and ``encoding_*`` as 64 bytes; a column may be absent.
    Raises EncodedFormRefused for any other form.
    """
    made: dict[str, pl.Series] = {}
    for name in delivered.columns:
        if name in TOKEN_COLUMNS:
            check_tokens(delivered[name])
            made[name] = hub_tokens(delivered[name], *hub.token(name.removeprefix("token_")))
        elif name in ENCODING_COLUMNS:
            made[name] = _permuted(delivered[name], hub.permutation(name.removeprefix("encoding_")))
    return _in_order(made, delivered.height)


def check_forms(delivered: pl.DataFrame) -> None:
    """Refuse what ``hub_stage_columns`` would refuse; raises EncodedFormRefused."""
    for name in delivered.columns:
        if name in TOKEN_COLUMNS:
            check_tokens(delivered[name])
        elif name in ENCODING_COLUMNS:
            _check_encodings(delivered[name])


def in_first_order(records: pl.DataFrame, later: HubStage) -> pl.DataFrame:
    """Records whose encodings ``later`` versions of the hub key permuted, each bit back where the first had put it."""
    found = [name for name in records.columns if name in ENCODING_COLUMNS]
    back = {name: np.argsort(later.permutation(name.removeprefix("encoding_"))).astype(np.uint16) for name in found}
    return records.with_columns(_permuted(records[name], back[name]) for name in found)


def check_tokens(tokens: pl.Series) -> None:
    """Refuse a column in which any value is not 32 lower-case hex digits; raises EncodedFormRefused."""
    if tokens.dtype not in (pl.String, pl.Null) or not tokens.cast(pl.String).str.contains("^[0-9a-f]{32}$").all():
        raise _refused(tokens.name, "a value is not 32 lower-case hex digits")


def _check_encodings(encodings: pl.Series) -> None:
    if not (encodings.cast(pl.Binary).bin.size() == BYTES).all():  # of those that there are
        raise _refused(encodings.name, "a value is not 64 bytes long")


def _permuted(encodings: pl.Series, places: NDArray[np.uint16]) -> pl.Series:
    _check_encodings(encodings)
    known = encodings.drop_nulls().cast(pl.Binary)
    rows = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, BYTES)
    moved = permute(rows, places)
    return from_words(moved.view(np.uint64).reshape(-1, WORDS), encodings.is_not_null().to_numpy(), encodings.name)


def _refused(column: str, why: str) -> EncodedFormRefused:
    return EncodedFormRefused(
        "Encoded rows are refused",
        where=f"column {column}",
        why=why,
        fix="Have the authority encode again with scheme 1",
    )
