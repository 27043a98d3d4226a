"""Forenames that may stand for each other: Bill may be William, and it may be Robert; neither is guessed.

The table is names.csv of ``nicknames`` 1.0.1 (Carlton Northern and contributors, Apache License 2.0), whose lines say
that a formal name has a nickname. Source: docs/token-scheme-1.md, section 3.
"""

from collections import defaultdict
from functools import cache

import polars as pl
from nicknames import name_triplets


def families(forenames: pl.Series) -> pl.Series:
    """Each canonical forename with all names of which it is a nickname, in code point order, joined by spaces."""
    return forenames.replace(_table())


@cache
def _table() -> dict[str, str]:
    formal: defaultdict[str, set[str]] = defaultdict(set)
    for line in name_triplets():
        formal[line.name2] |= {line.name1, line.name2}
    return {nickname: " ".join(sorted(names)) for nickname, names in formal.items()}
