"""Building a candidate: the tables of one quarter for one recipient, sealed, with their manifest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import polars as pl

from agreement.archive import enact
from agreement.grants import IDS, Portion, portions
from agreement.model import Agreement
from agreement.policy import load_agreement, permit_release
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from publish.database import ANALYSTS
from publish.errors import CandidateRefused
from publish.granted import permit_tables, seen
from publish.history import keyed_history, person_history
from publish.inputs import Inputs, key_versions, read_inputs
from publish.keeping import Candidate, keep
from publish.linkage_gate import require_right_enough
from publish.manifest import AgreementEntry, DomainEntry, Manifest, TableEntry
from publish.numbered import Numbered
from publish.recipient_ids import RecipientIds
from publish.references import references
from publish.refusals import logging_refusals
from publish.released_feeds import release_table
from publish.tables import Linked, Stated, each_table
from publish.writing import write_tables
from schemas.published import MODELS, published_schema


@dataclass(frozen=True)
class Made:
    """The files of a candidate, and its manifest, which has no name yet."""

    manifest: Manifest
    files: Mapping[str, bytes]
    agreement: Agreement

    @property
    def purposes(self) -> str:
        """What the recipient may use them for."""
        return ", ".join(self.agreement.recipients[self.manifest.recipient].purposes)


@leaving_no_values
def build_candidate(settings: Settings, ring: KeyRing, quarter: Quarter, recipient: str = ANALYSTS) -> Candidate:
    """Build, check and seal the candidate of one quarter for one recipient, and log the combination.

    It holds what may be published now of the deliveries up to and with ``quarter`` (``read_inputs``), the
    register's person ids, and of each table those columns and rows that the agreement grants the recipient, proved
    once more of the very bytes that are sealed. Its persons are as right as the agreement asks. The same inputs, keys,
    agreement and code give the same bytes: built again, the candidate keeps its name (``unchanged``). Other contents
    replace an unpublished candidate under its name, which voids a decision on it; a published release is never
    replaced, its successor gets the next version.

    Raises CandidateRefused (tables that cannot be made), ContractError (or that break their contract) and
    AgreementRefusal; each is logged.
    """
    ring = ring.serving(Service.PUBLISH)
    with logging_refusals(settings, period=str(quarter), recipient=recipient):
        made = make_tables(settings, ring, quarter, recipient)
        with transaction(settings) as connection:
            enact(connection, made.agreement, settings.actor, settings.code_commit, now())
        return keep(settings, ring, made.manifest, made.files, made.purposes)


def make_tables(settings: Settings, ring: KeyRing, quarter: Quarter, recipient: str) -> Made:
    """What a candidate holds, as ``build_candidate`` says, neither kept nor logged: that is for the caller to do."""
    agreement = load_agreement(settings)
    granted = portions(agreement, recipient)
    _require_known(recipient, granted)
    permit_release(agreement, recipient, granted, now().date())
    ids = _ids(settings, ring, recipient)
    with transaction(settings) as connection:
        linked, inputs = _seen(*read_inputs(settings, connection, ring, quarter, agreement), quarter, granted)
        history = keyed_history(person_history(connection, ring, recipient, linked.persons), ids)
    require_right_enough(agreement, inputs.linkage, CandidateRefused, str(quarter))
    stated = Stated.of(settings.config)
    told = {"release": _release_table(settings, agreement, quarter, recipient, inputs, stated)}
    tables = chain(each_table(linked, quarter, ids, stated), *(_plain(held) for held in (history, told)))
    del linked  # its rows are let go of as they are used up
    written = write_tables(tables, granted, agreement, recipient)
    permit_tables(agreement, recipient, written.entries, written.files, now().date())
    versions = key_versions(ring, recipient)
    about = {"quarter": str(quarter), "recipient": recipient, "key_versions": versions}
    held = {"disclosure": written.disclosure, "domain": domain(versions, recipient, written.entries)}
    by = _made_by(settings, stated)
    manifest = _manifest(settings, agreement, inputs, tables=written.entries, **about, **held, **by)
    return Made(manifest, written.files, agreement)


def _plain(tables: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, Numbered]]:
    return ((name, Numbered(frame)) for name, frame in tables.items())


def _seen(linked: Linked, inputs: Inputs, quarter: Quarter, granted: Mapping[str, Portion]) -> tuple[Linked, Inputs]:
    """The inputs narrowed to what the recipient may see, counts of records and persons with them."""
    left = seen(linked, quarter, {table: portion.rows for table, portion in granted.items()})
    counts = {f"{name}s": left.involvements[f"{name}_id"].n_unique() for name in ("record", "person")}
    return left, replace(inputs, linkage=inputs.linkage.model_copy(update=counts))


def _require_known(recipient: str, granted: Mapping[str, Portion]) -> None:
    """Raise CandidateRefused if a table, a column or a filter is granted that there is not."""
    for table, portion in granted.items():
        known = published_schema(table).columns if table in MODELS else {}
        unknown = sorted({*portion.columns, *portion.rows} - set(known))
        if unknown:
            raise CandidateRefused(
                "The agreement grants what there is not",
                where=f"recipients.{recipient}.tables.{table}",
                why="no published table has " + ", ".join(unknown),
                fix="Correct the names in config/agreement.yaml",
            )


def _ids(settings: Settings, ring: KeyRing, recipient: str) -> RecipientIds:
    """The recipient's id keys; the recipient's key is made, and that logged, the first time."""
    if not ring.has(Purpose.RECIPIENT, recipient):
        with transaction(settings) as connection:
            made = ring.create(Purpose.RECIPIENT, recipient)
            entry = Entry(
                action=Action.CREATE_KEY,
                actor=settings.actor,
                recipient=recipient,
                code_commit=settings.code_commit,
                detail={"key": made.id},
            )
            append(connection, entry)
            checkpoint(connection, log_signer(settings, ring))
    return RecipientIds.of(ring, recipient)


def _manifest(settings: Settings, agreement: Agreement, inputs: Inputs, **about: Any) -> Manifest:
    """The manifest of a candidate; the release's name is still left out."""
    return Manifest(
        partnership=settings.partnership,
        release="",
        inputs=inputs.feeds,
        missing=tuple(entry.feed for entry in inputs.feeds if entry.state != "admitted"),
        agreement=_agreement_entry(agreement),
        code_commit=settings.code_commit,
        linkage=inputs.linkage,
        **about,
    )


def _made_by(settings: Settings, stated: Stated) -> dict[str, Any]:
    return {
        "incident_rules": stated.incidents.hash,
        "definition": stated.definition.hash,
        "factors": stated.factors.hash,
        "references": references(settings.config, stated),
    }


def _agreement_entry(agreement: Agreement) -> AgreementEntry:
    return AgreementEntry(id=agreement.id, version=agreement.version, hash=agreement.hash)


def _release_table(
    settings: Settings, agreement: Agreement, quarter: Quarter, recipient: str, inputs: Inputs, stated: Stated
) -> pl.DataFrame:
    return release_table(
        inputs.feeds,
        inputs.linkage,
        _agreement_entry(agreement),
        quarter=str(quarter),
        partnership=settings.partnership,
        recipient=recipient,
        code_commit=settings.code_commit,
        definition_hash=stated.definition.hash,
        incident_rules_hash=stated.incidents.hash,
        factors_hash=stated.factors.hash,
        harm_unit=stated.harm.unit if stated.harm else None,
        harm_source=stated.harm.source if stated.harm else None,
    )


def domain(versions: Mapping[str, int], recipient: str, tables: Iterable[TableEntry]) -> DomainEntry:
    """The domain in which the ids of these tables hold."""
    name = f"{Purpose.RECIPIENT}/{recipient}"
    held = {column for table in tables for column in table.columns} & IDS
    return DomainEntry(name=name, key=f"{name}/{versions[name]}", ids=tuple(sorted(held)))
