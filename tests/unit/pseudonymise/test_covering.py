"""Encodings at rest: covered as section 11 of the scheme says, and uncovered by the same act."""

import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from keys.key import Key
from pseudonymise.covering import covered

HUB = Key("hub/2", bytes(range(32)))
IDS = [f"{number:032x}" for number in (7, 8, 2**128 - 1)]
VALUES = [b"\x01" * 64, None, b"\x01" * 64]
RECORDS = pl.DataFrame(
    {"record_id": IDS, "encoding_surname": VALUES, "encoding_forename": VALUES, "token_sex": ["a", "b", "c"]},
    schema_overrides={"encoding_surname": pl.Binary, "encoding_forename": pl.Binary},
)


def by_the_page(record_id: str, value: bytes) -> bytes:
    """Section 11, in plain Python."""
    cipher = Cipher(algorithms.AES(HUB.derive("cover/surname/a_delivery/1")), modes.ECB()).encryptor()
    first = bytes.fromhex(record_id)
    stream = b"".join(cipher.update(first[:15] + bytes([first[15] ^ block])) for block in range(4))
    return bytes(one ^ other for one, other in zip(value, stream, strict=True))


def test_it_is_as_the_scheme_says_and_twice_is_not_at_all():
    hidden = covered(RECORDS, HUB, "a_delivery")
    assert hidden["encoding_surname"].to_list() == [v and by_the_page(i, v) for i, v in zip(IDS, VALUES, strict=True)]
    assert hidden.drop("encoding_surname", "encoding_forename").equals(RECORDS.select("record_id", "token_sex"))
    assert covered(hidden, HUB, "a_delivery").equals(RECORDS)


def test_equal_encodings_lie_as_different_bytes():
    hidden = [
        covered(RECORDS, key, delivery)[column][row]
        for key in (HUB, Key("hub/1", bytes(32)))
        for delivery in ("a_delivery", "another")
        for column in ("encoding_surname", "encoding_forename")
        for row in (0, 2)
    ]
    assert len(set(hidden)) == len(hidden) == 16


def test_a_table_without_rows_or_without_encodings_stays_as_it_is():
    assert covered(RECORDS.clear(), HUB, "a_delivery").equals(RECORDS.clear())
    assert covered(RECORDS.select("record_id"), HUB, "a_delivery").equals(RECORDS.select("record_id"))
