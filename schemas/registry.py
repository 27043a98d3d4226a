"""Every feed's contract, by the feed's name."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas import council, fire, health, police, probation, yot
from schemas.contract import Contract
from schemas.errors import UnknownFeed

CONTRACTS: Mapping[str, Contract] = MappingProxyType(
    {
        contract.feed: contract
        for authority in (council, fire, health, police, probation, yot)
        for contract in authority.CONTRACTS
    }
)


def contract_for(feed_name: str) -> Contract:
    """The contract of what a feed delivers; raises UnknownFeed."""
    if feed_name not in CONTRACTS:
        raise UnknownFeed(
            f"There is no contract for the feed {feed_name!r}",
            where="the registry of contracts",
            why="known feeds are " + ", ".join(sorted(CONTRACTS)),
            fix="Use one of these, or write the contract and register it",
        )
    return CONTRACTS[feed_name]
