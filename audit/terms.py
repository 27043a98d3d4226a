"""What entries are found by: the terms of what they say, which are stored beside the bundle that they lie in. Pure.

A term is ``name=value``. Which entry of a bundle it is of, the bundle's terms do not tell; whoever looks for entries
reads the bundles that have every term, and asks each entry of them.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

EQUAL = ("action", "actor", "outcome", "feed", "delivery", "period", "release", "recipient", "table")
LISTED = ", "  # between the purposes of one entry
_ALIKE = tuple(name for name in EQUAL if name != "delivery")  # what entries of one act say alike
_NAMES = (*_ALIKE, "purpose")
_ASKED = itemgetter(*_NAMES)
_DELIVERY = itemgetter("delivery")


def terms(said: Sequence[Mapping[str, Any]]) -> list[str]:
    """The terms of entries, each once and in order.

    1. Each of the fields ``EQUAL``, as it is.
    2. ``authority``: a feed's part before the dot.
    3. ``purpose``: each that is listed.
    4. ``did``: action and actor together, since a bundle that has both need not have an entry with both.

    Raises KeyError, TypeError or AttributeError if one says what no entry can.
    """
    alike, deliveries = _alike(said)
    values = {name: set(column) - {None} for name, column in zip(_NAMES, zip(*alike, strict=True), strict=False)}
    values["delivery"] = deliveries - {None}
    found = {f"{name}={value}" for name in EQUAL for value in values.get(name, ())}  # (1)
    found |= {f"authority={authority_of(feed)}" for feed in values.get("feed", ())}  # (2)
    found |= {f"purpose={purpose}" for listed in values.get("purpose", ()) for purpose in listed.split(LISTED)}  # (3)
    found |= {did(action, actor) for action, actor, *_ in alike}  # (4)
    return sorted(found)


def did(action: str, actor: str) -> str:
    """The term that an entry has by who did what."""
    return f"did={action} {actor}"


def authority_of(feed: str) -> str:
    """Whose feed it is."""
    return feed.partition(".")[0]


def _alike(said: Sequence[Mapping[str, Any]]) -> tuple[set[tuple[Any, ...]], set[Any]]:
    """What entries say, each once: under the names of which they mostly say the same; and their deliveries."""
    try:
        return set(map(_ASKED, said)), set(map(_DELIVERY, said))
    except KeyError:  # entries that were read again leave out what is not said; none is without the first two
        alike = {(one["action"], one["actor"], *map(one.get, _NAMES[2:])) for one in said}
        return alike, {one.get("delivery") for one in said}
