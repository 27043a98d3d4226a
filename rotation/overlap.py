"""The overlap of two versions of the source key: who still delivers under the earlier one, and the end of it."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from audit.events import Action, Scalar
from hub.clock import now
from hub.settings import Settings
from ingest.models import AdmissionRow, SourceEndRow
from keys.changing import log_key_act
from keys.ring import KeyRing
from rotation.deciding import Asked
from rotation.models import RotationRow
from store.models import DeliveryRow


@dataclass(frozen=True)
class Rekeyed:
    """What one run did, and what is left: deliveries."""

    rekeyed: int
    left: int


@dataclass(frozen=True)
class Latest:
    """The latest delivery of a feed that is pseudonymised at source, and the versions that its rows came under."""

    feed: str
    delivery: str
    source_keys: str

    def under(self, version: int) -> bool:
        """Whether all its rows travelled under this version or a later one."""
        return all(int(said.rpartition("+")[2]) >= version for said in self.source_keys.split())


def latest_of_each_feed(connection: Connection) -> list[Latest]:
    """How each such feed came the last time, by feed."""
    columns = (DeliveryRow.feed, DeliveryRow.id, AdmissionRow.source_keys)
    told = select(*columns).join(AdmissionRow, AdmissionRow.delivery_id == DeliveryRow.id)
    newest = told.where(AdmissionRow.source_keys.is_not(None)).distinct(DeliveryRow.feed)
    rows = connection.execute(newest.order_by(DeliveryRow.feed, DeliveryRow.received_at.desc())).tuples()
    return [Latest(feed, delivery, source_keys or "") for feed, delivery, source_keys in rows]


def end_overlap(settings: Settings, connection: Connection, ring: KeyRing, asked: Asked) -> Rekeyed:
    """From now on refuse what arrives under an earlier version than the one that was asked for; logged, once.

    The caller has proved that officers of two authorities approve, in this transaction.
    """
    version = asked.rotation.to_version
    connection.execute(insert(SourceEndRow).values(version=version, ended_at=now()).on_conflict_do_nothing())
    done = update(RotationRow).where(RotationRow.digest == asked.digest, RotationRow.finished_at.is_(None))
    if connection.execute(done.values(finished_at=now())).rowcount:
        late = sum(not each.under(version) for each in latest_of_each_feed(connection))
        detail: dict[str, Scalar] = {"rotation": asked.digest, "key": asked.rotation.key_id, "overlap": "ends"}
        log_key_act(settings, connection, ring, Action.FINISH_ROTATION, detail | {"feeds_behind": late})
    return Rekeyed(0, 0)
