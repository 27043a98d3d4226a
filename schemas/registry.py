"""Every feed's contract, by the feed's name: of each module here that states ``CONTRACTS``.

So a new contract, and a new authority's, needs no entry in a list: ``schemas/council_streets.py`` is found as it lies.
"""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType

import schemas
from schemas.contract import Contract
from schemas.errors import ContractError, UnknownFeed

_STATED = re.compile(r"^CONTRACTS\b", re.MULTILINE)


def _contracts() -> Iterator[Contract]:
    """The contracts that the modules state, in the order of their names."""
    for found in sorted(iter_modules(schemas.__path__), key=lambda module: module.name):
        module = f"{schemas.__name__}.{found.name}"
        if module != __name__ and not found.ispkg and _STATED.search(_source(module)):
            yield from import_module(module).CONTRACTS


def _source(module: str) -> str:
    """The text of a module, which is not imported: the published tables are made from what is found here."""
    found = find_spec(module)
    return "" if found is None or found.origin is None else Path(found.origin).read_text(encoding="utf-8")


def _by_feed(contracts: Iterator[Contract]) -> dict[str, Contract]:
    known: dict[str, Contract] = {}
    for contract in contracts:
        if contract.feed in known:
            raise ContractError(
                f"The feed {contract.feed} has two contracts",
                where="the modules of schemas/ that state CONTRACTS",
                why="each feed is described once",
                fix="Remove one, or name its feed otherwise",
            )
        known[contract.feed] = contract
    return known


CONTRACTS: Mapping[str, Contract] = MappingProxyType(_by_feed(_contracts()))


def contract_for(feed_name: str) -> Contract:
    """The contract of what a feed delivers; raises UnknownFeed."""
    if feed_name not in CONTRACTS:
        raise UnknownFeed(
            f"There is no contract for the feed {feed_name!r}",
            where="the registry of contracts",
            why="known feeds are " + ", ".join(sorted(CONTRACTS)),
            fix="Use one of these, or write the contract in a module of schemas/",
        )
    return CONTRACTS[feed_name]
