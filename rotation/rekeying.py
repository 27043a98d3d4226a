"""Re-keying: every stored table of records goes under a further version of the hub or source key, file by file."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import ColumnElement, Connection, func, select, text, update

from agreement.model import Agreement
from audit.events import Action, Entry, Scalar
from audit.log import append, checkpoint
from audit.query import Filter, stream
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from ingest.models import AdmissionRow
from ingest.storing import COVERED, HUB_VERSION, stated_version, uncovered
from keys.changing import log_key_act
from keys.home import log_signer
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from pseudonymise.covering import covered
from pseudonymise.fields import LINKAGE_COLUMNS
from pseudonymise.linkage_columns import hub_stage_columns
from pseudonymise.scheme_keys import HubStage, cover_key, token_key, token_version
from publish.officers import agreement_in_force
from rotation.deciding import Asked, agreed_by, find, logging_rotation_refusals
from rotation.errors import RotationRefused
from rotation.models import RotationRow
from rotation.overlap import Rekeyed, end_overlap
from schemas.registry import contract_for
from store.datakeys import open_data_key
from store.files import exists, uri
from store.kept import tables_name
from store.models import DataKeyRow, DeliveryRow
from store.resealing import reseal
from store.tables import read_groups, read_metadata, read_table, writing_table

log = logging.getLogger(__name__)
ROWS = 32_768  # re-keyed at once


@dataclass(frozen=True)
class _Stored:
    """A delivery whose tokens are stored, and of which version the database says they are."""

    id: str
    feed: str
    period: str
    data_key_id: str
    hub_version: int


def run(settings: Settings, ring: KeyRing, rotation: str) -> Rekeyed:
    """Bring every stored token under the new version of the key. Killed anywhere and run again, it goes on.

    1. Officers of two authorities approve, which is proved here and again for each delivery.
    2. One run at a time. The new version is made once; everything that is admitted from then on is under it.
    3. Deliveries are re-keyed one by one (``_rekey``), until none that can still be opened is under another version.
       One that was admitted meanwhile by a task that had begun before is found by a further run.
    4. Then every file is asked which version it is under, and the end is logged.
    5. Of the end of an overlap nothing stored is touched: what arrives under earlier versions is refused from then on.

    The ring is in its custodian's hand. Raises WordRefused and RotationRefused, which are logged, and what the key
    ring and the store raise.
    """
    with logging_rotation_refusals(settings), transaction(settings) as alone:
        alone.execute(text("SET LOCAL lock_timeout = '60s'"))
        alone.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("rotation of the hub key", 0))))  # (2)
        with transaction(settings) as connection:
            asked = find(connection, rotation)
            agreed_by(connection, agreement_in_force(settings), asked.digest)  # (1)
            if asked.rotation.overlap:
                return end_overlap(settings, connection, ring, asked)  # (5)
        _make_version(settings, ring, asked)  # (2)
        own, done = ring.serving(Service.ROTATION), 0
        for delivery in _behind(settings, asked):  # (3)
            done += _rekey(settings, own, asked, delivery)
        left = len(_behind(settings, asked))
        if not left:
            _finish(settings, own, asked)  # (4)
    return Rekeyed(done, left)


def _make_version(settings: Settings, ring: KeyRing, asked: Asked) -> None:
    """The new version, and the log's word of it, even where a run was killed between the two."""
    key_id = asked.rotation.key_id
    if token_version(ring) == asked.rotation.from_version:
        ring.rotate(Purpose(asked.rotation.key))
    if token_key(ring) != key_id:
        raise RotationRefused(
            "Stored tokens are not re-keyed",
            where=f"rotation {asked.digest[:12]}",
            why=f"the newest version is {token_key(ring)}, not {key_id}",
            fix="Ask for a rotation from the newest: hub keys rekey ask",
        )
    with transaction(settings) as connection:
        told = stream(connection, Filter(action=Action.ROTATE_KEY))
        if not any(entry.said["detail"]["key"] == key_id for entry in told):
            log_key_act(settings, connection, ring, Action.ROTATE_KEY, {"key": key_id, "rotation": asked.digest})


def _stored(connection: Connection, *which: ColumnElement[bool]) -> list[_Stored]:
    """Deliveries with persons whose tokens can still be opened, whether or not a later one superseded them."""
    columns = (DeliveryRow.id, DeliveryRow.feed, DeliveryRow.period, DeliveryRow.data_key_id, AdmissionRow.hub_version)
    held = (AdmissionRow.delivery_id == DeliveryRow.id, DataKeyRow.id == DeliveryRow.data_key_id)
    query = select(*columns).where(*held, DataKeyRow.wrapped.is_not(None), *which).order_by(DeliveryRow.id)
    rows = (
        _Stored(*row)
        for row in connection.execute(query.with_for_update(of=[AdmissionRow.__table__, DeliveryRow.__table__]))
    )
    return [row for row in rows if contract_for(row.feed).personal]


def _behind(settings: Settings, asked: Asked) -> list[str]:
    with transaction(settings) as connection:
        return [row.id for row in _stored(connection, AdmissionRow.hub_version != asked.rotation.to_version)]


def _rekey(settings: Settings, ring: KeyRing, asked: Asked, delivery_id: str) -> int:
    """Re-key one delivery; 1 if it was, 0 if there was nothing left of it to re-key.

    1. The approvals are proved in the transaction of the effect.
    2. The file itself says which version it is under, and must agree with the database.
    3. The re-keyed table lies under a new data key and another name (``store.resealing``). Which of the two counts,
       that the old key is destroyed, the version and the log's word are one change: killed before its end, the old
       table counts; after it, no key is left that opens an old token. Files that lie idle are swept by retention.
    """
    with transaction(settings) as connection:
        agreement = agreement_in_force(settings)
        authorities = agreed_by(connection, agreement, asked.digest)  # (1)
        row = next(iter(_stored(connection, DeliveryRow.id == delivery_id)), None)
        if row is None:  # erased since
            return 0
        wanted, rows = asked.rotation.to_version, 0
        if exists(uri(settings, "records", f"{tables_name(row)}.parquet")):
            stated = _stated(settings, connection, ring, row)
            if stated_version(stated) != row.hub_version or row.hub_version > wanted:  # (2)
                raise _unlike(ring, row.id, stated_version(stated), row.hub_version)
            rows = _resealed(settings, connection, ring, row, stated)  # (3)
        known = update(AdmissionRow).where(AdmissionRow.delivery_id == row.id)
        connection.execute(known.values(hub_version=wanted))
        append(connection, _entry(settings, agreement, asked, row, rows, authorities))
        checkpoint(connection, log_signer(settings, ring))
    log.info("delivery %s is under %s: %d records", delivery_id, asked.rotation.key_id, rows)
    return 1


def _stated(settings: Settings, connection: Connection, ring: KeyRing, row: _Stored) -> dict[str, str]:
    key = open_data_key(connection, ring, row.data_key_id)
    return read_metadata(settings, "records", f"{tables_name(row)}.parquet", key)


def _resealed(
    settings: Settings, connection: Connection, ring: KeyRing, row: _Stored, stated: Mapping[str, str]
) -> int:
    """The same tables under a new key, with tokens and encodings under a further stage, a few rows at a time."""
    changed = reseal(settings, connection, ring, row.id)
    key, place = open_data_key(connection, ring, changed.data_key_id), f"{tables_name(changed)}.parquet"
    before, stage = cover_key(ring, row.hub_version), HubStage.of(ring.steps(after=row.hub_version))
    said, rows = {HUB_VERSION: str(stage.hub.version), COVERED: "yes"}, 0
    with writing_table(settings, "records", place, key, metadata=said) as add:
        for group in read_groups(settings, "records", place, key):
            for part in group.iter_slices(ROWS):
                made = rekeyed(uncovered(part, stated, before, row.id), stage)
                add(covered(made, cover_key(ring, stage.hub.version), row.id))
                rows += part.height
        if not rows:
            add(read_table(settings, "records", place, key))
    return rows


def rekeyed(records: pl.DataFrame, stage: HubStage) -> pl.DataFrame:
    """Records whose tokens and encodings went through a further stage; all else is as it was."""
    made = hub_stage_columns(records.select(name for name in records.columns if name in LINKAGE_COLUMNS), stage)
    return records.with_columns(made[name] for name in records.columns if name in LINKAGE_COLUMNS)


def _finish(settings: Settings, ring: KeyRing, asked: Asked) -> None:
    """Prove of each file that it is under the new version; log the end, once."""
    with transaction(settings) as connection:
        held = _stored(connection)
        for row in held:
            if exists(uri(settings, "records", f"{tables_name(row)}.parquet")):
                version = stated_version(_stated(settings, connection, ring, row))
                if version != asked.rotation.to_version:
                    raise _unlike(ring, row.id, version, asked.rotation.to_version)
        done = update(RotationRow).where(RotationRow.digest == asked.digest, RotationRow.finished_at.is_(None))
        if connection.execute(done.values(finished_at=now())).rowcount:
            detail: dict[str, Scalar] = {
                "rotation": asked.digest,
                "key": asked.rotation.key_id,
                "deliveries": len(held),
            }
            log_key_act(settings, connection, ring, Action.FINISH_ROTATION, detail)


def _entry(
    settings: Settings, agreement: Agreement, asked: Asked, row: _Stored, rows: int, authorities: Sequence[str]
) -> Entry:
    return Entry(
        action=Action.REKEY,
        actor=settings.actor,
        feed=row.feed,
        delivery=row.id,
        period=row.period,
        table="records",
        rows=rows,
        purpose="security of processing",
        clause="UK GDPR Art 32, DPA 2018 s.66",
        agreement_hash=agreement.hash,
        code_commit=settings.code_commit,
        detail={
            "rotation": asked.digest,
            "key": asked.rotation.key_id,
            "approved_by": ":".join(authorities),
        },
    )


def _unlike(ring: KeyRing, delivery: str, found: int, known: int) -> RotationRefused:
    return RotationRefused(
        "Stored tokens are not re-keyed",
        where=f"delivery {delivery}",
        why=f"its file says {token_key(ring, found)}, the database {token_key(ring, known)}: another hand put it there",
        fix="Restore the file from a backup, or collect the delivery again",
    )
