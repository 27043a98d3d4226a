"""How stage 1 travels once the source key was turned: as the scheme's page says it, and back without a loss."""

import base64
import hashlib
import hmac
import random

import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from keys.key import Key
from pseudonymise.fields import ENCODING_FIELDS, TOKEN_FIELDS
from pseudonymise.wire import arrived, stated, travelling

FEED = "health.emergency_care"
KEY = Key("source/2", b"2" * 32)
OF = {"forename_family": "forename"}  # the token that an encoding belongs to, where it has another name
CHANCE = random.Random(2026)


def rows(count: int) -> pl.DataFrame:
    """Stage-1 rows as they are delivered, a third of each column blank."""

    def some(of: bytes | None = None, width: int = 16) -> list[str | None]:
        made = [CHANCE.randbytes(width) if CHANCE.random() > 1 / 3 else None for _ in range(count)]
        return [None if each is None else base64.b64encode(each).decode() if of else each.hex() for each in made]

    columns = {"reference": [CHANCE.randbytes(16).hex() for _ in range(count)], "site_code": ["RAX01"] * count}
    columns |= {f"token_{field}": some() for field in TOKEN_FIELDS}
    columns |= {f"encoding_{field}": some(b"64", 64) for field in ENCODING_FIELDS}
    return pl.DataFrame(columns)


def slowly(row: dict[str, str | None]) -> dict[str, str | None]:
    """Section 12 of the scheme's page, value by value."""

    def block(info: str, value: str) -> str:
        cipher = Cipher(algorithms.AES(KEY.derive(info)), modes.ECB()).encryptor()
        return cipher.update(bytes.fromhex(value)).hex()

    made = dict(row)
    for field in TOKEN_FIELDS:
        if row[f"token_{field}"]:
            made[f"token_{field}"] = block(f"wire/{field}/1", row[f"token_{field}"])
    made["reference"] = block(f"wire/reference/{FEED}/1", row["reference"])
    for field in ENCODING_FIELDS:
        if row[f"encoding_{field}"]:
            key = KEY.derive(f"wire/encoding/{field}/1").hex().encode()
            said = f"{made['reference']}\x1f{made[f'token_{OF.get(field, field)}'] or ''}\x1f"
            pad = b"".join(hmac.digest(key, f"{said}{number}".encode(), hashlib.sha256) for number in (1, 2))
            value = base64.b64decode(row[f"encoding_{field}"])
            made[f"encoding_{field}"] = base64.b64encode(bytes(a ^ b for a, b in zip(value, pad, strict=True))).decode()
    return made


def test_it_is_as_the_page_says_and_comes_back_whole():
    given = rows(300)
    sent = travelling(given, FEED, KEY)
    assert sent.to_dicts() == [slowly(row) for row in given.to_dicts()]
    assert arrived(sent, FEED, KEY).equals(given)


def test_bytes_and_base64_travel_alike():
    given = rows(20)
    names = [f"encoding_{field}" for field in ENCODING_FIELDS]
    as_bytes = given.with_columns(pl.col(names).str.decode("base64"))
    sent = travelling(as_bytes, FEED, KEY)
    assert sent.with_columns(pl.col(names).bin.encode("base64")).equals(travelling(given, FEED, KEY))
    assert arrived(sent, FEED, KEY).equals(as_bytes)


def test_no_value_travels_as_it_is_and_equal_encodings_of_two_rows_differ():
    given = rows(2)
    same = pl.concat([given.head(1)] * 2).with_columns(reference=given["reference"])
    sent = travelling(same, FEED, KEY)
    for name in (each for each in same.columns if each.startswith("encoding_") and same[each].count()):
        assert sent[name].n_unique() == 2, name
        assert set(sent[name]).isdisjoint(same[name]), name
    for name in (each for each in same.columns if each.startswith("token_") and same[each].count()):
        assert sent[name].n_unique() == 1, name
        assert sent[name][0] != same[name][0], name


@pytest.mark.parametrize("name", ["reference", "token_surname", "encoding_surname"])
@pytest.mark.parametrize("wrong", ["", "Canarytest", "AB" * 16, None])
def test_a_value_of_another_form_goes_through_for_the_contract_to_refuse(name, wrong):
    given = rows(3)
    spoilt = given.with_columns(
        pl.when(pl.int_range(3) == 1).then(pl.lit(wrong, pl.String)).otherwise(name).alias(name)
    )
    for change in (travelling, arrived):
        assert change(spoilt, FEED, KEY)[name][1] == wrong


def test_what_a_row_says_of_its_versions():
    assert (stated(1), stated(1, 3)) == ("1", "1+3")


def test_no_rows_are_no_rows():
    empty = rows(1).clear()
    assert arrived(travelling(empty, FEED, KEY), FEED, KEY).equals(empty)
