"""``python -m benchmarks.disclosure``: k and l beside pycanon's and how fast they are; the auditor's attack on tables.

``rows PYTHON``: PYTHON is an interpreter that has pycanon, in an environment of its own (``python -m venv there``, then
``there/bin/pip install pycanon``), because it asks for other versions than ours. Without it only the speed is printed.
``tables SEEDS``: so many random tables, an eighth of them of four releases; the auditor is that of the tests.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from disclosure.alike import groups
from tests.unit.disclosure.auditor import fewest
from tests.unit.disclosure.drawn import SHAPES, SMALL, drawn
from tests.unit.disclosure.test_tables import RULE, attacks, released

TABLES, FAST = 20, 5_000_000
BLANK = "-"
KNOWN = {"age_band": 8, "ethnic_group": 6, "sex": 3}
PYCANON = """
import json, sys, pandas
from pycanon.anonymity import k_anonymity, l_diversity
for line in sys.stdin:
    file, known, sensitive = json.loads(line)
    rows = pandas.read_csv(file, dtype=str, keep_default_na=False)
    print(json.dumps([int(k_anonymity(rows, known)), int(l_diversity(rows, known, sensitive))]))
"""


def a_table(seed: int) -> tuple[pl.DataFrame, list[str], list[str]]:
    """Rows of text, numbers and blanks, many or few alike: what is known, and what is sensitive."""
    rng = np.random.default_rng(seed)
    rows, known, sensitive = int(rng.integers(20, 3000)), int(rng.integers(1, 6)), int(rng.integers(1, 4))
    columns = {}
    for number in range(known + sensitive):
        values = rng.geometric(rng.uniform(0.25, 0.8), rows).clip(max=6)
        column = pl.Series(values) if number % 2 else pl.Series([f"v{value}" for value in values])
        columns[f"c{number}"] = column.set(pl.Series(rng.random(rows) < 0.02 * (seed % 2)), None)
    return pl.DataFrame(columns), list(columns)[:known], list(columns)[known:]


def equal(python: str) -> None:
    """Print how many tables have the same k and l by both; pycanon drops rows with a blank, so it is given a word."""
    asked, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(TABLES):
            rows, known, sensitive = a_table(seed)
            file = Path(folder) / f"{seed}.csv"
            rows.with_columns(pl.all().cast(pl.String).fill_null(BLANK)).write_csv(file)
            asked.append(json.dumps([str(file), known, sensitive]))
            alike = groups(rows, known, sensitive)
            ours.append([alike.smallest, alike.least_diverse])
        done = subprocess.run(
            [python, "-c", PYCANON], input="\n".join(asked), capture_output=True, text=True, check=True
        )
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    same = sum(own == other for own, other in zip(ours, theirs, strict=True))
    ks, ls = (sorted({pair[place] for pair in theirs}) for place in range(2))
    print(f"k and l as pycanon's in {same} of {TABLES} tables (k of {ks}, l of {ls})")


def fast() -> None:
    """Print rows a second, by the clock with as many threads as polars has, and of processor time."""
    rng = np.random.default_rng(1)
    codes = pl.DataFrame({name: rng.integers(0, n, FAST, np.uint8) for name, n in (KNOWN | {"role": 4}).items()})
    text = codes.with_columns(pl.all().cast(pl.String).replace_strict({str(n): f"value {n}" for n in range(8)}))
    for of, rows in (("small numbers", codes), ("text", text)):
        for what, sensitive in (("k", []), ("k and l", ["role"])):
            clock, core = _least(partial(groups, rows, list(KNOWN), sensitive))
            said = f"{FAST / clock / 1e6:6.1f} M rows/s, {FAST / core / 1e6:6.1f} M a core"
            print(f"{what:<8} of {FAST:,} rows of {of:<14} {said}")


def _least(act: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """The least seconds by the clock and of the processor, after a run that is not counted: other work adds some."""
    act()
    took = [_once(act) for _ in range(runs)]
    return min(clock for clock, _ in took), min(core for _, core in took)


def _once(act: Callable[[], object]) -> tuple[float, float]:
    clock, core = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - clock, time.process_time() - core


def tables(seeds: int) -> None:
    """Print a line a shape: tables, cells attacked, tables in which one was solved, cells hidden, and the optimum."""
    print(
        f"{'shape':<34}{'releases':>9}{'tables':>8}{'attacked':>10}{'solved':>9}{'hidden':>8}{'optimum':>9}{'ratio':>7}"
    )
    for shapes, releases, number in ((SHAPES, 1, seeds - seeds // 8), (SMALL, 4, seeds // 8)):
        for place, shape in enumerate(shapes):
            name = " x ".join(str(len(dimension.values)) for dimension in shape)
            print(f"{name:<34}{releases:>9}" + _attacked(range(place, number, len(shapes)), releases), flush=True)


def _attacked(seeds: Sequence[int], releases: int) -> str:
    attacked = solved = hidden = best = 0
    for seed in seeds:
        done = released(seed, releases)
        hidden += sum(len(one.reasons) for one in done)
        try:
            attacked += attacks(done)
        except AssertionError:
            solved += 1
        best += next(_optimum(seed, releases), 0)
    told = f"{best:>9}{hidden / best:>7.3f}" if best else f"{'-':>9}{'-':>7}"
    return f"{len(seeds):>8}{attacked:>10}{solved:>9}{hidden:>8}{told}"


def _optimum(seed: int, releases: int) -> Iterator[int]:
    """The fewest cells that must be hidden; of single tables of the shapes for which it is solved in seconds."""
    if releases == 1 and seed % len(SHAPES) in {0, 1, 4}:
        table = drawn(seed)[0]
        true = {cell: int(value) for cell, value in zip(table.cells, table.values, strict=True)}
        yield fewest([dimension.parts for dimension in table.dimensions], true, RULE.smallest_count)


if __name__ == "__main__":
    if sys.argv[1:2] == ["tables"]:
        tables(int(sys.argv[2]))
    else:
        for interpreter in sys.argv[2:3]:
            equal(interpreter)
        fast()
