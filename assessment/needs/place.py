"""Where and when serious violence happens. Pure.

1. A small area stands out if so many events would be rare among areas alike, with the false discovery rate held
   (``assessment.areas``); that it does is only said where its count is shown.
2. The night-time economy is as the definition has it: places where people go out, and hours.
3. Hours are of London. An event without a time counts in no table of hours.
"""

import polars as pl

from assessment.areas import Spot, hot_spots
from assessment.needs.charts import bars, heat
from assessment.needs.map import area_map, around_middles
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, counted, crossed
from assessment.needs.source import LONDON, UNKNOWN, Source
from assessment.needs.words import most, named, uneven
from assessment.safe import Counts, Gate, per, significant
from disclosure.dimensions import Dimension
from schemas.codes import PLACE_TYPE

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = ("00-06", "06-12", "12-18", "18-24")
_SHOWN = 15
NIGHT = "night-time economy"
_PLACES = sorted(set(PLACE_TYPE.values()) - {UNKNOWN})


def place(source: Source, gate: Gate) -> Section:
    """Small areas with their number of events and whether they stand out, wards, and the night-time economy."""
    small = source.tables["area"].filter(pl.col("kind") == "lsoa").sort("area_code")
    spots = {spot.area_code: spot for spot in hot_spots({**source.tables, "event": source.now})}
    where = source.now.with_columns(pl.col("lsoa_code").fill_null(UNKNOWN), pl.col("ward_code").fill_null(UNKNOWN))
    wards = _wards(source, gate, where)
    counts = gate.counts(
        "violence by small area", where, [Dimension.flat("lsoa_code", [*small["area_code"], UNKNOWN])], "event_id"
    )
    out = [spots[code] for code in small["area_code"] if spots[code].hot and counts.at(code)]  # (1)
    charts = _map(source, {code: counts.at(code) for code in small["area_code"]}, {spot.area_code for spot in out})
    missing = () if charts else ("No map is drawn, since nothing is known of where the small areas lie.",)
    names = dict(source.tables["area"].select("area_code", "name").iter_rows())
    says = (_standing_out(out), most("events, by ward", wards[1], names), *missing)
    return Section("place", "Place", says, (wards[0], _small_areas(small, counts, spots), _night(gate, where)), charts)


def _standing_out(out: list[Spot]) -> str:
    return named(
        [spot.name for spot in sorted(out, key=lambda spot: -spot.events / max(spot.expected, 1e-9))],
        "More than their share, beyond what chance would give, is told of {names}.",
        "No small area whose count is shown stands out from what chance would give.",
    )


def _map(source: Source, counts: dict[str, int | None], out: set[str]) -> tuple[Chart, ...]:
    """The official boundaries, if those of all areas are loaded; else what is nearest to each middle."""
    official = {code: source.boundaries[code] for code in counts if code in source.boundaries}
    lines = official if len(official) == len(counts) else around_middles(source.places, counts)
    if not lines:
        return ()
    return (Chart(f"{_MAP} {_OFFICIAL if official == lines else _NEAREST}", area_map(lines, counts, out)),)


_MAP = "Serious violence by small area. The darker the more; grey: not shown; edged: stands out."
_OFFICIAL = "Boundaries: Office for National Statistics, Open Government Licence v3.0; contains OS data."
_NEAREST = "Each point belongs to the nearest middle, as events are placed: these are not the official boundaries."


def _small_areas(small: pl.DataFrame, counts: Counts, spots: dict[str, Spot]) -> Sheet:
    known = small["population"].null_count() == 0
    basis = "its residents" if known else "an equal part for each area, as no residents are loaded"
    note = f"Its share: by {basis}. People who go out where they do not live make a centre stand out."
    rows = _areas(small, counts, spots)
    more = sum(isinstance(row[1], int) and row[1] > 0 for row in rows)
    return Sheet("small-areas", "Small areas", _HEADS, rows, note, min(_SHOWN, max(more, 1)))


_HEADS = (Column("Small area"), Column("Number", "count"), Column("For each 1,000 residents", "figure"),
          Column("Times its share", "figure"), Column("Stands out"))  # fmt: skip


def _areas(small: pl.DataFrame, counts: Counts, spots: dict[str, Spot]) -> tuple[tuple[Cell, ...], ...]:
    """Every small area; its share is by residents, or where none are loaded that of one area among all."""
    residents = dict(small.select("area_code", "population").iter_rows())
    known = small["population"].null_count() == 0
    basis = {code: residents[code] if known else 1 for code in residents}
    usual = counts.total / max(sum(basis.values()), 1)
    rows: list[tuple[Cell, ...]] = []
    for code, spot in spots.items():
        count = counts.at(code)
        times = per(count, basis[code], 1)
        out = "" if count is None else "yes" if spot.hot else "no"
        beside = significant(times / usual) if times is not None and usual else None
        rows.append((spot.name, count, per(count, residents[code]), beside, out))
    return tuple(sorted(rows, key=lambda row: (-(row[1] if isinstance(row[1], int) else -1), str(row[0]))))


def _wards(source: Source, gate: Gate, where: pl.DataFrame) -> tuple[Sheet, Counts]:
    wards = source.tables["area"].filter(pl.col("kind") == "ward").sort("name")
    codes = [*(wards["area_code"] if wards.height else where["ward_code"].unique().sort()), UNKNOWN]
    codes = list(dict.fromkeys([*codes, *where["ward_code"].unique().sort()]))
    counts = gate.counts("violence by ward", where, [Dimension.flat("ward_code", codes)], "event_id")
    names = dict(wards.select("area_code", "name").iter_rows())
    return counted("wards", "Wards", counts, "Ward", names), counts


def _night(gate: Gate, where: pl.DataFrame) -> Sheet:
    """Rule 2, by the kind of place."""
    held = where.with_columns(
        pl.when(pl.col("definition_clauses").fill_null("").str.contains(NIGHT, literal=True)).then(pl.lit("night"))
        .otherwise(pl.lit("other")).alias("economy"),
        pl.when(pl.col("place_type").is_in(_PLACES)).then("place_type").otherwise(pl.lit(UNKNOWN)).alias("at"),
    )  # fmt: skip
    kinds = Dimension.flat("at", [*_PLACES, UNKNOWN])
    counts = gate.counts("place and night", held, [kinds, Dimension.flat("economy", ["night", "other"])], "event_id")
    return crossed(
        "night-time-economy", "Kind of place, and the night-time economy", counts, "Place", ("night", "other")
    )


def time(source: Source, gate: Gate) -> Section:
    """Day of the week and time of day."""
    local = pl.col("occurred_at").dt.convert_time_zone(str(LONDON))
    held = source.now.drop_nulls("occurred_at").with_columns(
        day=(local.dt.weekday() - 1).replace_strict(dict(enumerate(DAYS)), return_dtype=pl.String),
        hours=(local.dt.hour() // 6).replace_strict(dict(enumerate(HOURS)), return_dtype=pl.String),
    )
    day, hours = Dimension.flat("day", DAYS), Dimension.flat("hours", HOURS)
    by_day = gate.counts("day of the week", held, [day], "event_id")
    by_hour = gate.counts("time of day", held, [hours], "event_id")
    both = gate.counts("day and time", held, [day, hours], "event_id")
    grid = [[both.at(name, part) for part in HOURS] for name in DAYS]
    sheets = (
        counted("day-of-week", "Day of the week", by_day, "Day"),
        counted("time-of-day", "Time of day", by_hour, "Hours"),
        crossed("day-and-time", "Day and time", both, "Day", HOURS, "Its sums are of what is shown here alone."),
    )
    rows = [(name, by_day.at(name), str(by_day.at(name) or "c")) for name in DAYS]
    charts = (Chart("Day of the week", bars(rows, "Events by day of the week")),
              Chart("Day and time", heat(DAYS, HOURS, grid, "Events by day and time")))  # fmt: skip
    says = (uneven("events, by day", by_day, 3), uneven("events, by hours", by_hour, 1))
    return Section("time", "Time of day and week", says, sheets, charts)
