"""Small areas: what goes with more violence there, and which areas have more than chance alone would give them.

1. What goes with it: events of serious violence in public and by day, by small area, for its residents, against what
   the table factor states of areas. Violence at home lies where people live, and that of the night where they go out:
   both are left out here. Adjusted for being where people go out: an area with many times the usual
   violence of the night is full of people who do not live there.
2. Hot spots: an area has more than its share if so many events would be rare among areas alike (one-sided Poisson),
   with the false discovery rate held (Benjamini & Hochberg). The share is by residents where they are known.
"""

from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np
import polars as pl

from assessment.drivers import FALSE_DISCOVERIES, Driver
from assessment.regression import Ratio, discoveries, poisson

_NIGHT, _HOME = "night-time economy", "domestic abuse"
_FEWEST = 10  # areas with a factor, and without
_BUSY = 5.0  # times the median violence of the night


@dataclass(frozen=True)
class Spot:
    """A small area with its events of violence, what would be expected of it, and whether it stands out."""

    area_code: str
    name: str
    events: int
    expected: float
    p: float
    hot: bool


def violence(event: pl.DataFrame) -> pl.DataFrame:
    """Events of serious violence that the police told of."""
    return event.filter(pl.col("violence_kind").is_not_null() & (pl.col("feed") == "police.recorded_crime"))


def _has(clause: str) -> pl.Expr:
    return pl.col("definition_clauses").str.contains(clause, literal=True).fill_null(value=False)


def area_drivers(tables: dict[str, pl.DataFrame]) -> list[Driver]:
    """Every factor of small areas, as the drivers of persons are told (1)."""
    by_day = violence(tables["event"]).filter(~_has(_NIGHT) & ~_has(_HOME))
    at_night = violence(tables["event"]).filter(_has(_NIGHT))
    areas = _counted(tables["area"], by_day)
    stated = tables["factor"].filter(pl.col("area_code").is_not_null())
    about = stated.group_by("factor").agg(pl.col("level", "direction").first(), pl.col("area_code")).sort("factor")
    found = {row["factor"]: areas["area_code"].is_in(row["area_code"]).to_numpy() for row in about.to_dicts()}
    told = [name for name, has in found.items() if min(has.sum(), (~has).sum()) >= _FEWEST]
    counts = areas["events"].to_numpy().astype(float)
    ratios: dict[str, Ratio] = {}
    if told and counts.sum():
        nights = _counted(tables["area"], at_night)["events"].to_numpy().astype(float)
        busy = (nights > _BUSY * max(1.0, float(np.median(nights)))).astype(float)
        x = np.column_stack([np.ones(areas.height), *(found[name].astype(float) for name in told), busy])
        fitted = poisson(x, counts, areas["residents"].to_numpy(), areas["area_code"].to_numpy(), np.ones(areas.height))
        ratios = dict(zip(told, fitted[1:], strict=False))
    real = dict(zip(ratios, discoveries([one.p for one in ratios.values()], FALSE_DISCOVERIES), strict=True))
    nothing = Ratio(1.0, 0.0, float("inf"), 1.0, told=False)
    return [
        Driver(name, level, way, int(found[name].sum()), areas.height, int(counts[found[name]].sum()),
               ratios.get(name, nothing), real.get(name, False))
        for name, level, way in about.select("factor", "level", "direction").iter_rows()
    ]  # fmt: skip


def _counted(area: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Small areas with their events and residents; of residents not known every area has as many as another."""
    counted = events.group_by("lsoa_code").len("events")
    areas = area.filter(pl.col("kind") == "lsoa").join(counted, left_on="area_code", right_on="lsoa_code", how="left")
    known = areas["population"].null_count() == 0
    residents = pl.col("population").cast(pl.Float64) if known else pl.lit(1.0)
    return areas.with_columns(pl.col("events").fill_null(0), residents=residents.clip(1, None)).sort("area_code")


def hot_spots(tables: dict[str, pl.DataFrame]) -> list[Spot]:
    """Every small area, the most violent beside its share first (2)."""
    areas = _counted(tables["area"], violence(tables["event"]))
    total, everybody = int(areas["events"].sum()), float(areas["residents"].sum())
    shares = [total * residents / everybody for residents in areas["residents"]]
    chances = [at_least(events, share) for events, share in zip(areas["events"], shares, strict=True)]
    hot = discoveries(chances, FALSE_DISCOVERIES)
    rows = zip(areas["area_code"], areas["name"], areas["events"], shares, chances, hot, strict=True)
    return sorted((Spot(*row) for row in rows), key=lambda spot: (spot.p, spot.area_code))


def at_least(events: int, expected: float) -> float:
    """The chance of so many events or more where so many are expected (Poisson)."""
    if events <= 0 or expected <= 0:
        return 1.0
    return max(0.0, 1.0 - sum(exp(k * log(expected) - expected - lgamma(k + 1)) for k in range(events)))
