"""Building a candidate: the tables of one quarter for one recipient, sealed, with their manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from agreement.model import Agreement
from agreement.policy import load_agreement, permit_release
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from keys.purposes import Purpose
from keys.ring import KeyRing
from publish.database import ANALYSTS
from publish.disclosure import disclosure
from publish.errors import CandidateRefused
from publish.inputs import Inputs, key_versions, read_inputs
from publish.keeping import Candidate, keep
from publish.manifest import AgreementEntry, Manifest, TableEntry
from publish.parquet import to_parquet
from publish.recipient_ids import RecipientIds
from publish.refusals import logging_refusals
from publish.tables import build_tables
from schemas.published import check_published, published_schema


def build_candidate(settings: Settings, ring: KeyRing, quarter: Quarter, recipient: str = ANALYSTS) -> Candidate:
    """Build, check and seal the candidate of one quarter for one recipient, and log the combination.

    It holds what may be published now of the deliveries up to and with ``quarter`` (``read_inputs``), the
    register's person ids, and of each table those columns that the agreement grants the recipient. The
    same inputs, keys, agreement and code give the same bytes: built again, the candidate keeps its name
    (``unchanged``). Other contents replace an unpublished candidate under its name, which voids a decision
    on it; a published release is never replaced, its successor gets the next version.

    Raises CandidateRefused (tables that cannot be made), ContractError (or that break their contract) and
    AgreementRefusal; each is logged.
    """
    with logging_refusals(settings, period=str(quarter), recipient=recipient):
        agreement, ids = load_agreement(settings), _ids(settings, ring, recipient)
        with transaction(settings) as connection:
            inputs = read_inputs(settings, connection, ring, quarter, agreement)
        tables = _permitted(agreement, recipient, _checked(build_tables(inputs.linked, quarter, ids)))
        files = {f"{name}.parquet": to_parquet(frame) for name, frame in tables.items()}
        about = {"quarter": str(quarter), "recipient": recipient, "key_versions": key_versions(ring, recipient)}
        manifest = _manifest(settings, agreement, inputs, tables, files, **about)
        return keep(settings, ring, manifest, files)


def _checked(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Each whole table, held against its contract before any column is left out.

    An attribute that no feed has delivered yet is there all the same, blank: a table's columns stay
    as they are from quarter to quarter.
    """
    return {name: check_published(name, with_all_columns(name, frame)) for name, frame in tables.items()}


def with_all_columns(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with every attribute of its contract, blank where it was missing."""
    declared = published_schema(table).columns
    blank = [name for name in declared if name not in frame.columns and not declared[name].required]
    return frame.with_columns(pl.lit(None, declared[name].dtype.type).alias(name) for name in blank)


def _permitted(agreement: Agreement, recipient: str, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    columns = granted(agreement, recipient, {name: frame.columns for name, frame in tables.items()})
    permit_release(agreement, recipient, columns, now().date())
    return {name: tables[name].select(kept) for name, kept in columns.items()}


def granted(agreement: Agreement, recipient: str, tables: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The columns of each table that the agreement grants the recipient, in the table's order.

    A recipient that the agreement does not name gets no table; ``permit_release`` then refuses it.
    Raises CandidateRefused if a table or column is granted that there is not.
    """
    terms = agreement.recipients[recipient].tables if recipient in agreement.recipients else {}
    for table, columns in terms.items():
        unknown = sorted(set(columns) - set(tables.get(table, ())))
        if unknown:
            raise CandidateRefused(
                "The agreement grants what there is not",
                where=f"recipients.{recipient}.tables.{table}",
                why="no published table has " + ", ".join(unknown),
                fix="Correct the names in config/agreement.yaml",
            )
    return {table: tuple(c for c in tables[table] if c in columns) for table, columns in terms.items()}


def _ids(settings: Settings, ring: KeyRing, recipient: str) -> RecipientIds:
    """The recipient's id keys; the recipient's key is made, and that logged, the first time."""
    if not ring.has(Purpose.RECIPIENT, recipient):
        with transaction(settings) as connection:
            made = ring.create(Purpose.RECIPIENT, recipient)
            entry = Entry(action=Action.CREATE_KEY, actor=settings.actor, recipient=recipient, detail={"key": made.id})
            append(connection, entry)
            checkpoint(connection, ring.signer(Purpose.AUDIT))
    return RecipientIds.of(ring, recipient)


def _manifest(
    settings: Settings,
    agreement: Agreement,
    inputs: Inputs,
    tables: Mapping[str, pl.DataFrame],
    files: Mapping[str, bytes],
    **about: Any,
) -> Manifest:
    """The manifest of these files; the release's name is still left out."""
    return Manifest(
        partnership=settings.partnership,
        release="",
        tables=tuple(_table_entry(name, frame, files[f"{name}.parquet"]) for name, frame in tables.items()),
        inputs=inputs.feeds,
        missing=tuple(entry.feed for entry in inputs.feeds if entry.state != "admitted"),
        agreement=AgreementEntry(id=agreement.id, version=agreement.version, hash=agreement.hash),
        code_commit=settings.code_commit,
        linkage=inputs.linkage,
        disclosure=disclosure(tables.get("person", pl.DataFrame()), agreement.disclosure.smallest_group),
        **about,
    )


def _table_entry(name: str, frame: pl.DataFrame, content: bytes) -> TableEntry:
    return TableEntry(
        name=name,
        file=f"{name}.parquet",
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        rows=frame.height,
        columns=tuple(frame.columns),
    )
