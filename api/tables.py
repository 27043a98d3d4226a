"""Routes: rows of a table, a page at a time or the whole of it."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi import Query as Parameter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from pydantic import ValidationError as Invalid

from api.asking import MOST_ROWS, ROWS, Query
from api.catalogue import ReleaseName
from api.claims import Caller, Scope
from api.errors import QueryRefused
from api.forms import Form, form_of, streamed
from api.knowing import asking
from api.problems import responses
from api.serving import Page, Permitted, Shelf, measured, page, permit, refusals, tell, whole
from audit.events import Action
from publish.disclosed_persons import PERSON_ID
from publish.granted import INSTANT

router = APIRouter(tags=["rows"])
TableName = Annotated[str, Path(pattern=r"^[a-z][a-z_]{0,62}$", description="such as event")]
Known = Annotated[Caller, Depends(asking(Scope.ROWS))]
Accept = Annotated[str | None, Header(description="the form: " + ", ".join(Form), max_length=300)]


class Rows(BaseModel):
    """A page of rows."""

    release: str
    table: str
    rows: list[dict[str, str | int | float | bool | None]]
    next: int | None = Field(description="``after`` of the next page; none: this is the last")


_PARAMETERS = frozenset({"purpose", "columns", "limit", "after"})
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Rows,
        "description": "Rows, in the form that Accept prefers",
        "content": {Form.CSV: {"schema": {"type": "string"}}, Form.ARROW: _BINARY, Form.PARQUET: _BINARY},
    },
    **responses(401, 403, 404, 406, 410, 413, 422, 429),
}


@router.get("/v1/releases/{release}/tables/{table}", responses=_GIVEN, response_class=Response)
def get_rows(
    request: Request,
    caller: Known,
    release: ReleaseName,
    table: TableName,
    purpose: Annotated[str, Parameter(max_length=64, description="what for: one of the token's purposes")],
    columns: Annotated[
        str | None, Parameter(max_length=4000, description="with commas between them; none: all")
    ] = None,
    limit: Annotated[int | None, Parameter(ge=1, le=MOST_ROWS, description="rows of a page")] = None,
    after: Annotated[int, Parameter(ge=0, lt=2**53, description="``next`` of the page before")] = 0,
    accept: Accept = None,
) -> Response:
    """Rows of a table. A page is logged as a consultation, a whole table (a form but JSON, no limit) as a disclosure.

    Rows are chosen by value with POST: no value stands in an address.
    """
    _each_once(request)
    try:
        query = Query(purpose=purpose, columns=columns and columns.split(","), limit=limit, after=after)
    except Invalid:
        why, fix = "what stands there is no list of names", "Name columns with commas between them"
        raise QueryRefused("The request cannot be understood", where="columns", why=why, fix=fix) from None
    return _answered(request, caller, release, table, query=query, accept=accept)


def _each_once(request: Request) -> None:
    """Refuse an address of which a part would not be looked at: what came back would not be what was meant."""
    named = [name for name, _ in request.query_params.multi_items()]
    if len(named) > len(set(named)) or not set(named) <= _PARAMETERS:
        why, fix = "a parameter is not known, or stands there twice", f"Give {', '.join(sorted(_PARAMETERS))} once each"
        raise QueryRefused("The request cannot be understood", where="the address", why=why, fix=fix)


@router.post("/v1/releases/{release}/tables/{table}", responses=_GIVEN, response_class=Response)
def find_rows(
    request: Request, caller: Known, release: ReleaseName, table: TableName, query: Query, accept: Accept = None
) -> Response:
    """Rows of a table that meet conditions; else as GET."""
    return _answered(request, caller, release, table, query=query, accept=accept)


def _answered(
    request: Request, caller: Caller, release: str, table: str, *, query: Query, accept: str | None
) -> Response:
    shelf: Shelf = request.app.state.shelf
    form = form_of(accept)
    used = [condition.column for condition in query.where]
    with refusals(shelf, caller, release, table, query.purpose) as agreement:
        exported = query.limit is None and form is not Form.JSON
        if exported:
            caller.require(Scope.EXPORT)
        permitted = permit(shelf, caller, agreement, release=release, table=table, query=query, used=used)
        if exported:
            return _whole(shelf, permitted, query, form)
        return _page(shelf, permitted, query, form)


def _page(shelf: Shelf, permitted: Permitted, query: Query, form: Form) -> Response:
    found = page(permitted, query, query.limit or ROWS)
    persons = found.rows[PERSON_ID] if PERSON_ID in permitted.entry.columns else None
    tell(shelf, permitted, Action.READ, found.rows.height, persons, form=form.name.lower())
    rows, headers = permitted.given(found.rows), {} if found.next is None else {"X-Next-Row": str(found.next)}
    if form is Form.JSON:
        return Response(_json(permitted, rows, found), media_type=form)
    return Response(b"".join(streamed(form, [rows], rows.clear())), media_type=form, headers=headers)


def _json(permitted: Permitted, rows: pl.DataFrame, found: Page) -> bytes:
    instants = [name for name, kind in rows.schema.items() if isinstance(kind, pl.Datetime)]
    written = rows.with_columns(pl.col(name).dt.strftime(INSTANT) for name in instants).write_json()
    head = {"release": permitted.release.name, "table": permitted.entry.name, "next": found.next}
    return f'{json.dumps(head)[:-1]}, "rows": {written}}}'.encode()


def _whole(shelf: Shelf, permitted: Permitted, query: Query, form: Form) -> Response:
    """The log knows of it before a byte leaves, so it may tell of rows that a broken line kept from arriving."""
    rows, persons = measured(permitted, query)
    tell(
        shelf,
        permitted,
        Action.EXPORT_TABLE,
        rows,
        persons if PERSON_ID in permitted.entry.columns else None,
        form=form.name.lower(),
    )
    headers = {"Content-Disposition": f'attachment; filename="{permitted.entry.name}.{_ENDING[form]}"'}
    return StreamingResponse(_stream(permitted, query, form), media_type=form, headers=headers)


def _stream(permitted: Permitted, query: Query, form: Form) -> Iterator[bytes]:
    """The very file that was published, where all of it is asked for; else it is made anew as it is sent."""
    if form is Form.PARQUET and not (query.where or query.columns or query.after):
        content = memoryview(permitted.file.content)
        return (bytes(content[start : start + _SLICE]) for start in range(0, len(content), _SLICE))
    parts = (permitted.given(part) for part in whole(permitted, query))
    return streamed(form, parts, permitted.given(permitted.file.empty))


_ENDING = {Form.CSV: "csv", Form.ARROW: "arrows", Form.PARQUET: "parquet"}
_SLICE = 1 << 20
