"""The fast scheme and the slow one, set up alike: the keys of the published vectors, and the columns of a person."""

import json
from pathlib import Path

import polars as pl

from keys.key import Key
from pseudonymise.fields import ENCODING_FIELDS, LINKAGE_COLUMNS
from pseudonymise.scheme_keys import HubKeys, SchemeKeys, SourceKeys
from schemas.contract import Identifier
from tests.unit.pseudonymise import slow_scheme

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "token-scheme-1.json").read_text(encoding="utf-8"))
KEYS = {name: bytes.fromhex(key) for name, key in VECTORS["keys"].items()}
SOURCE = SourceKeys(Key("source/1", KEYS["source"]))
HUB = HubKeys(Key("hub/1", KEYS["hub"]), Key("event/1", KEYS["event"]))
ALL_KEYS = SchemeKeys(SOURCE, HUB, Key("reference/1", KEYS["reference"]))
IDENTIFIERS = {str(identifier): identifier for identifier in Identifier}
COLUMNS = {name: pl.Date if name == "date_of_birth" else pl.String for name in IDENTIFIERS}


def frame_of(people: list[dict]) -> pl.DataFrame:
    """A column for each identifier, null where a person has none."""
    return pl.DataFrame([{name: person.get(name) for name in COLUMNS} for person in people], schema=COLUMNS)


def slowly(person: dict, *, hub: bool) -> dict:
    """Every column of one person by the slow scheme."""
    made = dict.fromkeys(LINKAGE_COLUMNS)
    for field, value in slow_scheme.canonical(person).items():
        if f"token_{field}" in LINKAGE_COLUMNS:
            token = slow_scheme.source_token(KEYS["source"], field, value)
            made[f"token_{field}"] = (slow_scheme.hub_token(KEYS["hub"], field, token) if hub else token).hex()
        if field in ENCODING_FIELDS:
            bits = slow_scheme.source_encoding(KEYS["source"], field, value)
            moved = slow_scheme.hub_encoding(KEYS["hub"], field, bits) if hub else bits
            made[f"encoding_{field}"] = slow_scheme.as_bytes(moved)
    return made
