"""Whether the columns that came are the columns that were agreed."""

import re
from collections.abc import Iterable

from schemas.contract import Contract
from schemas.errors import ContractError

_PLAIN_NAME = re.compile(r"[A-Za-z_][\w .()/-]{0,59}")


def check_columns(found: Iterable[str], contract: Contract) -> None:
    """Fail closed: raises ContractError if a column is undeclared, or a required one missing."""
    names = set(found)
    declared = set(contract.source_names)
    undeclared = sorted(names - declared - contract.ignored)
    missing = sorted(declared - contract.optional - names)
    if undeclared or missing:
        raise ContractError(
            "The columns are not those of the contract",
            where=f"feed {contract.feed}",
            why=_difference(undeclared, missing, recognised=len(names & declared)),
            fix="Ask the provider for the agreed columns, or agree on the change and put it into the contract",
        )


def _difference(undeclared: list[str], missing: list[str], recognised: int) -> str:
    parts = []
    if missing:
        parts.append("missing: " + ", ".join(missing))
    if undeclared:
        parts.append(f"undeclared: {_named(undeclared, recognised)}")
    return "; ".join(parts)


def _named(undeclared: list[str], recognised: int) -> str:
    """Undeclared names, unless they may be the values of a file without a header."""
    if recognised > len(undeclared) and all(_PLAIN_NAME.fullmatch(name) for name in undeclared):
        return ", ".join(undeclared)
    return f"{len(undeclared)} columns, whose names are withheld since they may be a row's values"
