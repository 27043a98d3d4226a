"""Routes: which releases there are for the reader, and what their columns mean. Nobody's data is in them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from api.claims import Caller, Scope
from api.errors import NotOffered
from api.knowing import asking
from api.problems import responses
from api.serving import Shelf, offered
from hub.database import transaction
from publish.manifest import Manifest
from publish.releases import TABLE
from schemas.published import MODELS, meanings, published_schema

router = APIRouter(tags=["releases"], responses=responses(401, 403, 429))
ReleaseName = Annotated[str, Path(pattern=r"^[0-9]{4}-Q[1-4]-v[0-9]{1,9}$", description="such as 2026-Q3-v1")]
Known = Annotated[Caller, Depends(asking(Scope.CATALOGUE))]


class ReleaseEntry(BaseModel):
    """A release. One that was ``withdrawn`` is not to be used any more: copies of it are to be destroyed."""

    name: str
    quarter: str
    version: int
    state: str = Field(description="published or withdrawn")
    published_at: datetime | None
    manifest_hash: str


class Catalogue(BaseModel):
    """The releases to the reader's recipient, the oldest first."""

    recipient: str
    releases: list[ReleaseEntry]


class ColumnEntry(BaseModel):
    """A column: its type as Parquet and Arrow have it, and its meaning."""

    name: str
    type: str
    meaning: str


class TableDictionary(BaseModel):
    """A table: what a row is, and its columns in order; what it may be used for."""

    name: str
    meaning: str
    rows: int
    purposes: list[str]
    columns: list[ColumnEntry]


class Dictionary(BaseModel):
    """What a release holds."""

    release: str
    tables: list[TableDictionary]


@router.get("/v1/releases")
def list_releases(request: Request, caller: Known) -> Catalogue:
    """The releases to the reader's recipient, withdrawn ones too."""
    shelf: Shelf = request.app.state.shelf
    query = select(TABLE).where(TABLE.c.recipient == caller.recipient, TABLE.c.state != "candidate")
    with transaction(shelf.settings) as connection:
        rows = connection.execute(query.order_by(TABLE.c.quarter, TABLE.c.version)).all()
    return Catalogue(
        recipient=caller.recipient,
        releases=[ReleaseEntry.model_validate(row, from_attributes=True) for row in rows],
    )


@router.get("/v1/releases/{release}/manifest", responses=responses(404, 410, 422))
def manifest(request: Request, caller: Known, release: ReleaseName) -> Manifest:
    """What the release was made of: hashes, inputs, missing feeds, agreement, linkage quality, disclosure control."""
    return _offered(request, caller, release)


@router.get("/v1/releases/{release}/dictionary", responses=responses(404, 410, 422))
def dictionary(request: Request, caller: Known, release: ReleaseName) -> Dictionary:
    """What each column of the release's tables means."""
    found = _offered(request, caller, release)
    tables = [
        TableDictionary(
            name=table.name,
            meaning=" ".join((MODELS[table.name].__doc__ or "").split()),
            rows=table.rows,
            purposes=list(table.portion.purposes),
            columns=_columns(table.name, table.columns),
        )
        for table in found.tables
    ]
    return Dictionary(release=found.release, tables=tables)


def _columns(table: str, columns: tuple[str, ...]) -> list[ColumnEntry]:
    said, declared = meanings(table), published_schema(table).columns
    return [ColumnEntry(name=name, type=str(declared[name].dtype), meaning=said[name]) for name in columns]


def _offered(request: Request, caller: Caller, release: str) -> Manifest:
    shelf: Shelf = request.app.state.shelf
    with transaction(shelf.settings) as connection:
        found = offered(connection, caller.recipient, release).manifest
    if unknown := [table.name for table in found.tables if table.name not in MODELS]:
        why = "it has tables that this hub knows no more: " + ", ".join(unknown)
        raise NotOffered("The release is not described", where=release, why=why, fix="See its own manifest")
    return found
