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
_CHUNK = 20_000
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


Place = Callable[[pl.DataFrame, Areas], pl.DataFrame]


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
    return _located(frame, "easting", "northing", areas, areas.grid())


def from_degrees(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Add ``lsoa_code`` and ``ward_code`` by ``longitude`` and ``latitude`` (degrees, WGS 84)."""
    points = areas.degrees()
    metres = np.array([_DEGREE_M * np.cos(np.radians(points[:, 1].mean())), _DEGREE_M])
    return _located(frame, "longitude", "latitude", areas, points * metres, metres)


def from_code(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """Keep a given ``lsoa_code`` if it is one of the borough's, blank it if not; add ``ward_code``."""
    known = dict(areas.table.select("lsoa_code", "ward_code").iter_rows())
    given = pl.col("lsoa_code")
    return frame.with_columns(
        pl.when(given.is_in(list(known))).then(given).alias("lsoa_code"),
        given.replace_strict(known, default=None, return_dtype=pl.String).alias("ward_code"),
    )


def _located(
    frame: pl.DataFrame, x: str, y: str, areas: Areas, points: Points, metres: Points | float = 1.0
) -> pl.DataFrame:
    places = frame.select(pl.col(x).cast(pl.Float64), pl.col(y).cast(pl.Float64)).unique(maintain_order=True)
    at = places.drop_nulls()
    index = _nearest(at.to_numpy() * metres, points)
    codes = areas.table.select("lsoa_code", "ward_code")[np.where(index < 0, 0, index)]
    inside = pl.Series(index >= 0)
    found = at.with_columns(
        **{name: pl.select(pl.when(inside).then(codes[name])).to_series() for name in ("lsoa_code", "ward_code")}
    )
    return frame.with_columns(pl.col(x).cast(pl.Float64).alias("_x"), pl.col(y).cast(pl.Float64).alias("_y")).join(
        found.rename({x: "_x", y: "_y"}), on=["_x", "_y"], how="left", maintain_order="left"
    ).drop("_x", "_y")  # fmt: skip


def _nearest(places: Points, points: Points) -> NDArray[np.int64]:
    """The index of each place's nearest point, or -1 where none is near enough."""
    found = np.full(len(places), -1, dtype=np.int64)
    for start in range(0, len(places), _CHUNK):
        part = places[start : start + _CHUNK]
        squared = ((part[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
        nearest = squared.argmin(axis=1)
        near = squared[np.arange(len(part)), nearest] <= FARTHEST_M**2
        found[start : start + len(part)] = np.where(near, nearest, -1)
    return found
