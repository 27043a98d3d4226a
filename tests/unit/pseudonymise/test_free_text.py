"""Free text, exact places and scores that a source sends go no further than the shipped agreement lets them."""

from collections.abc import Mapping

import polars as pl
import pytest

from agreement.policy import read_agreement
from hub.periods import Quarter
from hub.settings import PROJECT
from keys.key import Key
from pseudonymise.scheme_keys import HubKeys, SchemeKeys, SourceKeys
from pseudonymise.split import split
from schemas.fire_incidents import INCIDENTS
from schemas.health_assaults import ASSAULT_ATTENDANCES
from schemas.police import RECORDED_CRIME
from schemas.probation import SUPERVISION
from schemas.registry import contract_for
from schemas.validation import validate
from tests.unit.pseudonymise.sent import ASSAULT, CANARIES, CRIME, INCIDENT, SUPERVISED

KEYS = SchemeKeys(
    SourceKeys(Key("source/1", b"s" * 32)),
    HubKeys(Key("hub/1", b"h" * 32), Key("event/1", b"e" * 32)),
    Key("reference/1", b"r" * 32),
)


@pytest.mark.parametrize(
    ("feed", "sent"),
    [
        (RECORDED_CRIME.feed, CRIME),
        (INCIDENTS.feed, INCIDENT),
        (ASSAULT_ATTENDANCES.feed, ASSAULT),
        (SUPERVISION.feed, SUPERVISED),
    ],
)
def test_a_canary_in_what_is_dropped_is_in_no_table(feed: str, sent: Mapping[str, str]) -> None:
    contract = contract_for(feed)
    terms = read_agreement(PROJECT / "config" / "agreement.yaml").feeds[feed]
    frame = pl.DataFrame([sent], schema=dict.fromkeys(contract.source_names, pl.String)).with_row_index("row_number", 1)
    valid = validate(frame, contract, Quarter(2026, 3)).valid
    assert valid.height == 1
    parts = split(valid, contract, terms.fields, KEYS)
    assert parts.events.height == 1
    written = "".join(table.write_json() for table in (parts.events, parts.involvements))
    held = written + "".join(map(str, parts.records.rows()))
    assert [canary for canary in CANARIES if canary in held] == []
