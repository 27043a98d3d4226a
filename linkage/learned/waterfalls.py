"""Some pairs drawn as waterfalls, from what two random records are to what the pair weighs: no name, no id, no record.

1. The pairs are those that weigh nearest to stated bits, of some records spread evenly over all; and of each constraint
   one that it holds. So the same records and model draw the same page.
2. A step is one comparison with the level at which the pair stands; what is unknown is left out.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from splink.internals.html_utils import chart_html

from linkage.learned.model import Brought, halves
from linkage.learned.weighing import Scale
from linkage.paired.blocks import Blocks
from linkage.paired.compared import Compared, compare
from linkage.paired.grouping import Indices, Weights
from linkage.paired.levels import levels

PAGE = "waterfalls.html"
_RECORDS, _PAIRS = 20_000, 500_000
_NOTHING = 0.05  # bits: what one decimal does not show
_DRAWN = (30, 20, 12, 6, 2, 0, -2, -6)  # bits
_COLOURS = {"for": "#2b6a4d", "against": "#a5422a", "in all": "#4a4a4a"}


def save_waterfalls(scale: Scale, found: Compared, folder: Path) -> Path:
    """Draw some of these pairs on one page that needs no network."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = chosen(found.weight, found.constraint)
    steps = [step for number, row in enumerate(rows) for step in _steps(scale, found, int(row), number)]
    (folder / PAGE).write_text(_page(steps), encoding="utf-8")
    return folder / PAGE


def some_pairs(scale: Scale, blocks: Blocks) -> Compared:
    """What blocking brings together of some records."""
    spread = np.unique(np.linspace(0, max(blocks.records - 1, 0), min(blocks.records, _RECORDS)).astype(np.int64))
    keys = blocks.pairs_of(spread)[:_PAIRS]
    left, right = halves(keys, blocks.records)
    return compare(scale, Brought(scale.coded, keys, left, right, levels(scale.coded, left, right, scale.config)))


def chosen(weight: Weights, constraint: NDArray[np.int8]) -> Indices:
    """Rule 1: the places of the pairs to draw."""
    if not len(weight):
        return np.zeros(0, dtype=np.int64)
    near = [int(np.abs(weight - bits).argmin()) for bits in _DRAWN]
    held = [int(np.flatnonzero(constraint == one)[0]) for one in np.unique(constraint) if one >= 0]
    return np.array(list(dict.fromkeys([*near, *held])), dtype=np.int64)


def _steps(scale: Scale, found: Compared, row: int, number: int) -> list[dict[str, Any]]:
    """Rule 2, and the constraint's step, if one holds the pair; then what it weighs."""
    at = slice(row, row + 1)
    bits = scale.bits(found.levels[at], found.left[at])[0].tolist()
    told = zip(scale.config.comparisons.items(), found.levels[row].tolist(), bits, strict=True)
    steps = [("two random records", scale.prior)]
    steps += [(f"{name}: {it.names[level]}", said) for (name, it), level, said in told if level >= 0]
    weight, free = float(found.weight[row]), sum(said for _, said in steps)
    if found.constraint[row] >= 0 and weight < free - _NOTHING:
        steps.append((f"held: {list(scale.config.constraints)[found.constraint[row]]}", weight - free))
    ends = np.cumsum([said for _, said in steps]).tolist()
    title = f"{number + 1}: {round(weight, 1) + 0.0:.1f} bits"
    rows = [
        {"pair": title, "place": place, "step": step, "from": end - said, "to": end, "bits": round(said, 1)}
        for place, ((step, said), end) in enumerate(zip(steps, ends, strict=True))
    ]
    whole = {"pair": title, "place": len(rows), "step": "in all", "from": 0.0, "to": weight, "bits": round(weight, 1)}
    return [*rows, whole]


def _page(steps: list[dict[str, Any]]) -> str:
    for step in steps:
        step["speaks"] = "in all" if step["step"] == "in all" else "for" if step["bits"] >= 0 else "against"
    pairs = list(dict.fromkeys(step["pair"] for step in steps))
    title = {"text": "How some pairs come to their weight", "subtitle": "bits; at 0 as likely one person as two"}
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": title,
        "columns": 2,
        "concat": [_one([step for step in steps if step["pair"] == pair], pair) for pair in pairs],
    }
    return str(chart_html(chart, inline=True, fullhtml=True))  # type: ignore[no-untyped-call]


def _one(steps: list[dict[str, Any]], pair: str) -> dict[str, Any]:
    place = {"field": "step", "type": "nominal", "sort": {"field": "place"}, "title": None, "axis": {"labelLimit": 260}}
    shades = {"domain": list(_COLOURS), "range": list(_COLOURS.values())}
    colour = {"field": "speaks", "type": "nominal", "scale": shades, "title": None}
    start = {"field": "from", "type": "quantitative", "title": "bits"}
    bars = {"y": place, "x": start, "x2": {"field": "to"}, "color": colour}
    end = {"field": "right", "type": "quantitative"}
    for step in steps:
        step["right"] = max(step["from"], step["to"])
    said = {"y": place, "x": end, "text": {"field": "bits", "type": "quantitative"}}
    layers = [
        {"mark": {"type": "rule", "strokeDash": [3, 3]}, "encoding": {"x": {"datum": 0}}},
        {"mark": "bar", "encoding": bars},
        {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": said},
    ]
    return {"title": pair, "width": 320, "data": {"values": steps}, "layer": layers}
