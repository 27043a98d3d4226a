"""Routes: how many there are of a kind, without a row of them. Small numbers are hidden, and all are rounded."""

from dataclasses import replace
from typing import Annotated

import polars as pl
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from agreement.grants import IDS
from agreement.model import Disclosure
from api.asking import CountQuery, Query, typed
from api.catalogue import ReleaseName
from api.claims import Caller, Scope
from api.errors import QueryRefused
from api.knowing import asking
from api.problems import responses
from api.serving import Permitted, Shelf, permit, refusals, tell
from api.tables import TableName
from audit.events import Action
from publish.disclosed_persons import PERSON_ID

router = APIRouter(tags=["counts"], responses=responses(401, 403, 404, 410, 413, 422, 429))
Known = Annotated[Caller, Depends(asking(Scope.COUNTS))]
_KEY = {"event": "event_id", "incident": "incident_id", "intervention": "intervention_id"}


class Counts(BaseModel):
    """How many there are of each kind: a list of the values of ``by``, and the count (null: too few to be told)."""

    release: str
    table: str
    counted: str = Field(description="what is counted: the persons of a table that has any, else its rows")
    by: list[str]
    cells: list[list[str | int | None]]
    hidden: int = Field(description="how many counts are not told")
    smallest: int = Field(description="no smaller count is told")
    rounded_to: int


@router.post("/v1/releases/{release}/tables/{table}/counts")
def count(request: Request, caller: Known, release: ReleaseName, table: TableName, query: CountQuery) -> Counts:
    """How many persons (or rows, in a table that has none) there are of each kind.

    A kind that nobody is of is not there. Ids and instants cannot be counted by: they tell one from another.
    """
    shelf: Shelf = request.app.state.shelf
    with refusals(shelf, caller, release, table, query.purpose) as agreement:
        asked = Query(purpose=query.purpose, columns=query.by or None)
        permitted = permit(shelf, caller, agreement, release=release, table=table, query=asked, used=list(query.where))
        _require_kinds(permitted, query)
        frame = _counted(permitted, query)
        cells = told(frame, agreement.disclosure)
        used = replace(permitted, used=tuple(dict.fromkeys((*query.by, *query.where))))
        hidden = cells["count"].null_count()
        tell(shelf, used, Action.COUNT, frame.height, None, hidden=hidden, counted=_unit(permitted))
    terms = agreement.disclosure
    return Counts(
        release=release,
        table=table,
        counted=_unit(permitted),
        by=list(query.by),
        cells=[list(row) for row in cells.iter_rows()],
        hidden=hidden,
        smallest=terms.smallest_count,
        rounded_to=terms.round_to,
    )


def told(counts: pl.DataFrame, terms: Disclosure) -> pl.DataFrame:
    """Counts as the agreement lets them be told (agreement, disclosure): too small ones blank, the others rounded.

    1. A count below ``smallest_count`` is hidden, and is never zero: what is not there has no row.
    2. Every other is rounded to a multiple of ``round_to``, half to the even one, and no total is told, so that no
       hidden one is what is left of a sum.
    """
    exact, base = pl.col("count"), terms.round_to
    rounded = ((exact / base).round(mode="half_to_even") * base).cast(pl.Int64)
    return counts.with_columns(pl.when(exact >= terms.smallest_count).then(rounded).alias("count"))


def _require_kinds(permitted: Permitted, query: CountQuery) -> None:
    types = permitted.file.empty.schema
    for column in (*query.by, *query.where):
        if column in IDS or column.endswith("_id") or isinstance(types[column], pl.Datetime):
            why, fix = "ids and instants tell one from another", "Count by kinds"
            raise QueryRefused("The question cannot be answered", where=f"the column {column}", why=why, fix=fix)


def _unit(permitted: Permitted) -> str:
    return PERSON_ID if PERSON_ID in permitted.entry.columns else _KEY.get(permitted.entry.name, "rows")


def _counted(permitted: Permitted, query: CountQuery) -> pl.DataFrame:
    types, unit = permitted.file.empty.schema, _unit(permitted)
    persons = (unit,) if unit == PERSON_ID else ()
    names = tuple(dict.fromkeys((*query.by, *query.where, *persons))) or permitted.entry.columns[:1]
    holds = [
        pl.col(name).is_in(
            pl.Series([typed(value, types[name], name) for value in values], dtype=types[name]).implode()
        )
        for name, values in query.where.items()
    ]
    parts = [part.filter(pl.all_horizontal(pl.lit(True), *holds)) for part in permitted.file.parts(names)]
    rows = pl.concat([part.select(names) for part in parts]) if parts else permitted.file.empty.select(names)
    number = pl.col(PERSON_ID).n_unique() if persons else pl.len()
    if not query.by:
        return rows.select(number.cast(pl.Int64).alias("count"))
    kinds = [pl.col(name).cast(pl.String) for name in query.by]
    return rows.group_by(kinds).agg(number.cast(pl.Int64).alias("count")).sort(query.by, nulls_last=True)
