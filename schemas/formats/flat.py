"""From flattened rows, whose keys are paths joined by dots, to a table of text."""

from collections.abc import Mapping, Sequence

import polars as pl

from schemas.contract import Contract
from schemas.errors import FormatError

FlatRow = Mapping[str, str | None]


def text_table(rows: Sequence[FlatRow], contract: Contract) -> pl.DataFrame:
    """One text column for each path found; for no rows at all, the declared columns.

    An object or element that is empty in a row leaves its own name behind; its declared inner
    columns are then null. Raises FormatError if such a name bears a value, which would be lost.
    """
    names = dict.fromkeys(name for row in rows for name in row) or dict.fromkeys(contract.source_names)
    for parent in [name for name in names if _inner(name, contract)]:
        if any(row.get(parent) for row in rows):
            raise refusal("A row cannot be read", f"{parent} is a single value", contract)
        del names[parent]
        names |= dict.fromkeys(_inner(parent, contract))
    columns = {name: [row.get(name) for row in rows] for name in names}
    try:
        return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    except UnicodeError:
        raise refusal("A page is not text", "it holds half a character (a lone surrogate)", contract) from None


def _inner(name: str, contract: Contract) -> list[str]:
    if name in contract.source_names:
        return []
    return [known for known in contract.source_names if known.startswith(f"{name}.")]


def refusal(what: str, why: str, contract: Contract) -> FormatError:
    """A FormatError about a page of this feed."""
    return FormatError(what, where=f"feed {contract.feed}", why=why, fix="Ask the provider to send it again")
