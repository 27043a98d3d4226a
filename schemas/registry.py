"""Every feed's contract, by the feed's name: of each module here that is named after an authority, alone or in part.

So a new contract needs no entry in a list: ``schemas/council_streets.py`` is found because the council is an authority.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

import schemas
from hub.feeds import AUTHORITIES
from schemas.contract import Contract
from schemas.errors import ContractError, UnknownFeed


def _contracts() -> Iterator[Contract]:
    """The contracts that the modules state, in the order of their names."""
    for found in sorted(iter_modules(schemas.__path__), key=lambda module: module.name):
        if found.name.partition("_")[0] in AUTHORITIES:
            yield from import_module(f"{schemas.__name__}.{found.name}").CONTRACTS


def _by_feed(contracts: Iterator[Contract]) -> dict[str, Contract]:
    known: dict[str, Contract] = {}
    for contract in contracts:
        if contract.feed in known:
            raise ContractError(
                f"The feed {contract.feed} has two contracts",
                where="the modules of schemas/ that are named after an authority",
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
            fix="Use one of these, or write the contract in a module of schemas/ that is named after its authority",
        )
    return CONTRACTS[feed_name]
