"""Feeds that hold one record per person, as ``config/linkage.yaml`` names them under ``one_record_per_person``.

1. Such a feed's records are keyed by what its own system knows a person by, not by an episode, a referral or a crime;
   and a record stays the same through all quarters. So two of its records are of two persons, unless its system wrote
   one person down twice.
2. A feed in which one person can lawfully come twice is none: the council gives an adopted child another reference.
3. A feed that is named and has no contract, or whose contract is not about persons, is refused: a rule that never holds
   would look like one that always does.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.registry import CONTRACTS

Flags = NDArray[np.bool_]


def not_by_person(feeds: Sequence[str]) -> list[str]:
    """Rule 3: those of these feeds that hold no person's record by one key."""
    return [feed for feed in feeds if feed not in CONTRACTS or len(CONTRACTS[feed].record_key) != 1]


def once_of(feed: NDArray[np.integer[Any]], names: Sequence[str], listed: Sequence[str]) -> tuple[Flags, ...]:
    """Of each listed feed that is there, which records are of it; ``feed`` is by record, ``names`` are by number."""
    return tuple(np.asarray(feed == names.index(name)) for name in listed if name in names)
