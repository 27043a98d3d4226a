"""The reference tables in ``config/reference``: CSV, to which an operator may add."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from hub.errors import ConfigurationError


def reference_table(config: Path, name: str, columns: Mapping[str, Any]) -> pl.DataFrame:
    """The table ``reference/<name>.csv``, of which these columns are read; raises ConfigurationError."""
    path = config / "reference" / f"{name}.csv"
    try:
        return pl.read_csv(path, columns=list(columns), schema_overrides=columns)
    except (OSError, pl.exceptions.PolarsError):
        raise ConfigurationError(
            "A reference table cannot be read",
            where=str(path),
            why="the file is missing, or lacks one of " + ", ".join(columns),
            fix="Restore the file",
        ) from None


def write_reference(path: Path, table: pl.DataFrame) -> None:
    """Put a reference table in the place of what is there, at once: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            table.write_csv(file)
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
