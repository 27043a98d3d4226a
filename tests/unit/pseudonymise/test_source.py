"""A hospital's file from its own machine into the hub's tables, without a name leaving the building."""

import json
from datetime import UTC, datetime

import polars as pl
import pytest
from pydantic import SecretBytes

from agreement.model import Treatment
from hub.periods import Quarter
from hub.settings import Settings
from keys.grants import load_grants
from keys.provider import HeldKey, Providers
from keys.purposes import NAMED, Purpose
from keys.ring import KeyRing
from keys.services import Service
from pseudonymise.errors import ColumnNotCovered, EncodedFormRefused
from pseudonymise.fields import ENCODING_FIELDS, RECORD_COLUMNS
from pseudonymise.hub_stage import hub_stage
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.references import open_seal, record_id_for
from pseudonymise.scheme_keys import scheme_keys
from pseudonymise.source import as_ndjson, encode_at_source, encode_rows
from schemas.contract import Identifier
from schemas.formats import parse
from schemas.health import EMERGENCY_CARE, HEALTH_CLEAR
from schemas.validation import validate

FEED, QUARTER = "health.emergency_care", Quarter(2026, 3)


class Memory:
    """A provider that keeps its keys in memory."""

    def __init__(self, purposes):
        self._keys = {f"{purpose}/1": bytes([list(Purpose).index(purpose)]) * 32 for purpose in purposes}

    def held(self):
        return {key_id: HeldKey(datetime(2026, 1, 1, tzinfo=UTC)) for key_id in self._keys}

    def open(self, key_id):
        return SecretBytes(self._keys[key_id])


RINGS = Providers(Memory(set(Purpose) - NAMED - {Purpose.SOURCE}), Memory({Purpose.SOURCE}))
RING = KeyRing(RINGS, Service.CUSTODIAN, load_grants(Settings()))
KEYS = scheme_keys(RING)
CLEAR = """\
ATTENDANCE IDENTIFIER,SITE CODE (OF TREATMENT),ARRIVAL DATE,ARRIVAL TIME,ASSAULT DATE,ASSAULT TIME,\
ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,ASSAULT METHOD,INJURY INTENT,ALCOHOL INVOLVED,NHS NUMBER,\
PERSON GIVEN NAME,PERSON FAMILY NAME,PERSON BIRTH DATE,PERSON STATED GENDER CODE,ETHNIC CATEGORY,\
POSTCODE OF USUAL ADDRESS,LSOA OF INCIDENT
A-901,RAX01,2026-07-02,23:10:00,2026-07-02,22:15:00,60,Outside the Canary Arms,fist,assault,Y,9434765919,\
Zoë,Canarytest,1990-02-03,2,A,KT1 1EU,
A-902,RAX01,2026-07-03,23:10:00,,,10,,,,,,Mr JOSÉ,,,1,99,ZZ99 3VZ,
A-903,RAX01,not a date,23:10:00,,,10,,,,,,Quarantined,,,1,99,ZZ99 3VZ,
"""


def treat(name):
    if name.startswith(("token_", "encoding_")):
        return "tokenise"
    if name == "source_key":
        return "drop"
    return "reference" if name in ("reference", "reference_sealed") else "keep"


TREATMENTS = {name: Treatment(**{"class": "attribute", "treat": treat(name)}) for name in EMERGENCY_CARE.columns}


@pytest.fixture(scope="module")
def delivered() -> bytes:
    return encode_at_source(CLEAR.encode(), FEED, RING, QUARTER)


@pytest.fixture(scope="module")
def valid(delivered) -> pl.DataFrame:
    checked = validate(parse("ndjson", delivered, EMERGENCY_CARE), EMERGENCY_CARE, QUARTER)
    assert checked.quarantined.is_empty()
    return checked.valid


def test_what_leaves_is_what_the_contract_names(delivered):
    rows = [json.loads(line) for line in delivered.splitlines()]
    assert [list(row) for row in rows] == [list(EMERGENCY_CARE.columns)] * 2
    assert [row["reference"] for row in rows] == sorted(row["reference"] for row in rows)
    assert {row["birth_year"] for row in rows} == {1990, None}


def test_no_identifier_leaves(delivered):
    for secret in ("canary", "zo", "josé", "9434765919", "kt1", "1990-02-03", "a-90", "22:15", "quarantined"):
        assert f'"{secret}' not in delivered.decode().casefold()
    assert b"Canary" not in delivered


def test_the_contract_accepts_it_and_nothing_is_lost(valid):
    clear = validate(parse("csv", CLEAR.encode(), HEALTH_CLEAR), HEALTH_CLEAR, QUARTER).valid
    columns = ["occurred_at", "occurred_on", "assault_location", "alcohol", "sex", "ethnic_group"]
    assert valid.select(columns).sort("occurred_on").equals(clear.select(columns).sort("occurred_on"))


def test_the_hub_gets_the_tokens_it_would_have_made_itself(valid):
    records = hub_stage(valid, EMERGENCY_CARE, TREATMENTS, KEYS.hub).records
    clear = validate(parse("csv", CLEAR.encode(), HEALTH_CLEAR), HEALTH_CLEAR, QUARTER).valid
    own = linkage_columns(clear, HEALTH_CLEAR.identifiers, KEYS.source, KEYS.hub).with_columns(
        record_id=record_id_for(FEED, clear["attendance_id"], KEYS)
    )
    assert records.schema == pl.Schema(RECORD_COLUMNS)
    assert records.select(own.columns).equals(own.sort("record_id"))


def test_only_the_authority_can_open_its_sealed_references(valid):
    records = hub_stage(valid, EMERGENCY_CARE, TREATMENTS, KEYS.hub).records
    opened = {open_seal(sealed, FEED, KEYS.source.seal(FEED)) for sealed in records["reference_sealed"]}
    assert opened == {"A-901", "A-902"}


def test_events_and_involvements(valid):
    made = hub_stage(valid, EMERGENCY_CARE, TREATMENTS, KEYS.hub)
    assert made.events.height == made.involvements.height == 2
    assert "reference" not in made.events.columns
    assert made.involvements.columns == ["event_id", "record_id", "feed", "role", "sex", "ethnic_group", "birth_year"]
    assert set(made.events["event_id"]).isdisjoint(made.records["record_id"])


def test_stage_1_tokens_are_not_stored(valid):
    records = hub_stage(valid, EMERGENCY_CARE, TREATMENTS, KEYS.hub).records
    for name in ("token_forename", "encoding_forename"):
        assert set(valid[name].drop_nulls()).isdisjoint(records[name].drop_nulls())


WRONG = {
    "a token in clear text": {"token_forename": "zoe"},
    "a token of the wrong length": {"token_forename": "ab" * 15},
    "an encoding that is no base64": {"encoding_forename": "%%%"},
    "an encoding of the wrong length": {"encoding_forename": "AAAA"},
    "a reference in clear text": {"reference": "A-901"},
    "a seal that is no base64": {"reference_sealed": "A-901!"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_other_forms_are_refused(valid, wrong):
    altered = valid.with_columns(**{name: pl.lit(value) for name, value in wrong.items()})
    with pytest.raises(EncodedFormRefused) as refusal:
        hub_stage(altered, EMERGENCY_CARE, TREATMENTS, KEYS.hub)
    assert "A-901" not in str(refusal.value)


def test_a_token_may_not_be_kept_as_an_attribute(valid):
    with pytest.raises(ColumnNotCovered):
        hub_stage(valid, EMERGENCY_CARE, TREATMENTS | {"token_sex": TREATMENTS["sex"]}, KEYS.hub)


def test_a_feed_that_is_not_pseudonymised_at_source_is_refused():
    with pytest.raises(EncodedFormRefused, match=r"police\.recorded_crime"):
        encode_at_source(b"", "police.recorded_crime", RING, QUARTER)


def test_a_contract_that_would_let_a_name_out_is_refused():
    clear = validate(parse("csv", CLEAR.encode(), HEALTH_CLEAR), HEALTH_CLEAR, QUARTER).valid
    with pytest.raises(EncodedFormRefused):
        encode_rows(clear, HEALTH_CLEAR, HEALTH_CLEAR, KEYS.source)


def test_bytes_and_instants_in_ndjson():
    frame = pl.DataFrame({"bytes": [b"\x00\xff"], "none": [None]}, schema={"bytes": pl.Binary, "none": pl.Date})
    assert as_ndjson(frame) == b'{"bytes":"AP8=","none":null}\n'


def test_all_encodings_are_made_where_the_identifiers_are_known(valid):
    assert [valid[f"encoding_{field}"].null_count() for field in ENCODING_FIELDS] == [0, 0, 1, 1, 1]
    assert Identifier.UPRN not in HEALTH_CLEAR.identifiers.values()
