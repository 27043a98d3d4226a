"""SHA-256 and HMAC-SHA256 of many messages at once, column-wise: a release is about a million persons. Pure.

What goes in and what comes out are arrays of bytes, a row each.
"""

from hashlib import sha256

import numpy as np

from audit.merkle import HASH_BYTES, Frontier, leaf_hash

_BLOCK, _INNER, _OUTER = 64, 0x36, 0x5C  # FIPS 198-1, table 1 and section 4
_LEAF, _NODE = 0, 1
_FEW = 512
"""So many are hashed one by one in less time than as a column."""


def rows_of(packed: bytes) -> np.ndarray:
    """Values of 32 bytes that lie one after the other."""
    return np.frombuffer(packed, np.uint8).reshape(-1, HASH_BYTES)


def digests(messages: np.ndarray) -> np.ndarray:
    """SHA-256 of each message."""
    if len(messages) <= _FEW:
        return rows_of(b"".join(sha256(message.tobytes()).digest() for message in messages))
    return _column(messages)


def _column(messages: np.ndarray) -> np.ndarray:
    import polars as pl  # noqa: PLC0415  # these take a second to load, and most acts are about few persons
    import polars_hash as plh  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    rows, length = messages.shape
    content = pa.py_buffer(np.ascontiguousarray(messages).data)
    column = pl.Series(pa.FixedSizeBinaryArray.from_buffers(pa.binary(length), rows, [None, content]))
    hashed = column.alias("m").to_frame().select(plh.col("m").chash.sha2_256())["m"]
    return rows_of(bytes.fromhex(hashed.str.join("").item()))


def keyed_digests(keys: np.ndarray, message: bytes) -> np.ndarray:
    """HMAC-SHA256 of one message under each key of 32 bytes (FIPS 198-1)."""
    blocks = np.zeros((len(keys), _BLOCK), np.uint8)
    blocks[:, : keys.shape[1]] = keys
    said = np.broadcast_to(np.frombuffer(message, np.uint8), (len(keys), len(message)))
    inner = digests(np.hstack([blocks ^ _INNER, said]))
    return digests(np.hstack([blocks ^ _OUTER, inner]))


def in_order(values: np.ndarray) -> np.ndarray:
    """The values, the least first, as bytes compare."""
    halves = np.ascontiguousarray(values).view(">u8")
    return values[np.lexsort(halves.T[::-1])]


def root(entries: np.ndarray) -> bytes:
    """The Merkle root over these entries in their order (RFC 9162 section 2.1.1).

    Nodes are hashed height by height; one that has none beside it is of the next height too.
    """
    if len(entries) <= _FEW:
        return Frontier().add(leaf_hash(entry.tobytes()) for entry in entries).root
    nodes = digests(_behind(_LEAF, entries))
    while len(nodes) > _FEW:
        paired = len(nodes) // 2 * 2
        nodes = np.vstack([digests(_behind(_NODE, nodes[:paired].reshape(-1, 2 * HASH_BYTES))), nodes[paired:]])
    return Frontier().add(node.tobytes() for node in nodes).root


def _behind(first: int, messages: np.ndarray) -> np.ndarray:
    return np.hstack([np.full((len(messages), 1), first, np.uint8), messages])
