"""How stage 1 travels once the source key was turned: under the newer version too, which the hub takes off.

1. What stage 1 made is under the first version for ever: what two authorities say of one person must be equal, and
   equal to what is stored. A copy of the first version alone then reads nothing of what travels.
2. A token or a reference is one block: AES-256 under a key of its field. Equal ones stay equal, and nothing else tells.
3. An encoding is XORed with 64 bytes that are an HMAC of the row's reference and of the token that the encoding
   belongs to, both as they travel: no two encodings that differ have the same.
4. A row says its versions: ``1`` for stage 1 as it is, ``1+3`` if it travels under the third.
5. A value of another form goes through as it is: the contract refuses it, and its row is told of.

Source: docs/token-scheme-1.md, section 12.
"""

from binascii import hexlify, unhexlify
from collections.abc import Collection

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from keys.key import Key
from pseudonymise.fields import ENCODING_COLUMNS, TOKEN_COLUMNS, made_from
from pseudonymise.permutation import BYTES
from pseudonymise.tokens import HmacKey, digest

SOURCE_KEY = "source_key"
REFERENCE = "reference"
_DIGITS = r"^[0-9a-f]{32}$"
_ENCODING = r"^[A-Za-z0-9+/]{86}==$"
_SEPARATOR = "\x1f"


def travelling(rows: pl.DataFrame, feed: str, key: Key) -> pl.DataFrame:
    """Stage-1 rows as they travel under this version; encodings as bytes or in base64, as they are given."""
    sealed = rows.with_columns(_blocks(rows, feed, key, encrypt=True))
    return sealed.with_columns(_encodings(sealed, key))


def arrived(rows: pl.DataFrame, feed: str, key: Key) -> pl.DataFrame:
    """Stage 1 again."""
    clear = rows.with_columns(_encodings(rows, key))
    return clear.with_columns(_blocks(clear, feed, key, encrypt=False))


def stated(first: int, wire: int | None = None) -> str:
    """How rows say under which versions they are (4)."""
    return str(first) if wire is None else f"{first}+{wire}"


def _blocks(rows: pl.DataFrame, feed: str, key: Key, *, encrypt: bool) -> list[pl.Series]:
    """Rule 2."""
    named = {name: f"wire/{name.partition('_')[2]}/1" for name in rows.columns if name in TOKEN_COLUMNS}
    if REFERENCE in rows.columns:
        named[REFERENCE] = f"wire/reference/{feed}/1"
    return [_block(rows[name], key.derive(info), encrypt=encrypt) for name, info in named.items()]


def _block(values: pl.Series, key: bytes, *, encrypt: bool) -> pl.Series:
    well = _of_form(values, _DIGITS)
    given = unhexlify("".join(values.filter(well)))
    cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # (2) one block each, and equal ones stay equal
    step = cipher.encryptor() if encrypt else cipher.decryptor()
    digits = hexlify(step.update(given)).decode()
    return _put(values, well, [digits[place : place + 32] for place in range(0, len(digits), 32)])


def _encodings(rows: pl.DataFrame, key: Key) -> list[pl.Series]:
    """Rule 3."""
    return [_encoding(rows, name, key) for name in rows.columns if name in ENCODING_COLUMNS]


def _encoding(rows: pl.DataFrame, name: str, key: Key) -> pl.Series:
    values = rows[name]
    if values.dtype == pl.Null:
        return values
    as_text = values.dtype == pl.String
    well = _of_form(values, _ENCODING) if as_text else (values.bin.size() == BYTES).fill_null(value=False)
    held = values.filter(well)
    given = b"".join(held.str.decode("base64") if as_text else held)
    pad = unhexlify("".join(_pads(rows.filter(well), name, key)))
    made = (np.frombuffer(given, np.uint8) ^ np.frombuffer(pad, np.uint8)).tobytes()
    parts = pl.Series([made[place : place + BYTES] for place in range(0, len(made), BYTES)], dtype=pl.Binary)
    return _put(values, well, (parts.bin.encode("base64") if as_text else parts).to_list())


def _pads(rows: pl.DataFrame, name: str, key: Key) -> pl.Series:
    """128 hex digits for each row: two HMACs, which are numbered."""
    field = name.partition("_")[2]
    belongs = f"token_{made_from(name)[0]}"
    given = [pl.col(each) if each in rows.columns else pl.lit(None) for each in (REFERENCE, belongs)]
    texts = (each.cast(pl.String).fill_null("") for each in given)
    said = rows.select(pl.concat_str(*texts, separator=_SEPARATOR).alias(name)).to_series()
    own = HmacKey.of(key.derive(f"wire/encoding/{field}/1"))
    first, second = (digest(said + f"{_SEPARATOR}{number}", own) for number in (1, 2))
    return first + second


def _of_form(values: pl.Series, form: str) -> pl.Series:
    return values.cast(pl.String).str.contains(form).fill_null(value=False)


def _put(values: pl.Series, where: pl.Series, made: Collection[object]) -> pl.Series:
    if not made:
        return values
    return values.scatter(where.arg_true(), pl.Series(list(made), dtype=values.dtype)).alias(values.name)
