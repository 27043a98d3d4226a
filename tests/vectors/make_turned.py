"""Make token-scheme-1-turned.json again, by the slow scheme: ``python -m tests.vectors.make_turned``.

What the persons of token-scheme-1.json become once the source key was turned: as they travel (section 12 of the
scheme's page), and as they are stored (section 11). A released vector never changes.
"""

import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.unit.pseudonymise import slow_scheme
from tests.vectors import make

FILE = Path(__file__).with_name("token-scheme-1-turned.json")
SECOND = bytes(range(128, 160))
FEED = "health.emergency_care"
OF = {"forename_family": "forename"}  # the token that an encoding belongs to, where it has another name


def block(info: str, value: str) -> str:
    cipher = Cipher(algorithms.AES(slow_scheme.hkdf(SECOND, info, 32)), modes.ECB()).encryptor()
    return cipher.update(bytes.fromhex(value)).hex()


def travelling(reference: str, first: dict) -> dict:
    """A row as it travels, its reference and its stage 1 given."""
    tokens = {field: block(f"wire/{field}/1", token) for field, token in first["tokens"].items()}
    sent = block(f"wire/reference/{FEED}/1", reference)
    encodings = {}
    for field, value in first["encodings"].items():
        key = slow_scheme.hkdf(SECOND, f"wire/encoding/{field}/1", 32).hex().encode()
        said = f"{sent}\x1f{tokens.get(OF.get(field, field), '')}\x1f"
        pad = b"".join(hmac.digest(key, f"{said}{number}".encode(), hashlib.sha256) for number in (1, 2))
        encodings[field] = bytes(a ^ b for a, b in zip(bytes.fromhex(value), pad, strict=True)).hex()
    return {"source_key": "1+2", "reference": sent, "tokens": tokens, "encodings": encodings}


def stored(second: dict) -> dict:
    """Stage 2 under the second source key's step."""
    step = slow_scheme.hkdf(SECOND, "step/1", 32)
    tokens = {f: slow_scheme.hub_token(step, f, bytes.fromhex(token)).hex() for f, token in second["tokens"].items()}
    moved = {
        field: slow_scheme.as_bytes(slow_scheme.hub_encoding(step, field, _bits(value))).hex()
        for field, value in second["encodings"].items()
    }
    return {"tokens": tokens, "encodings": moved}


def _bits(value: str) -> set[int]:
    number = bytes.fromhex(value)
    return {at for at in range(512) if number[at // 8] >> 7 - at % 8 & 1}


def vectors() -> dict:
    rows = []
    for number, values in enumerate(make.PERSONS):
        made, reference = make.person(values), make.reference(FEED, [f"A{number}"])["stage_1"]
        rows.append(
            {"reference": reference, "wire": travelling(reference, made["stage_1"]), "stored": stored(made["stage_2"])}
        )
    return {
        "scheme": 1,
        "about": "The persons of token-scheme-1.json, in their order, once source key 2 lies on hub key 1.",
        "feed": FEED,
        "keys": {"source_2": SECOND.hex()},
        "rows": rows,
    }


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
