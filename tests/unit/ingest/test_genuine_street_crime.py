"""17 months of genuine street-level records of the borough, over HTTP, by the same path as every other feed."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from hub.periods import Quarter
from hub.settings import Settings
from ingest.journey import admit, collect
from keys.home import create_ring
from partners.servers.serve import Plan

FEED = "police.street_crime"
RECORDS = "police_street_crime_kingston_2016-01_2017-06.jsonl.gz"


@pytest.mark.timeout(300)
def test_all_genuine_records_pass_through(settings: Settings, genuine: Path, tmp_path: Path, serve_in_thread) -> None:
    create_ring(settings)
    plan = Plan(tmp_path / "partners", settings.home, frozenset({"police-api"}), replay=genuine / RECORDS)
    received, accepted, reasons = 0, 0, Counter()
    with serve_in_thread(plan):
        local = yaml.safe_load((settings.home / "local.yaml").read_text(encoding="utf-8"))
        settings = settings.model_copy(update={"endpoints": local["endpoints"]})
        for quarter in (*(Quarter(2016, number) for number in (1, 2, 3, 4)), Quarter(2017, 1), Quarter(2017, 2)):
            done = admit(settings, collect(settings, FEED, quarter))
            received, accepted = received + done.received, accepted + done.accepted
            reasons.update({(str(count.reason), count.column): count.rows for count in done.reasons})

    # 860 records were answered twice, once for each of two neighbouring wards; all else is life, not error
    assert received == 20_177
    assert accepted == 19_317
    assert reasons == {("repeated", "id"): 860}
