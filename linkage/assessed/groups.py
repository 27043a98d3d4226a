"""Which groups a record is of, as far as the hub knows without names.

Authority and feed are known; sex, ethnic group and year of birth are what the feed stated and the agreement keeps of
it. Name culture is stated by nobody, and is not inferred from names (docs/decisions/0024): what stands in for it is how
much a name tells apart, by the length of its encoding, which is what linkage is weak by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.periods import Quarter
from linkage.kept.state import Kept

Codes = NDArray[np.int64]
_AGES = ((18, "under 18"), (25, "18 to 24"), (50, "25 to 49"), (200, "50 and over"))
_BITS = ((149, "short name"), (221, "middling name"), (1025, "long name"))  # of forename and surname together
_NAMES = ("encoding_forename", "encoding_surname")


@dataclass(frozen=True)
class Grouping:
    """One way to group: of each row the number of its group's name, -1 where it is not known."""

    kind: str
    names: tuple[str, ...]
    of: Codes


def groupings(
    kept: Kept, feeds: Sequence[str], authority: Mapping[str, str], traits: Mapping[str, Sequence[str]], at: Quarter
) -> Iterator[Grouping]:
    """Every way to group rows. ``traits``: the values of sex and ethnic_group by number."""
    for place, kind in enumerate(("sex", "ethnic_group")):
        yield Grouping(kind, tuple(traits.get(kind, ())), kept.traits[:, place].astype(np.int64))
    born = kept.traits[:, 2].astype(np.int64)
    yield Grouping("age_band", tuple(name for _, name in _AGES), _banded(at.year - born, born > 0, _AGES))
    yield Grouping("name", tuple(name for _, name in _BITS), _name_length(kept))
    held = sorted({authority[feed] for feed in feeds})
    to = np.array([held.index(authority[feed]) for feed in feeds], dtype=np.int64)
    yield Grouping("authority", tuple(held), to[kept.feed])


def _name_length(kept: Kept) -> Codes:
    total, known = np.zeros(len(kept.alive), dtype=np.int64), np.ones(len(kept.alive), dtype=bool)
    for name in _NAMES:
        encoding = kept.coded.encodings.get(name)
        if encoding is None:
            return np.full(len(kept.alive), -1, dtype=np.int64)
        total += np.append(encoding.bits, 0)[encoding.which]
        known &= encoding.which >= 0
    return _banded(total, known, _BITS)


def _banded(values: Codes, known: NDArray[np.bool_], bands: Sequence[tuple[int, str]]) -> Codes:
    found = np.digitize(values, [below for below, _ in bands])
    return np.where(known & (found < len(bands)), found, -1)
