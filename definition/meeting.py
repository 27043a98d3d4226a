"""Which clauses of the definition each event meets. Pure: frames in, frames out.

1. An event is of a kind by its offence code, if its type says by it what happened; else by the column that stands for
   one.
2. It is in an area by its offence code, its type, or what it says of itself.
3. It meets a circumstance if that holds and it is of a kind or in an area, or if the circumstance counts by itself.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

import polars as pl

from definition.model import Circumstance, Definition, Values
from definition.placing import AREA, KIND, placed

LONDON = ZoneInfo("Europe/London")
_AGED = "aged "
_PLACED, _NAMED = "placed as", "placed in"  # no column of a feed has such a name; one has "outcome"


def clauses(
    events: pl.DataFrame, involvements: pl.DataFrame, definition: Definition, offences: pl.DataFrame
) -> pl.DataFrame:
    """``event_id``, ``violence_kind``, ``definition_clauses``: one row an event, in order of event_id.

    ``definition_clauses`` are the areas and circumstances that it meets, in the definition's order, joined by commas;
    null where it meets none. ``offences``: the list of codes. Raises DefinitionRefused as ``placed`` does.
    """
    missing = {"offence_code": pl.String(), "occurred_at": pl.Datetime("us", "UTC")}
    rows = events.with_columns(pl.lit(None, kind).alias(n) for n, kind in missing.items() if n not in events.columns)
    told = placed(definition, offences).select(
        "offence_code", pl.col("outcome").alias(_PLACED), pl.col("name").alias(_NAMED)
    )
    rows = rows.join(told, on="offence_code", how="left").with_columns(violence_kind=_kind(rows, definition))
    rows = rows.join(_aged(rows, involvements, definition), on="event_id", how="left")
    named = [pl.when(holds).then(pl.lit(name)) for name, holds in _met(rows, definition)]
    said = pl.concat_str(named, separator=", ", ignore_nulls=True)
    made = rows.select("event_id", "violence_kind", definition_clauses=said)
    blank = pl.col("definition_clauses") == ""
    return made.with_columns(pl.when(~blank).then("definition_clauses").alias("definition_clauses")).sort("event_id")


def _kind(rows: pl.DataFrame, definition: Definition) -> pl.Expr:
    """Rule 1."""
    by_code = pl.col("event_type").is_in(list(definition.from_code)) & (pl.col(_PLACED) == KIND)
    found = pl.when(by_code).then(pl.col(_NAMED))
    others = [
        pl.when((pl.col("event_type") == event_type) & _one_of(rows, {stated.column: values})).then(pl.lit(kind))
        for event_type, stated in definition.without_code.items()
        for kind, values in stated.kinds.items()
    ]
    return pl.coalesce(found, *others)


def _met(rows: pl.DataFrame, definition: Definition) -> Iterator[tuple[str, pl.Expr]]:
    """Rules 2 and 3, in the definition's order."""
    areas: list[pl.Expr] = [pl.col("violence_kind").is_not_null()]
    from_code = pl.col("event_type").is_in(list(definition.from_code)) & (pl.col(_PLACED) == AREA)
    for name, area in definition.areas.items():
        own = pl.col("event_type").is_in(list(area.event_types)) | _one_of(rows, area.columns)
        areas.append((from_code & (pl.col(_NAMED) == name)).fill_null(value=False) | own)
        yield name, areas[-1]
    violent = reduce(or_, areas)
    for name, stated in definition.circumstances.items():
        holds = _holds(rows, name, stated)
        yield name, holds if stated.by_itself else holds & violent


def _holds(rows: pl.DataFrame, name: str, stated: Circumstance) -> pl.Expr:
    holds = pl.lit(value=True)
    if stated.ages:
        holds &= pl.col(_AGED + name).fill_null(value=False)
    if stated.hours:
        hour = pl.col("occurred_at").dt.convert_time_zone(str(LONDON)).dt.hour().cast(pl.Int64)
        first, until = stated.hours
        within = (hour >= first) & (hour < until) if first < until else (hour >= first) | (hour < until)
        holds &= within.fill_null(value=False)
    if stated.kinds or stated.event_types or stated.columns:
        kinds = pl.col("violence_kind").is_in(list(stated.kinds)).fill_null(value=False)
        holds &= kinds | pl.col("event_type").is_in(list(stated.event_types)) | _one_of(rows, stated.columns)
    return holds


def _one_of(rows: pl.DataFrame, columns: Values | Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """Whether one of these columns holds one of its values, as the agreement writes them; a column may not be there."""
    holds = pl.lit(value=False)
    for name, values in columns.items():
        if name in rows.columns:
            holds |= pl.col(name).cast(pl.String).is_in(list(values)).fill_null(value=False)
    return holds


def _aged(rows: pl.DataFrame, involvements: pl.DataFrame, definition: Definition) -> pl.DataFrame:
    """Of each event, for each circumstance of age, whether somebody in it reaches such an age in its year.

    So far as years of birth are known; an event without any is not among them.
    """
    wanted = {name: stated.ages for name, stated in definition.circumstances.items() if stated.ages}
    born = pl.col("birth_year") if "birth_year" in involvements.columns else pl.lit(None, pl.Int64)
    known = involvements.select("event_id", born.cast(pl.Int64).alias("born")).drop_nulls()
    age = pl.col("occurred_on").dt.year().cast(pl.Int64) - pl.col("born")
    told = known.join(rows.select("event_id", "occurred_on"), on="event_id").with_columns(age=age)
    return told.group_by("event_id").agg(
        pl.col("age").is_between(*ages).any().alias(_AGED + name) for name, ages in wanted.items()
    )
