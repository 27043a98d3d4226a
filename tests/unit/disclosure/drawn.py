"""Random tables: flat and with levels, one to three dimensions, sparse and full, and how they grow by releases."""

import numpy as np

from disclosure.dimensions import Dimension
from disclosure.tables import Table

AREAS = Dimension("area", {"all": ("north", "south", "west"), "north": ("n1", "n2", "n3"), "south": ("s1", "s2")})
KINDS = Dimension("kind", {"all": ("violence", "theft"), "violence": ("v1", "v2"), "theft": ("t1", "t2", "t3")})


def flat(name: str, number: int) -> Dimension:
    return Dimension.flat(name, [f"{name}{n}" for n in range(number)])


SHAPES = (
    (AREAS,),
    (flat("age", 5), flat("kind", 4)),
    (AREAS, flat("age", 4)),
    (AREAS, KINDS),
    (flat("age", 3), flat("sex", 2), flat("place", 2)),
)
SMALL = ((AREAS,), (flat("age", 3), flat("kind", 3)), (flat("age", 2), flat("sex", 2), flat("place", 2)))
"""Of tables of several releases, whose puzzle is ten times theirs."""


def drawn(seed: int, releases: int = 1) -> list[Table]:
    """The same table in each of so many releases; later ones have more."""
    rng = np.random.default_rng(seed)
    shapes = SHAPES if releases == 1 else SMALL
    dimensions = shapes[seed % len(shapes)]
    empty = Table(dimensions, np.zeros(int(np.prod([len(d.values) for d in dimensions]))))
    counts = np.floor(rng.lognormal(rng.uniform(1.5, 3.5), 1.1, len(empty.cells)))
    found = []
    for _ in range(releases):
        found.append(Table(dimensions, empty.summed_up(counts)))
        counts = counts + rng.poisson(counts * rng.choice([0.0, 0.05, 0.6], len(counts)))
    return found
