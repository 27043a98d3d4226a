"""Is token-scheme-1-turned.json as sections 11 and 12 say? ``python3 verify_turned.py [FILE]``.

AES in plain Python, since Python's own library has none: to check vectors, and for nothing else.
"""

import hmac
import json
import sys
from functools import reduce
from pathlib import Path


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def twice(byte):  # AES with a key of 32 bytes: FIPS 197
    return byte << 1 ^ (byte >> 7) * 0x11B


POWERS = reduce(lambda made, _: [*made, made[-1] ^ twice(made[-1])], range(254), [1])
INVERSES = [0, *(POWERS[-POWERS.index(byte) % 255] for byte in range(1, 256))]
SUB = [reduce(lambda made, by, of=of: made ^ (of << by | of >> 8 - by) & 255, range(5), 0x63) for of in INVERSES]


def aes(key, block):
    words = [key[at : at + 4] for at in range(0, 32, 4)]
    for at in range(8, 60):
        last = words[-1] if at % 8 else words[-1][1:] + words[-1][:1]
        last = last if at % 4 else bytes(SUB[byte] for byte in last)
        words.append(xor(xor(words[-8], last), bytes([0 if at % 8 else 1 << at // 8 - 1, 0, 0, 0])))
    for turn in range(15):
        if turn:
            block = [SUB[block[5 * at % 16]] for at in range(16)]
        if 0 < turn < 14:
            columns = [[block[at // 4 * 4 + (at + by) % 4] for by in range(4)] for at in range(16)]
            block = [twice(a) ^ twice(b) ^ b ^ c ^ d for a, b, c, d in columns]
        block = xor(block, b"".join(words[4 * turn : 4 * turn + 4]))
    return block


def derived(info):  # section 1
    return hmac.digest(hmac.digest(bytes(32), SECOND, "sha256"), info.encode() + b"\x01", "sha256")


def pad(field, said):  # section 12
    key = derived(f"wire/encoding/{field}/1").hex().encode()
    return b"".join(hmac.digest(key, f"{said}{number}".encode(), "sha256") for number in (1, 2))


def moved(field, bits):  # section 6, under the step of section 11
    key = hmac.digest(
        hmac.digest(bytes(32), derived("step/1"), "sha256"), f"encoding/{field}/1".encode() + b"\x01", "sha256"
    )
    order = sorted(range(512), key=lambda bit: hmac.digest(key.hex().encode(), bit.to_bytes(2, "big"), "sha256"))
    held = {at for at, bit in enumerate(order) if bits[bit // 8] >> 7 - bit % 8 & 1}
    return bytes(sum((8 * at + bit in held) << 7 - bit for bit in range(8)) for at in range(64))


def laid(field, token):  # section 11
    key = hmac.digest(
        hmac.digest(bytes(32), derived("step/1"), "sha256"), f"token/{field}/1".encode() + b"\x01", "sha256"
    )
    return hmac.digest(key.hex().encode(), token, "sha256")[:16]


path = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("token-scheme-1-turned.json")
turned, agreed = json.loads(path.read_text(encoding="utf-8")), 0
persons = json.loads(Path(__file__).with_name("token-scheme-1.json").read_text(encoding="utf-8"))["persons"]
SECOND = bytes.fromhex(turned["keys"]["source_2"])
for row, person in zip(turned["rows"], persons, strict=True):
    wire, stored, first, second = row["wire"], row["stored"], person["stage_1"], person["stage_2"]
    made = {
        "reference": (
            aes(derived(f"wire/reference/{turned['feed']}/1"), bytes.fromhex(row["reference"])),
            wire["reference"],
        )
    }
    for field, token in first["tokens"].items():
        made[f"wire {field}"] = aes(derived(f"wire/{field}/1"), bytes.fromhex(token)), wire["tokens"][field]
        made[f"stored {field}"] = laid(field, bytes.fromhex(second["tokens"][field])), stored["tokens"][field]
    for field, bits in first["encodings"].items():
        token = wire["tokens"].get(field.removesuffix("_family"), "")
        hidden = xor(bytes.fromhex(bits), pad(field, f"{wire['reference']}\x1f{token}\x1f"))
        made[f"encoding {field}"] = hidden, wire["encodings"][field]
        made[f"moved {field}"] = moved(field, bytes.fromhex(second["encodings"][field])), stored["encodings"][field]
    for name, (found, told) in made.items():
        if bytes(found).hex() != told:
            sys.exit(f"{name} differs")
        agreed += 1
print(f"{agreed} values agree")
