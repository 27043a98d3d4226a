"""Which small area (LSOA 2021) and ward a place lies in.

The reference table has one point for each area; a place belongs to the area whose point is
nearest. That is right for most places and wrong near borders, which is enough for counts by
area and needs no boundary files. Sources: Office for National Statistics, Open Government Licence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hub.errors import ConfigurationError
from hub.settings import PROJECT

FARTHEST_M = 2500.0  # from any point; beyond it a place is outside the borough
_DEGREE_M = 111_320.0  # of latitude; of longitude at the equator
_CHUNK = 4_000  # small enough for the processor's cache
_COLUMNS = {"lsoa_code": pl.String, "ward_code": pl.String, "latitude": pl.Float64, "longitude": pl.Float64,
            "easting_m": pl.Float64, "northing_m": pl.Float64}  # fmt: skip

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Areas:
    """The borough's small areas: ``lsoa_code``, ``ward_code``, a point in degrees and in grid metres."""

    table: pl.DataFrame

    def grid(self) -> Points:
        """Points as easting and northing, metres."""
        return self.table.select("easting_m", "northing_m").to_numpy()

    def degrees(self) -> Points:
        """Points as longitude and latitude, degrees."""
        return self.table.select("longitude", "latitude").to_numpy()


@dataclass(frozen=True)
class Place:
    """How a feed says where: the column that must have a value for it, and how the area is found from it.

    ``found``: the column that is blank where the place is not in or near the borough. Such a row is kept and remarked
    on, unless ``must_be_near``: then it is at fault.
    """

    given: str
    locate: Callable[[pl.DataFrame, Areas], pl.DataFrame]
    found: str = "lsoa_code"
    must_be_near: bool = False


@cache
def load_areas(config: Path = PROJECT / "config") -> Areas:
    """The reference table ``reference/areas.csv``; raises ConfigurationError."""
    path = config / "reference" / "areas.csv"
    try:
        table = pl.read_csv(path, columns=list(_COLUMNS), schema_overrides=_COLUMNS)
    except (OSError, pl.exceptions.PolarsError):
        raise ConfigurationError(
            "The small areas cannot be read",
            where=str(path),
            why="the file is missing or lacks one of " + ", ".join(_COLUMNS),
            fix="Restore the file",
        ) from None
    return Areas(table)


def from_grid(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Add ``lsoa_code`` and ``ward_code`` by ``easting`` and ``northing`` (metres, British National Grid)."""
    places = _points(frame, "easting", "northing")
    return _with_areas(frame, areas, _nearest(places, areas.grid()))


def from_degrees(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Add ``lsoa_code`` and ``ward_code`` by ``longitude`` and ``latitude`` (degrees, WGS 84)."""
    points = areas.degrees()
    metres = np.array([_DEGREE_M * np.cos(np.radians(points[:, 1].mean())), _DEGREE_M])
    places = _points(frame, "longitude", "latitude")
    return _with_areas(frame, areas, _nearest(places * metres, points * metres))


def from_code(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Keep a given ``lsoa_code`` if it is one of the borough's, blank it if not; add ``ward_code``."""
    known = areas.table.select("lsoa_code", pl.col("ward_code").alias("_ward"), pl.lit(1).alias("_known"))
    found = frame.join(known, on="lsoa_code", how="left", maintain_order="left")
    given = pl.when(pl.col("_known").is_not_null()).then(pl.col("lsoa_code"))
    return found.with_columns(given.alias("lsoa_code"), pl.col("_ward").alias("ward_code")).drop("_ward", "_known")


def _points(frame: pl.DataFrame, x: str, y: str) -> Points:
    """Places as two columns of numbers; not a number where blank."""
    return frame.select(pl.col(x, y).cast(pl.Float64).fill_null(float("nan"))).to_numpy()


def _with_areas(frame: pl.DataFrame, areas: Areas, nearest: NDArray[np.int64]) -> pl.DataFrame:
    """Add the codes of the areas at these indices; blank at -1."""
    index = pl.Series(nearest).replace(-1, None)
    return frame.with_columns(areas.table[name].gather(index) for name in ("lsoa_code", "ward_code"))


def _nearest(places: Points, points: Points) -> NDArray[np.int64]:
    """Find the index of each place's nearest point; -1 where none is near enough, or the place is blank.

    The squared distance is |p|² - 2 p·q + |q|², of which the first part is the same for all points q.
    """
    found, centre = np.full(len(places), -1, dtype=np.int64), points.mean(axis=0)
    seen_from_there = points - centre
    lengths = (seen_from_there**2).sum(axis=1)
    for start in range(0, len(places), _CHUNK):
        part = places[start : start + _CHUNK] - centre
        nearest = (lengths - 2 * (part @ seen_from_there.T)).argmin(axis=1)
        near = ((part - seen_from_there[nearest]) ** 2).sum(axis=1) <= FARTHEST_M**2  # never true of not-a-number
        found[start : start + len(part)] = np.where(near, nearest, -1)
    return found


GRID = Place("easting", from_grid)
DEGREES = Place("latitude", from_degrees)
CODE = Place("lsoa_code", from_code)
