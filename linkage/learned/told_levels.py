"""The levels at which a pair stands, in one short text: what an event of the register rests on, readable for years.

1. A character a comparison, in the order of the comparisons' names: the place of the level among the level's names,
   both in alphabetical order, or - where the comparison tells nothing.
2. So nothing but the model's own document is needed to read it, whatever the rules are by then.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa

from linkage.config import UNKNOWN, LinkageConfig
from linkage.learned.model import Model
from linkage.paired.levels import Levels

_SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
_UNKNOWN = "-"


def told_levels(levels: Levels, config: LinkageConfig) -> pl.Series:
    """Rule 1, of pairs; ``levels`` has a column for each comparison as the configuration has them."""
    place = {name: number for number, name in enumerate(config.comparisons)}
    signs = np.empty(levels.shape, dtype=np.uint8)
    for at, name in enumerate(sorted(place)):
        names = config.comparisons[name].names
        told = [*(_SIGNS[sorted(names).index(level)] for level in names), _UNKNOWN]  # -1, unknown, is the last
        signs[:, at] = np.frombuffer("".join(told).encode(), dtype=np.uint8)[levels[:, place[name]]]
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(len(place)), len(levels), [None, pa.py_buffer(np.ascontiguousarray(signs))]
    )
    return pl.Series("levels", fixed.cast(pa.binary()).cast(pa.string()), dtype=pl.String)


def read_levels(text: str, model: Model) -> Mapping[str, str]:
    """Rule 2: of each comparison the level's name."""
    parameters = model.content["parameters"]
    return {
        name: UNKNOWN if sign == _UNKNOWN else sorted(parameters[name])[_SIGNS.index(sign)]
        for name, sign in zip(sorted(parameters), text, strict=True)
    }
