"""``python -m benchmarks.million [RECORDS]``: linkage of a million records beside Splink on the same in clear text.

Each runs in a process of its own, one after the other, so that neither has the other's memory. Made-up people of a
police force's area, two a home, names as frequent as names are, recorded one to six times with slips, moves and gaps.
``million RECORDS hub`` or ``clear`` runs the one alone. Splink's rules are those of linkage.labelled.clear, so of a
million records it compares 264 million pairs, an eighth of the right records at a time; it says how long that takes.
"""

import logging
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.people import people
from linkage.clustered.persons import group, scale_of
from linkage.config import load_linkage
from linkage.labelled.clear import link_clear
from linkage.labelled.columns import ColumnMap
from linkage.labelled.files import TRUTH, Labelled
from linkage.labelled.measured import Measured, measure
from linkage.labelled.tokens import tokenise
from linkage.learned.model import train_on
from linkage.paired.blocks import Blocks
from linkage.paired.coded import code
from linkage.paired.meeting import meet

CONFIG = Path(__file__).parents[1] / "config"
FIELDS = ("forename", "surname", "date_of_birth", "sex", "postcode", "uprn", "nhs_number")
COLUMNS = ColumnMap({field: field for field in FIELDS}, {})
_TIMES = (1, 1, 2, 2, 3, 6)
_SLIPS = {"forename": 0.05, "surname": 0.05, "date_of_birth": 0.03}
_GAPS = {"forename": 0.01, "date_of_birth": 0.04, "sex": 0.05, "postcode": 0.1, "uprn": 0.3, "nhs_number": 0.5}
_MOVED = 0.12


def million(records: int, seed: int = 1) -> pl.DataFrame:
    """So many records in random order: ``person`` and FIELDS, all text, dates as YYYY-MM-DD."""
    chance = np.random.default_rng(seed)
    everyone = _everyone(records * 2 // 5, seed, chance)
    times = np.repeat(np.arange(len(everyone)), chance.choice(_TIMES, len(everyone)))
    who = chance.permutation(np.resize(chance.permutation(times), records))
    rows, other = everyone[who], everyone[chance.integers(0, len(everyone), records)]
    moved = pl.Series(chance.random(records) < _MOVED)
    spoilt = [_slip(rows[name], share, chance) for name, share in _SLIPS.items()]
    homes = [rows[name].zip_with(~moved, other[name]) for name in ("postcode", "uprn")]
    rows = rows.with_columns(*spoilt, *homes)
    return rows.with_columns(
        pl.when(pl.Series(chance.random(records) >= share)).then(pl.col(name)) for name, share in _GAPS.items()
    )


def _everyone(count: int, seed: int, chance: np.random.Generator) -> pl.DataFrame:
    made = people(count, seed)
    homes = made["uprn"].cast(pl.Int64)
    postcodes, surnames = (made[name].unique(maintain_order=True) for name in ("postcode", "surname"))
    family = (
        homes * 7919 + (pl.Series(chance.random(count)) < 0.3).cast(pl.Int64) * homes.arg_sort().cast(pl.Int64)
    ) % 1_000_003
    return made.select(*FIELDS, person=pl.int_range(count).cast(pl.String)).with_columns(
        _often(made["forename"].unique(maintain_order=True), chance.random(count)),
        _often(surnames, family.to_numpy() / 1_000_003),
        pl.col("date_of_birth").cast(pl.String),
        postcodes[(homes // 15 % len(postcodes)).to_numpy()].alias("postcode"),
    )


def _often(names: pl.Series, share: NDArray[np.float64]) -> pl.Series:
    """Names as frequent as 1 / (rank + 20): the commonest of 40,000 surnames is one in 150."""
    ladder = np.cumsum(1 / (np.arange(len(names)) + 20.0))
    return names[np.minimum(np.searchsorted(ladder, share * ladder[-1]), len(names) - 1)]


def _slip(values: pl.Series, share: float, chance: np.random.Generator) -> pl.Series:
    """One character of some values, another: a letter of names, a digit of dates."""
    at = pl.Series(
        chance.integers(1, 3, len(values)) if values.name != "date_of_birth" else chance.choice((3, 6, 9), len(values))
    )
    new = pl.Series(chance.choice(list("1234567890" if values.name == "date_of_birth" else "aeilnorst"), len(values)))
    slipped = values.str.slice(0, at) + new + values.str.slice(at + 1)
    return values.zip_with(pl.Series(chance.random(len(values)) >= share), slipped)


def main() -> None:
    """Make the set, link it twice, each in a process, and print what each took."""
    if sys.argv[1:2] == ["one"]:
        _one(sys.argv[2], Path(sys.argv[3]))
        return
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    ways = sys.argv[2:3] or ["hub", "clear"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "million.parquet"
        million(records).write_parquet(file)
        for way in ways:
            subprocess.run([sys.executable, "-m", "benchmarks.million", "one", way, str(file)], check=True)


def _one(way: str, file: Path) -> None:
    rows = pl.read_parquet(file)
    labelled = Labelled(rows.select(FIELDS), rows["person"].alias(TRUTH))
    tokens = [tokenise(labelled, COLUMNS)] if way == "hub" else []
    began, processor = time.perf_counter(), time.process_time()
    logging.basicConfig(format="       %(asctime)s %(message)s")
    found = _link(tokens, labelled.truth) if tokens else link_clear(labelled, COLUMNS, logging.INFO)
    _print(way, found, time.process_time() - processor, time.perf_counter() - began)


def _link(tokens: list[pl.DataFrame], truth: pl.Series) -> Measured:
    """Train, predict, cluster; each step's share is printed. The table of tokens is let go of once it is read."""
    config, clock = load_linkage(CONFIG), _Clock()
    coded = code(tokens.pop(), config.columns)
    clock.tell("read")
    blocks = Blocks.of(coded, config)
    clock.tell("blocked")
    scale = scale_of(coded, train_on(coded, blocks, config), config)
    clock.tell("trained")
    met = meet(scale, blocks)
    clock.tell(f"compared and weighed {met.pairs:,} pairs")
    label = group(scale, met.compared)
    clock.tell("clustered")
    match = np.flatnonzero(met.compared.weight >= config.clustering.threshold)
    return measure(truth, label, met.compared.left[match], met.compared.right[match], 0.0)


class _Clock:
    """Says how long each step took, by the processor's time."""

    def __init__(self) -> None:
        self._before = time.process_time()

    def tell(self, step: str) -> None:
        """Print a step that ends now."""
        now, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"       {step}: {now - self._before:.1f} s of processor; {memory:.2f} GB so far", flush=True)
        self._before = now


def _print(way: str, found: Measured, processor: float, wall: float) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{way:<6} {found.more.records:,} records: {processor:6.1f} s of processor, {wall:6.1f} s, {memory:.2f} GB; "
        f"clusters P {found.cluster_precision:.4f} R {found.cluster_recall:.4f}, largest {found.largest_cluster}",
        flush=True,
    )


if __name__ == "__main__":
    main()
