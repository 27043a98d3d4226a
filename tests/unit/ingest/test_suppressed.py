"""A person who was erased does not come back when the authority delivers the same rows again."""

import polars as pl

from hub.database import transaction
from ingest.suppressed import suppress
from keys.home import open_ring
from keys.services import Service
from tests.unit.ingest.conftest import Hub
from tests.unit.ingest.test_admission import told
from tests.unit.ingest.test_journey import ingest

CRIME = "police.recorded_crime"


def test_erased_records_are_not_kept_again_nor_events_of_theirs_alone(hub: Hub) -> None:
    ingest(hub, CRIME)
    events, parts, records = hub.table(CRIME), hub.table(CRIME, kind=".involvements"), hub.table(CRIME, "records")
    sizes = parts.group_by("event_id").agg(pl.col("record_id").n_unique().alias("persons"))
    alone = parts.join(sizes.filter(pl.col("persons") == 1), on="event_id", how="semi")["record_id"][0]
    shared = parts.join(sizes.filter(pl.col("persons") > 1), on="event_id", how="semi")["record_id"][0]
    gone = {alone, shared}
    lost = set(parts.filter(pl.col("record_id").is_in(list(gone)))["event_id"]) - set(
        parts.filter(~pl.col("record_id").is_in(list(gone)))["event_id"]
    )
    with transaction(hub.settings) as connection:
        suppress(connection, open_ring(hub.settings, Service.SUBJECTS), gone)
    hub.change("agreement.yaml", title="The same, so that it is admitted anew")
    ingest(hub, CRIME)

    assert set(records["record_id"]) - set(hub.table(CRIME, "records")["record_id"]) == gone
    assert not gone & set(hub.table(CRIME, kind=".involvements")["record_id"])
    assert lost
    assert set(events["event_id"]) - set(hub.table(CRIME)["event_id"]) == lost
    said = told(hub, "ingest:delivery:alteration", CRIME)
    assert (said["suppressed_records"], said["events"]) == (2, events.height - len(lost))
    with transaction(hub.settings) as connection:
        kept = connection.exec_driver_sql("SELECT digest FROM hub.suppressed").scalars().all()
    assert not any(record in digest for record in gone for digest in kept)
