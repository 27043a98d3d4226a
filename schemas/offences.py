"""Home Office offence codes: class and subclass, and whether there is such an offence.

Source: the Home Office's offence codes as the justice systems hold them (3,039 codes; the newest is of 2023).
``config/reference/offences.csv`` has each code, its group, and whether it may stand for a crime: class 0 may not.
"""

from functools import cache
from pathlib import Path

import polars as pl

from hub.settings import PROJECT
from schemas.reference import reference_table

OFFENCE_CODE = r"^\d{3}/\d{2}$"
_COLUMNS = {"offence_code": pl.String, "group": pl.String, "valid": pl.Boolean}


@cache
def load_offences(config: Path = PROJECT / "config") -> pl.DataFrame:
    """The reference table ``reference/offences.csv``; raises ConfigurationError."""
    return reference_table(config, "offences", _COLUMNS)


@cache
def _valid_codes() -> pl.Series:
    return load_offences().filter("valid")["offence_code"].implode()


def exists(name: str) -> pl.Expr:
    """Whether an offence code is written CCC/SS and stands in the list; null where blank."""
    return pl.col(name).is_in(pl.lit(_valid_codes()))
