"""Token scheme 1 a second time: slow, plain, from docs/token-scheme-1.md alone. It imports nothing of the hub."""

# ruff: noqa: SIM905

import csv
import hmac
import unicodedata
from collections import defaultdict
from datetime import date
from functools import cache

from anyascii import anyascii
from nicknames import with_names_csv_path

APOSTROPHES = "\u0027\u2019\u2018\u0060\u00b4\u02bc\u02b9\u2032"
TITLES = (
    "mr mrs miss ms mx master mstr dr prof professor rev revd reverend sir dame lord lady cllr councillor"
).split()
SUFFIXES = "jr jnr junior sr snr senior ii iii iv esq esquire obe mbe cbe phd".split()
NO_NAME = [
    "unknown", "unk", "not known", "n a", "n k", "null", "none", "anon", "anonymous", "unnamed", "no name",
    "not given", "not provided", "not recorded", "not stated", "withheld", "refused", "tbc", "x", "xx", "xxx", "fnu",
    "lnu", "mr", "mrs", "miss", "ms", "mx", "dr", "male", "female", "unknown male", "unknown female", "baby",
    "baby boy", "baby girl", "unborn", "unborn baby",
]  # fmt: skip
SOUNDEX = {
    letter: digit for digit, letters in enumerate(["BFPV", "CGJKQSXZ", "DT", "L", "MN", "R"], 1) for letter in letters
}
ENCODED = ("forename", "forename_family", "surname", "postcode", "date_of_birth")

with with_names_csv_path() as path, path.open(encoding="utf-8", newline="") as file:
    FORMAL = defaultdict(set)
    for line in csv.DictReader(file):
        FORMAL[line["name2"]].add(line["name1"])


@cache
def hkdf(key: bytes, info: str, length: int = 32) -> bytes:
    extracted = hmac.digest(bytes(32), key, "sha256")
    made, block = b"", b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(extracted, block + info.encode() + bytes([counter]), "sha256")
        made += block
    return made[:length]


def digest(derived: bytes, message: bytes) -> bytes:
    return hmac.digest(derived.hex().encode("ascii"), message, "sha256")


def letters(raw: str) -> str:
    made = ""
    for character in unicodedata.normalize("NFC", raw):
        category = unicodedata.category(character)
        if character in APOSTROPHES or category == "Lm":
            continue
        if not category.startswith(("L", "M")):
            made += " "
            continue
        made += "".join(letter for letter in anyascii(character).lower() if "a" <= letter <= "z")
    return made


def words(raw: str) -> list[str]:
    found = letters(raw).split()
    while len(found) > 1 and found[0] in TITLES:
        found.pop(0)
    while len(found) > 1 and found[-1] in SUFFIXES:
        found.pop()
    while found and len(found[-1]) == 1 and any(len(word) > 1 for word in found):
        found.pop()
    return [] if " ".join(found) in NO_NAME else found


def family(name: str) -> str:
    return " ".join(sorted({name} | FORMAL.get(name, set())))


def soundex(name: str) -> str | None:
    if not name:
        return None
    code, before = name[0].upper(), SOUNDEX.get(name[0].upper())
    for letter in name[1:].upper():
        if letter in "HW":
            continue
        digit = SOUNDEX.get(letter)
        if digit and digit != before:
            code += str(digit)
        before = digit
    return (code + "000")[:4]


def nhs_number(raw: str) -> str | None:
    text = "".join(c for c in raw if c not in " \t-")
    if len(text) != 10 or any(c not in "0123456789" for c in text) or len(set(text)) == 1 or text == "9876543210":
        return None
    check = 11 - sum(int(c) * weight for c, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return text if (0 if check == 11 else check) == int(text[9]) else None


def pnc_id(raw: str) -> str | None:
    text = raw.upper().replace(" ", "")
    front, letter = text[:-1], text[-1:]
    if "/" in front:
        year, _, serial = front.partition("/")
        if not 1 <= len(serial) <= 7:
            return None
    elif len(front) == 11:
        year, serial = front[:4], front[4:]
    elif 3 <= len(front) <= 8:
        year, serial = front[:2], front[2:]
    else:
        return None
    if any(c not in "0123456789" for c in year + serial) or len(year) not in (2, 4):
        return None
    if len(year) == 2:
        year = ("20" if int(year) < 40 else "19") + year
    right = "ZABCDEFGHJKLMNPQRTUVWXY"[(int(year[2:]) * 10_000_000 + int(serial)) % 23]
    return f"{year}/{serial.zfill(7)}{letter}" if year[:2] in ("19", "20") and letter == right and int(serial) else None


def crn(raw: str) -> str | None:
    text = raw.upper().replace(" ", "")
    formed = len(text) == 7 and "A" <= text[0] <= "Z" and all(c in "0123456789" for c in text[1:])
    return text if formed and text[1:] != "000000" else None


def upn(raw: str) -> str | None:
    text, alphabet = raw.upper().replace(" ", ""), "ABCDEFGHJKLMNPQRTUVWXYZ"
    formed = len(text) == 13 and text[0] in alphabet and all(c in "0123456789" for c in text[1:12])
    if not formed or text[12] not in "0123456789" + alphabet:
        return None
    last = int(text[12]) if text[12] in "0123456789" else alphabet.index(text[12])
    total = sum(int(c) * weight for c, weight in zip(text[1:12], range(2, 13), strict=True)) + last * 13
    return text if text[0] == alphabet[total % 23] else None


def sex(raw: str) -> str | None:
    written = {"female": "female f 2", "male": "male m 1", "other": "other indeterminate 9"}
    return next((sex for sex, forms in written.items() if raw.strip(" ").lower() in forms.split(" ")), None)


def day(raw: date) -> str | None:
    return raw.isoformat() if date(1900, 1, 2) <= raw <= date(2099, 12, 31) else None


def postcode(raw: str) -> str | None:
    text = "".join(c for c in raw.upper() if c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return (
        f"{text[:-3]} {text[-3:]}" if (_real(text[:-3], text[-3:]) and text != "NF11NF") or text == "GIR0AA" else None
    )


def _real(outward: str, inward: str) -> bool:
    digits, form = "0123456789", "".join("9" if c in "0123456789" else "A" for c in outward)
    if not inward or inward[0] not in digits or any(c not in "ABDEFGHJLNPQRSTUWXYZ" for c in inward[1:]):
        return False
    if not outward or outward[0] in "QVX" or outward[0] in digits:
        return False
    if form in ("A9", "A99"):
        return True
    if form == "A9A":
        return outward[2] in "ABCDEFGHJKPSTUW"
    if form in ("AA9", "AA99"):
        return outward[1] not in "IJZ"
    return form == "AA9A" and outward[1] not in "IJZ" and outward[3] in "ABEHMNPRVWXY"


def uprn(raw: str) -> str | None:
    text = raw.replace(" ", "").removesuffix(".0").lstrip("0")
    return text if 1 <= len(text) <= 12 and all(c in "0123456789" for c in text) else None


def canonical(person: dict) -> dict[str, str]:
    """Every field's canonical value; absent fields are left out."""
    found: dict[str, str | None] = {}
    names = {field: words(person[field]) for field in ("forename", "surname") if person.get(field) is not None}
    for field, parts in names.items():
        joined = "".join(parts)
        found |= {field: joined, f"{field}_prefix": joined[:3], f"{field}_phonetic": soundex(joined)}
    if found.get("forename"):
        found["forename_family"] = family(found["forename"])
    if all(names.get(field) for field in ("forename", "surname")):
        found["full_name"] = " ".join(sorted(names["forename"] + names["surname"]))
    numbers = {"nhs_number": nhs_number, "pnc_id": pnc_id, "crn": crn, "upn": upn, "uprn": uprn, "sex": sex}
    for field, rule in numbers.items():
        if person.get(field) is not None:
            found[field] = rule(person[field])
    if person.get("date_of_birth") is not None and (iso := day(person["date_of_birth"])):
        found |= {"date_of_birth": iso, "birth_year": iso[:4], "birth_month": iso[5:7], "birth_day": iso[8:]}
    if person.get("postcode") is not None and (code := postcode(person["postcode"])):
        found |= {"postcode": code, "postcode_sector": code[:-2], "postcode_district": code[:-4]}
    return {field: value for field, value in found.items() if value}


def source_token(key: bytes, field: str, value: str) -> bytes:
    return digest(hkdf(key, f"token/{field}/1"), value.encode())[:16]


def hub_token(key: bytes, field: str, token: bytes) -> bytes:
    return digest(hkdf(key, f"token/{field}/1"), token)[:16]


def features(field: str, value: str) -> list[str]:
    if field in ("forename", "surname"):
        padded = f" {value} "
        return [padded[i : i + 2] for i in range(len(padded) - 1)]
    if field == "forename_family":
        return value.split(" ")
    if field == "postcode":
        outward, inward = value.split(" ")
        seven = outward.ljust(4) + inward
        return [f"{i}{seven[i : i + 2]}" for i in range(6)]
    digits = value.replace("-", "")
    year, month, day_ = digits[:4], digits[4:6], digits[6:]
    return [f"{i}|{c}" for i, c in enumerate(digits)] + [
        f"y|{year}",
        f"m|{month}",
        f"d|{day_}",
        f"p|{month}",
        f"p|{day_}",
    ]


def source_encoding(key: bytes, field: str, value: str) -> set[int]:
    derived = hkdf(key, f"encoding/{field}/1")
    digests = [digest(derived, feature.encode()) for feature in features(field, value)]
    return {int.from_bytes(made[i : i + 2], "big") % 512 for made in digests for i in range(0, 32, 2)}


@cache
def hub_places(key: bytes, field: str) -> dict[int, int]:
    derived = hkdf(key, f"encoding/{field}/1")
    order = sorted(range(512), key=lambda bit: digest(derived, bit.to_bytes(2, "big")))
    return {bit: place for place, bit in enumerate(order)}


def hub_encoding(key: bytes, field: str, bits: set[int]) -> set[int]:
    return {hub_places(key, field)[bit] for bit in bits}


def as_bytes(bits: set[int]) -> bytes:
    number = sum(1 << (511 - bit) for bit in bits)
    return number.to_bytes(64, "big")


def reference_id(source_key: bytes, event_key: bytes, feed: str, kind: str, reference: str) -> tuple[str, str]:
    first = digest(hkdf(source_key, f"reference/{feed}/1"), reference.encode())[:16]
    return first.hex(), digest(hkdf(event_key, f"reference/{feed}/{kind}/1"), first)[:16].hex()
