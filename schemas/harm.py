"""How much harm an offence is: weights by offence code, from a table that the partnership supplies.

The Cambridge Crime Harm Index weighs by the days of imprisonment with which sentencing starts; the Crime Severity Score
of the Office for National Statistics by sentences passed. Neither table is ours to ship. What is loaded lies in
``config/reference/harm.csv``: offence_code, weight, unit, source. A weight of a class (005) is that of each subclass
without one of its own. Without the file no event has harm.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hub.errors import ConfigurationError
from schemas.reference import reference_table

NAME = "harm"
COLUMNS = {"offence_code": pl.String(), "weight": pl.Float64(), "unit": pl.String(), "source": pl.String()}


@dataclass(frozen=True)
class Harm:
    """``weights``: offence_code (CCC/SS, or a class CCC) and weight. ``sha256``: of the file."""

    weights: pl.DataFrame
    unit: str
    source: str
    sha256: str


def harm_path(config: Path) -> Path:
    """Where the weights of a configuration lie."""
    return config / "reference" / f"{NAME}.csv"


def load_harm(config: Path) -> Harm | None:
    """The weights; None where none are loaded. Raises ConfigurationError if they are not all of one unit and source."""
    path = harm_path(config)
    if not path.exists():
        return None
    table = reference_table(config, NAME, COLUMNS)
    about = table.select("unit", "source").unique()
    if about.height != 1 or about.null_count().sum_horizontal()[0]:
        raise ConfigurationError(
            "The weights of harm cannot be used",
            where=str(path),
            why="its rows are not all of one unit and one source",
            fix="Load them again with hub harm load",
        )
    unit, source = about.row(0)
    return Harm(table.select("offence_code", "weight"), unit, source, hashlib.sha256(path.read_bytes()).hexdigest())


def with_harm(events: pl.DataFrame, harm: Harm | None, weighed: tuple[str, ...]) -> pl.DataFrame:
    """The events with ``harm``, the weight of their offence code; unchanged where no weights are loaded. Pure.

    1. Only events of the types ``weighed`` are, whose code says what happened: others repeat an offence told elsewhere.
    2. A subclass's own weight goes before its class's. A code without either has no harm: that is not none.
    """
    if harm is None:
        return events
    code = pl.col("offence_code") if "offence_code" in events.columns else pl.lit(None, pl.String())
    by = {"old": harm.weights["offence_code"], "new": harm.weights["weight"]}
    own = code.replace_strict(**by, default=None, return_dtype=pl.Float64())
    of_class = code.str.head(3).replace_strict(**by, default=None, return_dtype=pl.Float64())
    counts = pl.col("event_type").is_in(list(weighed))  # (1)
    return events.with_columns(pl.when(counts).then(pl.coalesce(own, of_class)).alias("harm"))  # (2)
