"""What the token step costs: ``python -m benchmarks.tokens [--largest ROWS]``; on one core, by the processor's clock.

1. All tokens and encodings of people who have every identifier, both stages, Arrow batches in and out.
2. Beside it clkhash, which makes one Bloom filter a person of the same fields and no token, without checking its input;
   other people each time, since it remembers what it made.
3. HMAC-SHA256 of 16 bytes beside ``openssl speed``.
4. The most memory held for a million rows and for many.
"""

import argparse
import os
import re
import subprocess
import sys

os.environ["POLARS_MAX_THREADS"] = "1"  # before polars is imported: the figures are for one core
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pyarrow as pa
from clkhash.clk import generate_clks
from clkhash.schema import from_json_dict

from benchmarks.measure import RUNS, beside, machine
from benchmarks.people import IDENTIFIERS, people
from keys.key import Key
from pseudonymise.batches import StepKeys, TokenPlan, tokenise
from pseudonymise.fields import ENCODING_FIELDS, TOKEN_FIELDS
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from pseudonymise.tokens import digest

BATCH, BATCHES = 65_536, 4
PEER_PEOPLE = 8_000
MESSAGES = 500_000
MILLION = 1_000_000


def step_keys() -> StepKeys:
    """Keys that protect nothing."""
    return StepKeys(SourceKeys(Key("source/1", bytes(32))), HubKeys(Key("hub/1", bytes(32)), Key("event/1", bytes(32))))


PLAN = TokenPlan(IDENTIFIERS, ("row",), step_keys)


def batches() -> list[pa.RecordBatch]:
    """Different people in each."""
    frames = (people(BATCH, seed).with_row_index("row") for seed in range(BATCHES))
    return [batch for frame in frames for batch in frame.to_arrow().combine_chunks().to_batches()]


def clkhash_schema() -> Any:
    """The same fields for clkhash: bigrams of names and postcode, a date by places, 16 bits each; the others exact."""
    bigrams, places = {"type": "ngram", "n": 2}, {"type": "ngram", "n": 1, "positional": True}
    compared = {"forename": bigrams, "surname": bigrams, "postcode": {**bigrams, "positional": True}}
    compared["date_of_birth"] = places
    features = [
        {
            "identifier": name,
            "format": {"type": "string", "encoding": "utf-8"},
            "hashing": {"comparison": compared.get(name, {"type": "exact"}), "strategy": {"bitsPerToken": 16}},
        }
        for name in IDENTIFIERS
    ]
    config = {"l": 1024, "kdf": {"type": "HKDF", "hash": "SHA256", "keySize": 64}}
    return from_json_dict({"version": 3, "clkConfig": config, "features": features})


def all_tokens(given: list[pa.RecordBatch]) -> str:
    """Persons a second, ours and clkhash's in turn."""
    rows = sum(batch.num_rows for batch in given)
    schema, texts = clkhash_schema(), pl.col(list(IDENTIFIERS)).cast(pl.String)
    others = (frame.rows() for frame in pl.DataFrame(pl.from_arrow(given)).select(texts).iter_slices(PEER_PEOPLE))
    found = beside(
        f"{len(TOKEN_FIELDS)} tokens, {len(ENCODING_FIELDS)} encodings, both stages",
        rows,
        "persons",
        lambda: spent(tokenise(given, PLAN)),
        f"clkhash {version('clkhash')}",
        lambda: generate_clks(next(others), schema, "secret", validate=False, max_workers=1),
        peer_units=PEER_PEOPLE,
    )
    return str(found)


def spent(made: Iterator[pa.RecordBatch]) -> int:
    """How many rows came out."""
    return sum(batch.num_rows for batch in made)


def hmac() -> str:
    """The HMAC step beside OpenSSL's own measure of HMAC-SHA256 on 16 bytes."""
    key = "0123456789abcdef" * 4
    values = pl.Series([f"{number:016}" for number in range(MESSAGES)])
    ours, theirs = [], []
    for _ in range(RUNS):
        ours.append(MESSAGES / seconds(lambda: digest(values, key)))
        theirs.append(openssl())
    share = median(own / other for own, other in zip(ours, theirs, strict=True))
    return f"HMAC-SHA256 of 16 bytes: {median(ours):,.0f}/s; openssl speed {median(theirs):,.0f}/s: {share:.0%} of it"


def seconds(act: Callable[[], object]) -> float:
    """Processor time of an act."""
    began = os.times()
    act()
    ended = os.times()
    return ended.user + ended.system - began.user - began.system


def openssl() -> float:
    """HMACs a second by ``openssl speed``, which counts processor time too."""
    asked = ["openssl", "speed", "-seconds", "1", "-bytes", "16", "-hmac", "sha256"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.search(r"^hmac\(sha256\)\s+([\d.]+)k", said, re.MULTILINE)
    assert found, "openssl speed wrote something else"
    return float(found[1]) * 1000 / 16


def hold(rows: int) -> None:
    """Take so many rows through the step and print the most memory that this process held."""
    few = batches()
    spent(tokenise(islice(cycle(few), rows // BATCH + 1), PLAN))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024)  # type: ignore[index]


def memory(largest: int) -> str:
    """The most memory held for a million rows and for ``largest``, each in a process of its own."""
    held = {}
    for rows in (MILLION, largest):
        asked = [sys.executable, "-m", "benchmarks.tokens", "--hold", str(rows)]
        held[rows] = int(subprocess.run(asked, capture_output=True, text=True, check=True, timeout=3600).stdout)
    return "; ".join(f"{rows:,} rows: at most {mib:,} MiB held" for rows, mib in held.items())


def main() -> None:
    """Print every figure."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--largest", type=int, default=20 * MILLION)
    asked.add_argument("--hold", type=int, help=argparse.SUPPRESS)
    given = asked.parse_args()
    pa.set_cpu_count(1)
    if given.hold:
        hold(given.hold)
        return
    print(machine())
    print(all_tokens(batches()))
    print(hmac())
    print(memory(given.largest))


if __name__ == "__main__":
    main()
