"""Are the sealed references in token-scheme-1.json AES-SIV, as section 8 says? ``python3 verify_seals.py [FILE]``.

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


def double(block):
    number = int.from_bytes(block, "big") << 1
    return (number ^ (number >> 128) * (1 << 128 | 0x87)).to_bytes(16, "big")


def cmac(key, text):  # NIST SP 800-38B
    once, whole = double(aes(key, bytes(16))), len(text) > 0 and len(text) % 16 == 0
    text = text if whole else text + b"\x80" + bytes(-len(text) - 1 & 15)
    text = text[:-16] + xor(text[-16:], once if whole else double(once))
    return reduce(lambda state, at: aes(key, xor(state, text[at : at + 16])), range(0, len(text), 16), bytes(16))


def sealed(key, text, datum):  # RFC 5297
    bound = xor(double(cmac(key[:32], bytes(16))), cmac(key[:32], datum))
    padded = text + b"\x80" + bytes(max(0, 15 - len(text)))
    iv = cmac(key[:32], xor(double(bound), padded) if len(text) < 16 else text[:-16] + xor(text[-16:], bound))
    first = int.from_bytes(iv, "big") & ~(1 << 63 | 1 << 31)
    stream = b"".join(aes(key[32:], (first + at).to_bytes(16, "big")) for at in range(len(text) // 16 + 1))
    return iv + xor(text, stream[: len(text)])


def hkdf(key, info):  # section 1, 64 bytes
    secret = hmac.digest(bytes(32), key, "sha256")
    first = hmac.digest(secret, info + b"\x01", "sha256")
    return first + hmac.digest(secret, first + info + b"\x02", "sha256")


path = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).with_name("token-scheme-1.json")
vectors, agreed = json.loads(path.read_text(encoding="utf-8")), 0
for vector in vectors["references"]:
    feed, text = vector["feed"].encode(), "\x1f".join(vector["parts"]).encode()
    for name, by in (("sealed_at_source", "source"), ("sealed_by_hub", "reference")):
        key = hkdf(bytes.fromhex(vectors["keys"][by]), b"seal/" + feed + b"/1")
        if sealed(key, text, feed).hex() != vector[name]:
            sys.exit(f"{name} of {vector['feed']} differs")
        agreed += 1
print(f"{agreed} values agree")
