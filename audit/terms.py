"""What entries are found by: the terms of what they say, which are stored beside the bundle that they lie in. Pure.

A term is ``name=value``. Which entry of a bundle it is of, the bundle's terms do not tell; whoever looks for entries
reads the bundles that have every term, and asks each entry of them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

EQUAL = ("action", "actor", "outcome", "feed", "delivery", "period", "release", "recipient", "table")
LISTED = ", "  # between the purposes of one entry


def terms(said: Sequence[Mapping[str, Any]]) -> list[str]:
    """The terms of entries, each once and in order.

    1. Each of the fields ``EQUAL``, as it is.
    2. ``authority``: a feed's part before the dot.
    3. ``purpose``: each that is listed.
    4. ``did``: action and actor together, since a bundle that has both need not have an entry with both.

    Raises KeyError, TypeError or AttributeError if one says what no entry can.
    """
    found = {f"{name}={value}" for name in EQUAL for value in _values(name, said)}  # (1)
    found |= {f"authority={authority_of(feed)}" for feed in _values("feed", said)}  # (2)
    found |= {f"purpose={purpose}" for listed in _values("purpose", said) for purpose in listed.split(LISTED)}  # (3)
    found |= {did(action, actor) for action, actor in {(one["action"], one["actor"]) for one in said}}  # (4)
    return sorted(found)


def did(action: str, actor: str) -> str:
    """The term that an entry has by who did what."""
    return f"did={action} {actor}"


def authority_of(feed: str) -> str:
    """Whose feed it is."""
    return feed.partition(".")[0]


def _values(name: str, said: Sequence[Mapping[str, Any]]) -> set[Any]:
    return {one.get(name) for one in said} - {None}
