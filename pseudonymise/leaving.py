"""What leaves an authority that pseudonymises at source: told before it is sent, and refused if it still identifies.

Nothing here says a value: columns, kinds and counts alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pseudonymise.checked_numbers import nhs_number
from pseudonymise.errors import OptOutsUnreadable, StillIdentifies
from schemas.contract import Contract, Identifier

_NHS = r"\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b"
_POSTCODE = r"(?i)\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}\b"
_WORD = r"[\p{L}'-]{3,}"  # shorter ones are initials and codes
_FREE_WORDS, _FREE_LENGTH = 5, 60  # from so many on, a text was told and not chosen
_NAMES = (Identifier.FORENAME, Identifier.SURNAME)
_KINDS = {"token_": "token", "encoding_": "encoding", "reference_sealed": "sealed reference", "reference": "token"}


@dataclass(frozen=True)
class LeavingColumn:
    """One column as it leaves: ``kind`` is token, encoding, sealed reference or attribute; the rest are counts."""

    name: str
    kind: str
    filled: int
    distinct: int


def leaving(rows: pl.DataFrame) -> tuple[LeavingColumn, ...]:
    """Each column of pseudonymised rows, in order."""
    return tuple(LeavingColumn(c.name, _kind(c.name), c.count(), c.drop_nulls().n_unique()) for c in rows)


def _kind(name: str) -> str:
    return next((kind for prefix, kind in _KINDS.items() if name.startswith(prefix)), "attribute")


def refuse_identifiers(rows: pl.DataFrame, delivered: Contract, clear: pl.DataFrame, contract: Contract) -> None:
    """Refuse rows of which a column still looks like an identifier; raises StillIdentifies, which names the column.

    Columns with a list of codes are known to hold those alone; tokens, encodings and sealed references are keyed. Of
    any other text column no value may hold

    1. an NHS number: ten digits, also as 3-3-4, with the right check digit;
    2. a full postcode;
    3. a forename or surname of the clear file, as a word of three letters or more;
    4. free text: five words or more, or over sixty characters.
    """
    names = _names(clear, contract)
    for column in _open_columns(rows, delivered):
        values = column.drop_nulls().cast(pl.String).unique()
        for found, why in (
            (_nhs_numbers(values), "look like NHS numbers"),  # (1)
            (values.str.contains(_POSTCODE), "hold a full postcode"),  # (2)
            (_with_names(values, names), "hold a forename or surname of this file"),  # (3)
            (_free_text(values), "look like free text"),  # (4)
        ):
            if count := int(found.sum()):
                raise StillIdentifies(
                    "Nothing is encoded, because a column still looks like an identifier",
                    where=f"column {column.name}",
                    why=f"{count:,} of its {len(values):,} different values {why}",
                    fix="Empty the column, or correct what fills it; then encode the file again",
                )


def _open_columns(rows: pl.DataFrame, delivered: Contract) -> Iterator[pl.Series]:
    for column in rows:
        reading = delivered.readings.get(column.name)
        listed = reading is not None and reading.codes is not None
        if (
            _kind(column.name) == "attribute"
            and not listed
            and (column.dtype == pl.String or column.dtype.is_integer())
        ):
            yield column


def _names(clear: pl.DataFrame, contract: Contract) -> pl.Series:
    """Every word of a name in the clear file, in small letters, once."""
    held = [name for name, kind in contract.identifiers.items() if kind in _NAMES and name in clear.columns]
    return _words(pl.concat([clear[name].alias("name") for name in held])) if held else pl.Series([], dtype=pl.String)


def _words(texts: pl.Series) -> pl.Series:
    return texts.drop_nulls().str.to_lowercase().str.extract_all(_WORD).explode().drop_nulls().unique()


def _nhs_numbers(values: pl.Series) -> pl.Series:
    """Which values hold an NHS number."""
    found = values.str.extract_all(_NHS)
    rows = pl.DataFrame({"row": range(len(values)), "digits": found}).explode("digits").drop_nulls()
    valid = rows.filter(nhs_number(rows["digits"]).is_not_null())["row"].unique()
    return pl.Series(range(len(values)), dtype=pl.Int64).is_in(valid.implode())


def _with_names(values: pl.Series, names: pl.Series) -> pl.Series:
    words = values.str.to_lowercase().str.extract_all(_WORD)
    return words.list.set_intersection(pl.Series([names.to_list()], dtype=pl.List(pl.String))).list.len() > 0


def _free_text(values: pl.Series) -> pl.Series:
    return (values.str.count_matches(r"\S+") >= _FREE_WORDS) | (values.str.len_chars() > _FREE_LENGTH)


def without_opted_out(frame: pl.DataFrame, contract: Contract, opted_out: pl.Series) -> pl.DataFrame:
    """The rows of those who did not opt out (national data opt-out, NHS England), by canonical NHS number."""
    for name, kind in contract.identifiers.items():
        if kind is Identifier.NHS_NUMBER:
            frame = frame.filter(~nhs_number(frame[name]).is_in(opted_out.implode()).fill_null(value=False))
    return frame


def read_opted_out(content: bytes, where: str) -> pl.Series:
    """The NHS numbers of an opt-out list, one a line, canonical; raises OptOutsUnreadable if a line is none."""
    lines = [line.strip() for line in content.decode(errors="replace").splitlines()]  # what is no text is no number
    listed = nhs_number(pl.Series(lines, dtype=pl.String))
    wrong = [number for number, line in enumerate(lines, 1) if line and listed[number - 1] is None]
    if wrong:
        raise OptOutsUnreadable(
            "The list of those who opted out is not used, and nothing is encoded",
            where=where,
            why=f"{len(wrong):,} of its lines are no NHS number, the first of them line {wrong[0]:,}",
            fix="Write one NHS number a line, without a header",
        )
    return listed.drop_nulls().unique()
