"""The names of a document's columns: each once, not too many, and those of the contract as the feed's policy has it."""

from collections.abc import Iterable

from schemas.drift import drift_of
from schemas.formats.expected import Expected


def check_header(names: list[str], expected: Expected) -> None:
    """Hold a table's header against the contract, before any row is read; raises FormatError and ContractError."""
    check_number(names, expected)
    if len(set(names)) < len(names):
        raise expected.refusal("A document is not a table", "its header names a column twice")
    check_columns(names, expected)


def check_number(names: Iterable[str], expected: Expected) -> None:
    """Raises FormatError for too many columns: each would cost memory in every row."""
    if len(list(names)) > expected.bounds.columns:
        raise expected.refusal("A document has too many columns", f"it has more than {expected.bounds.columns:,}")


def check_columns(names: Iterable[str], expected: Expected) -> None:
    """Raises ContractError as ``schemas.drift``; the marker is no column of the contract's."""
    drift_of((name for name in names if name != expected.marker), expected.contract, expected.drift)
