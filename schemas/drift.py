"""What to do with columns that are not those of the contract: schemas drift when an authority changes its system.

The feed says which (``drift`` in its YAML). A provider learns of either by name, so that it can be mended or agreed on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from schemas.contract import Contract
from schemas.errors import ContractError

Policy = Literal["refuse", "report"]
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w .()/-]{0,59}")


@dataclass(frozen=True)
class Drift:
    """How columns that came differ from those agreed, by the source's names. Holds no value.

    ``new``: undeclared, and dropped unread. ``renamed``: under a name that the column had before, with its name of
    today. ``absent``: optional, and read as blank. Only the first two are reported: an optional column may be absent.
    """

    new: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    recognised: int = field(default=0, compare=False)

    def __bool__(self) -> bool:
        return bool(self.new or self.renamed)

    def __str__(self) -> str:
        """In words for a log or a report; names that may be the values of a file without a header are withheld."""
        said = [f"renamed: {', '.join(f'{old} (now {today})' for old, today in self.renamed)}"] if self.renamed else []
        return "; ".join(([f"undeclared: {_named(self.new, self.recognised)}"] if self.new else []) + said)


def drift_of(found: Iterable[str], contract: Contract, policy: Policy = "refuse") -> Drift:
    """Hold the columns of a document, or of a batch of it, against the contract.

    1. A required column that is missing refuses the delivery, whatever the policy.
    2. Under ``refuse``, so does a column that is undeclared, or has a name of before.
    3. Under ``report``, an undeclared column is dropped unread, and one with a name of before is read as that of today,
       unless today's name came too: then the old one is undeclared.
    4. Columns that the contract ignores are dropped in silence.

    Raises ContractError, which names columns and no value.
    """
    names = dict.fromkeys(found)
    renamed = _renamed(names, contract)
    known = {*contract.source_names, *contract.ignored, *(old for old, _ in renamed)}  # (3), (4)
    new = tuple(sorted(name for name in names if name not in known))
    came = {*names, *(today for _, today in renamed)}
    gone = [name for name in contract.source_names if name not in came]
    missing = sorted(name for name in gone if name not in contract.optional)
    recognised = len(came & set(contract.source_names))
    drift = Drift(new, renamed, tuple(name for name in gone if name in contract.optional), recognised)
    if missing or (drift and policy == "refuse"):  # (1), (2)
        raise _refusal(contract, missing, drift)
    return drift


def agreed_columns(frame: pl.DataFrame, drift: Drift) -> pl.DataFrame:
    """The frame without columns that are new, and with today's names."""
    return frame.drop(drift.new).rename(dict(drift.renamed)) if drift else frame


def _renamed(names: Iterable[str], contract: Contract) -> tuple[tuple[str, str], ...]:
    """Names of before, each with the one of today that did not come; of two for one column, the first alone."""
    found: dict[str, str] = {}
    for old in names:
        today = contract.formerly.get(old)
        if today is not None and old not in contract.source_names and today not in names:
            found.setdefault(today, old)
    return tuple((old, today) for today, old in found.items())


def _refusal(contract: Contract, missing: list[str], drift: Drift) -> ContractError:
    parts = ["missing: " + ", ".join(missing)] if missing else []
    return ContractError(
        "The columns are not those of the contract",
        where=f"feed {contract.feed}",
        why="; ".join([*parts, str(drift)] if drift else parts),
        fix="Ask the provider for the agreed columns, or agree on the change and put it into the contract",
    )


def _named(undeclared: tuple[str, ...], recognised: int) -> str:
    """Undeclared names, unless they may be the values of a file without a header."""
    if recognised > len(undeclared) and all(_PLAIN_NAME.fullmatch(name) for name in undeclared):
        return ", ".join(undeclared)
    return f"{len(undeclared)} columns, whose names are withheld since they may be a row's values"
