"""Taking weights of harm from a table that the partnership supplies. Pure but for reading the file.

1. A code is one of the Home Office's list, written CCC/SS or 5/1, or a whole class written CCC or 5.
2. A weight is a number, not negative.
3. No code has two weights.
"""

import io
from pathlib import Path

import polars as pl

from schemas.errors import ContractError
from schemas.harm import COLUMNS

_CODE = r"^(\d{1,3})(?:/(\d{1,2}))?$"


def read_weights(path: Path, columns: tuple[str, str], unit: str, source: str, offences: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``config/reference/harm.csv`` from a CSV; ``columns`` are its names of code and weight.

    Raises ContractError, which says how many rows are wrong and the first one's line.
    """
    try:
        table = pl.read_csv(io.BytesIO(path.read_bytes()), infer_schema=False)
    except pl.exceptions.PolarsError:
        raise _refused(path, "it is not a CSV in UTF-8 with a heading", "Save it as one") from None
    if not {*columns} <= {*table.columns}:
        why = "it lacks one of the columns " + " and ".join(columns)
        raise _refused(path, why, "Name its columns: --code-column, --weight-column")
    code, weight = (pl.col(name).str.strip_chars() for name in columns)
    of_class = code.str.extract(_CODE, 1).str.zfill(3)
    subclass = code.str.extract(_CODE, 2).str.zfill(2)
    made = table.select(
        offence_code=pl.when(subclass.is_null()).then(of_class).otherwise(pl.format("{}/{}", of_class, subclass)),
        weight=weight.str.replace_all(",", "").cast(pl.Float64, strict=False),
        unit=pl.lit(unit),
        source=pl.lit(source),
    )
    known = pl.concat([offences["offence_code"], offences["offence_code"].str.head(3)]).unique()
    _require(path, made["offence_code"].is_in(known.implode()), "have a code that the list of offences does not")  # (1)
    _require(path, made["weight"].is_finite() & (made["weight"] >= 0), "have a weight that is no number from 0")  # (2)
    once = made.unique(["offence_code", "weight"], maintain_order=True)
    _require(path, once["offence_code"].is_first_distinct(), "give a code a second weight")  # (3)
    return once.select(*COLUMNS).sort("offence_code")


def _require(path: Path, holds: pl.Series, said: str) -> None:
    wrong = (~holds.fill_null(value=False)).arg_true()
    if len(wrong):
        why = f"{len(wrong)} of its rows {said}; the first is row {int(wrong[0]) + 1}"
        raise _refused(path, why, "Correct these rows; nothing was loaded")


def _refused(path: Path, why: str, fix: str) -> ContractError:
    return ContractError("The weights of harm cannot be loaded", where=path.name, why=why, fix=fix)
