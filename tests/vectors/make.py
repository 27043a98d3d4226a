"""Make token-scheme-1.json again, by the slow scheme: ``python -m tests.vectors.make``.

A released vector never changes; what comes out differs from the file only while scheme 1 is not released.
"""

# ruff: noqa: RUF001

import json
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from tests.unit.pseudonymise import slow_scheme

FILE = Path(__file__).with_name("token-scheme-1.json")
FIRST_BYTES = {"source": 0, "hub": 32, "event": 64, "reference": 96}
KEYS = {name: bytes(range(first, first + 32)) for name, first in FIRST_BYTES.items()}
FIELDS = ("forename", "surname", "date_of_birth", "sex", "nhs_number", "pnc_id", "crn", "upn", "postcode", "uprn")
PERSONS = [  # one line a person, in the order of FIELDS
    ("Zoë", "O’Brien-Smith", "1987-03-12", "female", "943 476 5919", "2004/0712343W", "x123456", "B801200005001",
     "kt1 1eu", "100021234567.0"),
    ("Dr. Łukasz Jan", "Żółkiewski Jnr", "1990-12-03", "M", "9434765918", "79/163001B", "1234567", "A801200005001",
     "ZZ99 3VZ", "1.00021E+11"),
    ("محمد", "Straße", "1900-01-01", "unknown", "4444444444", None, "D 000 001", "M80120000500A", "SW1A2AA", "000123"),
    ("Unknown", "de la Cruz", None, None, None, None, None, None, None, None),
    ("Bill", "Smith", "1963-11-30", "1", "999 000 0018", "63/1J", None, None, "W1A 1HQ", "1"),
    ("J.", "Smith J", "2008-02-29", "9", None, None, None, None, "GIR 0AA", "100000000001"),
    ("Дмитрий", "王", "2099-12-31", "x", None, None, None, None, "m1 1ae", "000000000000"),
    ("सुनील", "김", "1900-01-02", "Other", None, None, None, None, "B33 8TH", " 10 "),
    ("Mohammed", "al-Hassan", "1987-12-03", "f", None, None, None, None, "EC1A 1BB", None),
    ("Md", "Hussain", "1899-12-31", "2", None, None, None, None, "NF1 1NF", None),
]  # fmt: skip
REFERENCES = [
    ("police.recorded_crime", ["01/12345/26", "2"]),
    ("health.emergency_care", ["A1"]),
    ("probation.supervision", ["X123456", "0123456789", "a reference of more than two blocks of sixteen"]),
]


def clear(values: tuple) -> dict:
    return dict(zip(FIELDS, values, strict=True))


def canonical(person: dict) -> dict[str, str]:
    born = person["date_of_birth"]
    return slow_scheme.canonical({**person, "date_of_birth": born and date.fromisoformat(born)})


def stages(values: dict[str, str]) -> tuple[dict, dict]:
    """Tokens and encodings in hex: stage 1, and stage 2 on top of it."""
    first = {field: slow_scheme.source_token(KEYS["source"], field, values[field]) for field in values}
    first.pop("forename_family", None)
    bits = {
        field: slow_scheme.source_encoding(KEYS["source"], field, value)
        for field, value in values.items()
        if field in slow_scheme.ENCODED
    }
    second = {field: slow_scheme.hub_token(KEYS["hub"], field, token) for field, token in first.items()}
    moved = {field: slow_scheme.hub_encoding(KEYS["hub"], field, some) for field, some in bits.items()}
    return _in_hex(first, bits), _in_hex(second, moved)


def _in_hex(tokens: dict[str, bytes], encodings: dict[str, set[int]]) -> dict:
    return {
        "tokens": {field: token.hex() for field, token in tokens.items()},
        "encodings": {field: slow_scheme.as_bytes(bits).hex() for field, bits in encodings.items()},
    }


def person(values: tuple) -> dict:
    given = clear(values)
    found = canonical(given)
    first, second = stages(found)
    return {"clear": given, "canonical": found, "stage_1": first, "stage_2": second}


def reference(feed: str, parts: list[str]) -> dict:
    joined = "\x1f".join(parts)
    first, event = slow_scheme.reference_id(KEYS["source"], KEYS["event"], feed, "event", joined)
    _, record = slow_scheme.reference_id(KEYS["source"], KEYS["event"], feed, "record", joined)
    seals = {
        name: AESSIV(slow_scheme.hkdf(KEYS[key], f"seal/{feed}/1", 64)).encrypt(joined.encode(), [feed.encode()]).hex()
        for name, key in (("sealed_by_hub", "reference"), ("sealed_at_source", "source"))
    }
    return {"feed": feed, "parts": parts, "stage_1": first, "event_id": event, "record_id": record, **seals}


def vectors() -> dict:
    return {
        "scheme": 1,
        "about": "Made-up keys and persons. Null fields are absent from canonical, tokens and encodings.",
        "keys": {name: key.hex() for name, key in KEYS.items()},
        "persons": [person(values) for values in PERSONS],
        "references": [reference(feed, parts) for feed, parts in REFERENCES],
    }


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
