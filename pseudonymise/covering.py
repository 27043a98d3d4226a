"""Encodings at rest are covered once more, under the hub key: who can open tables, but links nothing, sees no likeness.

Likeness tells names: whoever can compare encodings can match them to the likenesses of public names, without any key
of theirs (benchmarks/attacks). So a table's seal is not enough, since more parts of the hub open tables than link them.

1. The cover is AES-256 in counter mode: each record's encoding has four blocks of its own, counted from its record id,
   under a key for this field of this delivery. A record comes once in a delivery, so that no block serves twice.
2. Covering twice uncovers. It hides, it does not prove: whether a byte was changed is told by the table's own seal.
"""

from binascii import unhexlify

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from keys.key import Key
from pseudonymise.encodings import WORDS, from_words
from pseudonymise.fields import ENCODING_COLUMNS
from pseudonymise.permutation import BYTES

_BLOCK = 16
_BLOCKS = BYTES // _BLOCK


def covered(records: pl.DataFrame, hub: Key, delivery: str) -> pl.DataFrame:
    """Records whose encodings are covered under this version of the hub key; or uncovered, if they were."""
    return records.with_columns(
        _covered(records[name], records["record_id"], hub.derive(f"cover/{name.partition('_')[2]}/{delivery}/1"))
        for name in records.columns
        if name in ENCODING_COLUMNS and records[name].null_count() < records.height
    )


def _covered(encodings: pl.Series, record_ids: pl.Series, key: bytes) -> pl.Series:
    known = encodings.is_not_null()
    rows = np.frombuffer(b"".join(encodings.filter(known).to_list()), dtype=np.uint8)
    hidden = rows ^ _stream(record_ids.filter(known), key)
    return from_words(hidden.view(np.uint64).reshape(-1, WORDS), known.to_numpy(), encodings.name)


def _stream(record_ids: pl.Series, key: bytes) -> NDArray[np.uint8]:
    ids = np.frombuffer(unhexlify("".join(record_ids.to_list())), dtype=np.uint8).reshape(-1, 1, _BLOCK)
    blocks = np.repeat(ids, _BLOCKS, axis=1)
    blocks[:, :, -1] ^= np.arange(_BLOCKS, dtype=np.uint8)[None]
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305  # (1) of counters, which never repeat
    return np.frombuffer(cipher.update(blocks.tobytes()), dtype=np.uint8)
