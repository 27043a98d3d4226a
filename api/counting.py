"""Routes: how many there are of a kind, without a row of them, held against all that was told before."""

from dataclasses import replace
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from agreement.grants import IDS
from api.asking import CountQuery, Query, typed
from api.catalogue import ReleaseName
from api.claims import Caller, Scope
from api.errors import ApiRefused, QueryRefused
from api.knowing import asking
from api.problems import responses
from api.serving import Permitted, Shelf, entry_of, offered, permit, refusals, telling
from api.tables import TableName
from audit.events import Action
from audit.log import append
from disclosure.answering import Read, answer
from disclosure.errors import QuestionRefused
from disclosure.questions import Answer, Question, Terms
from publish.disclosed_persons import PERSON_ID
from publish.errors import PublishError

router = APIRouter(tags=["counts"], responses=responses(401, 403, 404, 410, 413, 422, 429))
Known = Annotated[Caller, Depends(asking(Scope.COUNTS))]


class Counts(BaseModel):
    """How many there are of each kind: a list of the values of ``by``, and the count (null: it is not told)."""

    release: str
    table: str
    counted: str = Field(description="the id whose different values are counted: persons, where the table has any")
    by: list[str]
    cells: list[list[str | int | None]]
    hidden: int = Field(description="how many counts are not told, because they are small or would tell of a small one")
    smallest: int = Field(description="no smaller count is told")
    rounded_to: int


@router.post("/v1/releases/{release}/tables/{table}/counts")
def count(request: Request, caller: Known, release: ReleaseName, table: TableName, query: CountQuery) -> Counts:
    """How many persons (or events or incidents, in a table without persons) there are of each kind.

    A count that is small, or that would tell of a small one beside what was told before, is hidden; all others are
    rounded. Ids and instants cannot be counted by: they tell one from another. A kind that nobody is of is not there.
    """
    shelf: Shelf = request.app.state.shelf
    with refusals(shelf, caller, release, table, query.purpose) as agreement:
        asked = Query(purpose=query.purpose, columns=query.by or None)
        permitted = permit(shelf, caller, agreement, release=release, table=table, query=asked, used=list(query.where))
        used = replace(permitted, used=tuple(dict.fromkeys((*query.by, *query.where))))
        terms = Terms(agreement.disclosure.smallest_count, agreement.disclosure.round_to)
        found = _answered(shelf, used, _question(permitted, query), terms)
    return Counts(
        release=release,
        table=table,
        counted=found.question.unit,
        by=list(query.by),
        cells=[list(row) for row in found.frame().sort(query.by or "count", nulls_last=True).iter_rows()],
        hidden=found.hidden,
        smallest=terms.smallest_count,
        rounded_to=terms.round_to,
    )


def _answered(shelf: Shelf, permitted: Permitted, question: Question, terms: Terms) -> Answer:
    """The answer, which is kept and logged in one transaction and leaves after it (``disclosure.answering``)."""
    said = {"recipient": permitted.caller.recipient, "release": permitted.release.name}
    with telling(shelf, permitted) as connection:
        found = answer(connection, question, terms=terms, read=_reading(shelf, permitted, connection), **said)
        about: dict[str, str | int] = {
            "question": found.digest,
            "hidden": found.hidden,
            "asked_before": found.asked_before,
        }
        append(connection, entry_of(shelf, permitted, Action.COUNT, len(found.counts), **about))
    return found


def _reading(shelf: Shelf, permitted: Permitted, connection: Connection) -> Read:
    """How the rows are read that this question, and those before it, are about: as the recipient was given them.

    What was told of a release that is withdrawn is remembered without its rows (``disclosure.remembered``).
    """
    recipient = permitted.caller.recipient

    def read(release: str, table: str, columns: Any) -> pl.DataFrame:
        try:
            found = offered(connection, recipient, release)
        except (ApiRefused, PublishError):
            raise _unknown_before() from None
        entry = next((entry for entry in found.manifest.tables if entry.name == table), None)
        if entry is None or not set(columns) <= set(entry.columns):
            raise _unknown_before()
        file = shelf.files.open(found, entry, {*shelf.files.held, found.manifest_hash})
        return pl.concat([file.empty.select(columns), *(part.drop("_row") for part in file.parts(columns))])

    return read


def _unknown_before() -> QuestionRefused:
    return QuestionRefused(
        "The count is not given",
        where="what was answered before",
        why="it cannot be held against a release that was counted then, cannot be read any more, and is not remembered",
        fix="Count in the rows that you were given",
    )


def _question(permitted: Permitted, query: CountQuery) -> Question:
    types = permitted.file.empty.schema
    for column in (*query.by, *query.where):
        if column in IDS or column.endswith("_id") or isinstance(types[column], pl.Datetime):
            why, fix = "ids and instants tell one from another", "Count by kinds"
            raise QueryRefused("The question cannot be answered", where=f"the column {column}", why=why, fix=fix)
    where = {
        name: tuple(_text(typed(value, types[name], name)) for value in values) for name, values in query.where.items()
    }
    return Question(permitted.entry.name, query.by, where, _unit(permitted))


def _text(value: Any) -> str:
    """A value as the agreement writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unit(permitted: Permitted) -> str:
    if PERSON_ID in permitted.entry.columns:
        return PERSON_ID
    own = f"{permitted.entry.name}_id"
    if own in permitted.entry.columns:
        return own
    why, fix = "this reader is given no id of its rows, so they cannot be told apart", "Ask for its rows"
    raise QueryRefused("The question cannot be answered", where=permitted.entry.name, why=why, fix=fix)
