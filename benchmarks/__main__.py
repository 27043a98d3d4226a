"""``make bench``: what the steps that touch every row cost, each beside a peer where there is one."""

import hmac
import os
import secrets
import tempfile
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is imported: the figures are for one core

import polars as pl

from benchmarks import log
from benchmarks.measure import alone, beside, machine
from benchmarks.people import IDENTIFIERS, people
from hub.settings import Settings
from keys.key import Key
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from pseudonymise.tokens import source_tokens
from store.sealing import read_sealed, write_sealed
from store.tables import write_table

PEOPLE = 200_000
SEALED_MB = 64


def tokens() -> None:
    """All tokens and encodings of a person, and the bare HMAC beside Python's own."""
    source, hub = SourceKeys(Key("source/1", bytes(32))), HubKeys(Key("hub/1", bytes(32)), Key("event/1", bytes(32)))
    rows = people(PEOPLE)
    print(
        alone(
            "18 tokens and 4 encodings, both stages",
            PEOPLE,
            "persons",
            lambda: linkage_columns(rows, IDENTIFIERS, source, hub),
        )
    )
    numbers, key = rows["nhs_number"], source.token("nhs_number")
    raw = key.encode()
    print(
        beside(
            "HMAC-SHA256 of an NHS number",
            PEOPLE,
            "tokens",
            lambda: source_tokens(numbers, key),
            "Python's hmac in a loop",
            lambda: [hmac.digest(raw, number.encode(), "sha256").hex()[:32] for number in numbers],
        )
    )


def sealing() -> None:
    """Sealed pages and encrypted tables, beside the same written in the clear."""
    with tempfile.TemporaryDirectory() as folder:
        settings, key = Settings(home=Path(folder)), Key("delivery/1", secrets.token_bytes(32))
        page, clear = secrets.token_bytes(SEALED_MB << 20), Path(folder) / "clear"
        print(
            alone(
                "sealed page, written", SEALED_MB, "MB", lambda: write_sealed(settings, "landing", "page", key, [page])
            )
        )
        print(alone("sealed page, read", SEALED_MB, "MB", lambda: list(read_sealed(settings, "landing", "page", key))))
        rows = people(PEOPLE)
        print(
            beside(
                "encrypted Parquet, written",
                PEOPLE,
                "rows",
                lambda: write_table(settings, "events", "table", key, rows),
                "polars in the clear",
                lambda: rows.write_parquet(clear, compression="zstd"),
            )
        )


def main() -> None:
    """Print every figure."""
    print(machine(), f"polars on {pl.thread_pool_size()} thread")
    tokens()
    sealing()
    log.main()


if __name__ == "__main__":
    main()
