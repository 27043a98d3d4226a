"""Records to which their authority bars access (limited access): held by keyed id, and left out wherever they are.

1. A bar is on a record, not on a row: it reaches the record's rows in every delivery of its feed, earlier or later.
2. A bar stands as long as a delivery in force holds it. It is lifted as it was made: by the authority, which delivers
   the quarter that holds it again without it. That a later quarter does not tell of it lifts nothing.
"""

import polars as pl
from sqlalchemy import Connection, insert, select

from ingest.case import Case
from ingest.models import BarredRecordRow
from pseudonymise.references import hub_references, record_id_for, references
from pseudonymise.scheme_keys import hub_keys, scheme_keys
from schemas.contract import Contract
from store.deliveries import Delivery, State
from store.models import DeliveryRow


def barred_ids(case: Case, keys: pl.DataFrame, contract: Contract) -> list[str]:
    """The record ids of barred records, by the record keys that their rows gave; the same that a split gives."""
    if keys.is_empty():
        return []
    found = references(keys, contract.record_key, contract.feed)
    if case.feed.pseudonymised_at == "source":
        return hub_references(found, contract.feed, "record", hub_keys(case.ring)).to_list()
    return record_id_for(contract.feed, found, scheme_keys(case.ring)).to_list()


def remember_barred(connection: Connection, delivery: Delivery, record_ids: list[str]) -> None:
    """Keep which records a delivery bars."""
    rows = [{"delivery_id": delivery.id, "record_id": record_id} for record_id in record_ids]
    if rows:
        connection.execute(insert(BarredRecordRow), rows)


def barred_records(connection: Connection) -> pl.DataFrame:
    """Every record that must be neither linked nor published now: ``record_id``, sorted."""
    in_force = DeliveryRow.state == State.ADMITTED  # (2)
    held = select(BarredRecordRow.record_id).join(DeliveryRow, DeliveryRow.id == BarredRecordRow.delivery_id)
    found = connection.execute(held.where(in_force).distinct()).scalars().all()  # (1)
    return pl.DataFrame({"record_id": sorted(found)}, schema={"record_id": pl.String})
