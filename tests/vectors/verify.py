"""Does token-scheme-1.json hold what docs/token-scheme-1.md says? ``python3 verify.py [FILE]``, with Python alone."""

import hmac
import json
import sys
from pathlib import Path


def mac(key, info, message):  # section 1
    derived = hmac.digest(hmac.digest(bytes(32), key, "sha256"), info.encode() + b"\x01", "sha256")
    return hmac.digest(derived.hex().encode(), message, "sha256")


def features(field, value):  # section 6
    if field == "forename_family":
        return value.split(" ")
    if field == "postcode":
        seven = value[:-4].ljust(4) + value[-3:]
        return [f"{place}{seven[place : place + 2]}" for place in range(6)]
    if field == "date_of_birth":
        year, month, day = value.split("-")
        digits = [f"{place}|{digit}" for place, digit in enumerate(year + month + day)]
        return [*digits, f"y|{year}", f"m|{month}", f"d|{day}", f"p|{month}", f"p|{day}"]
    return [f" {value} "[place : place + 2] for place in range(len(value) + 1)]


def encoded(keys, field, value):  # section 6, both stages
    digests = [mac(keys["source"], f"encoding/{field}/1", feature.encode()) for feature in features(field, value)]
    bits = {int.from_bytes(digest[at : at + 2], "big") % 512 for digest in digests for at in range(0, 32, 2)}
    order = sorted(range(512), key=lambda bit: mac(keys["hub"], f"encoding/{field}/1", bit.to_bytes(2, "big")))
    return [sum(1 << 511 - bit for bit in some).to_bytes(64, "big") for some in (bits, map(order.index, bits))]


def tokened(keys, field, value):  # section 5, both stages
    first = mac(keys["source"], f"token/{field}/1", value.encode())[:16]
    return first, mac(keys["hub"], f"token/{field}/1", first)[:16]


def referenced(keys, feed, reference):  # section 7
    first = mac(keys["source"], f"reference/{feed}/1", reference.encode())[:16]
    ids = {f"{kind}_id": mac(keys["event"], f"reference/{feed}/{kind}/1", first)[:16] for kind in ("event", "record")}
    return {"stage_1": first, **ids}


path = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("token-scheme-1.json")
vectors = json.loads(path.read_text(encoding="utf-8"))
keys, agreed = {name: bytes.fromhex(key) for name, key in vectors["keys"].items()}, 0
for person in vectors["persons"]:
    for kind, make in (("tokens", tokened), ("encodings", encoded)):
        for field in person["stage_1"][kind]:
            made = [value.hex() for value in make(keys, field, person["canonical"][field])]
            if made != [person[stage][kind][field] for stage in ("stage_1", "stage_2")]:
                sys.exit(f"{kind} of {field} differ")
            agreed += 2
for vector in vectors["references"]:
    for name, value in referenced(keys, vector["feed"], "\x1f".join(vector["parts"])).items():
        if value.hex() != vector[name]:
            sys.exit(f"{name} of {vector['feed']} differs")
        agreed += 1
print(f"{agreed} values agree")
