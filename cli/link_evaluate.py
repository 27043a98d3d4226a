"""``hub link evaluate``: how right linkage is on labelled data of your own. Needs no running hub; writes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.settings import read_settings
from cli.show import AsJson, as_json, console, table
from linkage.config import load_linkage
from linkage.labelled.clear import link_clear
from linkage.labelled.measured import Measured
from linkage.labelled.patterns import Pattern
from linkage.labelled.trial import evaluate_files

_FIGURES = (
    "pairwise_f1", "cluster_precision", "cluster_recall", "cluster_f1", "b_cubed_f1", "largest_cluster", "seconds",
)  # fmt: skip


def evaluate(
    first: Annotated[Path, typer.Argument(help="A labelled file in clear text: CSV or Parquet.")],
    second: Annotated[Path | None, typer.Argument(help="Another with the same columns, linked with the first.")] = None,
    map_: Annotated[Path, typer.Option("--map", help="YAML: which column holds what.")] = Path("map.yaml"),
    truth: Annotated[str, typer.Option(help="The column that says who each row is about.")] = "person",
    compare_clear: Annotated[bool, typer.Option(help="Link the clear text with Splink too.")] = False,
    as_json_: AsJson = False,
) -> None:
    """Tokenise in memory, learn, link and cluster a labelled file, and say how right that is."""
    files = [first] if second is None else [first, second]
    trial = evaluate_files(files, map_, truth, load_linkage(read_settings().config))
    clear = link_clear(trial.labelled, trial.columns) if compare_clear else None
    if as_json_:
        as_json(_figures(trial.measured) | ({"clear_text": _figures(clear)} if clear else {}))
        return
    _show(trial.measured, clear)
    _show_sizes(trial.measured)
    _show_wrong(trial.wrong)


def _figures(measured: Measured) -> dict[str, Any]:
    return {name: _rounded(getattr(measured, name)) for name in _FIGURES}


def _rounded(figure: float) -> float:
    return figure if isinstance(figure, int) else round(figure, 4)


def _show(found: Measured, clear: Measured | None) -> None:
    more = found.more
    console.print(f"{more.records:,} records of {more.persons_true:,} persons; {more.persons_found:,} persons found.\n")
    rows: dict[str, Callable[[Measured], float]] = {
        "pairs before clustering: precision": lambda it: it.pairwise_precision,
        "pairs before clustering: recall": lambda it: it.pairwise_recall,
        "pairs before clustering: F1": lambda it: it.pairwise_f1,
        "clusters: precision": lambda it: it.cluster_precision,
        "clusters: recall": lambda it: it.cluster_recall,
        "clusters: F1": lambda it: it.cluster_f1,
        "B-cubed: precision": lambda it: it.more.b_cubed_precision,
        "B-cubed: recall": lambda it: it.more.b_cubed_recall,
        "B-cubed: F1": lambda it: it.b_cubed_f1,
        "persons found exactly: F1": lambda it: it.more.cluster_f1,
    }
    sides = [found, clear] if clear else [found]
    shown = [[name, *(f"{figure(side):.4f}" for side in sides)] for name, figure in rows.items()]
    shown.append(["largest cluster", *(str(side.largest_cluster) for side in sides)])
    shown.append(["seconds", *(f"{side.seconds:.1f}" for side in sides)])
    table("How right", ["", "tokens alone", *(["Splink on clear text"] if clear else [])], shown)


def _show_sizes(found: Measured) -> None:
    bounds = [(1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 30), (31, 10**9)]
    rows = [
        (f"{low}" if low == high else f"{low} to {high}" if high < 10**9 else f"over {low - 1}", count)
        for low, high in bounds
        if (count := sum(number for size, number in found.sizes.items() if low <= size <= high))
    ]
    table("Sizes of persons", ["records", "persons"], rows)


def _show_wrong(wrong: list[Pattern]) -> None:
    for joined, title in (True, "Pairs joined wrongly, by pattern"), (False, "Pairs left apart wrongly, by pattern"):
        rows = [(pattern.pairs, pattern.levels) for pattern in wrong if pattern.joined is joined]
        if rows:
            table(title, ["pairs", "stand at"], rows)
