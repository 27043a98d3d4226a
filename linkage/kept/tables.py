"""A state as tables and back: the first part has all of it, each further one what a link changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.assessed.traits import CODES
from linkage.clustered.deaths import DAYS
from linkage.kept.frequent import Frequent
from linkage.kept.state import Kept, Links, Pairs, Rows
from linkage.paired.coded import WORDS, Coded, Encodings

Part = dict[str, pl.DataFrame]
TABLES = ("rows", "values", "encodings", "marks", "pairs", "lost", "frequent")
_BITS, _BAND = "bits", "band"
_MARKS = ("alive", "earlier", "source", "region", "label")


def part_of(kept: Kept, before: Kept | None, lost: Rows) -> Part:
    """What is in ``kept`` beyond ``before``."""
    first = 0 if before is None else len(before.alive)
    pairs = kept.pairs if before is None else kept.links.where(lambda it: it.number >= before.pairs_made)
    return {
        "rows": _rows(kept, first),
        "values": _values(kept, before),
        "encodings": _encodings(kept, before),
        "marks": _marks(kept, before),
        "pairs": _pairs(pairs),
        "lost": pl.DataFrame({"number": lost}),
        "frequent": _frequent(kept) if before is None else pl.DataFrame({"value": []}),
    }


def _rows(kept: Kept, first: int) -> pl.DataFrame:
    coded = kept.coded
    return pl.DataFrame(
        {
            "high": kept.ids[first:, 0],
            "low": kept.ids[first:, 1],
            "feed": kept.feed[first:],
            **{name: kept.traits[first:, at] for at, name in enumerate(CODES)},
            **{name: numbers[first:] for name, numbers in coded.tokens.items()},
            **{name: it.which[first:] for name, it in coded.encodings.items()},
        }
    )


def _values(kept: Kept, before: Kept | None) -> pl.DataFrame:
    found = {name: values[0 if before is None else len(before.values[name]) :] for name, values in kept.values.items()}
    return _stacked({name: pl.DataFrame({"value": values}) for name, values in found.items()}, {"value": pl.UInt64})


def _encodings(kept: Kept, before: Kept | None) -> pl.DataFrame:
    frames: dict[str, pl.DataFrame] = {}
    schema: dict[str, type[pl.DataType]] = dict.fromkeys((f"w{at}" for at in range(WORDS)), pl.UInt64)
    schema |= {_BITS: pl.Int32}
    most = max((len(bands) for bands in kept.bands.values()), default=0)
    for name, it in kept.coded.encodings.items():
        first = 0 if before is None else len(before.coded.encodings[name].words)
        columns = {f"w{at}": it.words[first:, at] for at in range(WORDS)} | {_BITS: it.bits[first:]}
        columns |= {f"{_BAND}{at}": band[first:] for at, band in enumerate(kept.bands.get(name, []))}
        frames[name] = pl.DataFrame(columns)
    return _stacked(frames, schema | {f"{_BAND}{at}": pl.Int32 for at in range(most)})


def _stacked(frames: Mapping[str, pl.DataFrame], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """``column`` is the place of its name among the frames."""
    named = [frame.with_columns(column=pl.lit(at, pl.UInt8)) for at, frame in enumerate(frames.values())]
    return pl.concat([pl.DataFrame(schema=dict(schema) | {"column": pl.UInt8}), *named], how="diagonal")


def _marks(kept: Kept, before: Kept | None) -> pl.DataFrame:
    """Of each row that changed how it stands now."""
    found = _standing(kept)
    changed = np.ones(len(kept.alive), dtype=bool)
    if before is not None:
        old, stood = len(before.alive), _standing(before)
        same = [stood[name] == values[:old] for name, values in found.items()]
        changed[:old] = ~np.logical_and.reduce(same)
    rows = np.flatnonzero(changed)
    return pl.DataFrame({"row": rows, **{name: values[rows] for name, values in found.items()}})


def _standing(kept: Kept) -> dict[str, NDArray[Any]]:
    return {name: getattr(kept, name) for name in _MARKS} | {name: kept.days[:, at] for at, name in enumerate(DAYS)}


def _pairs(pairs: Pairs) -> pl.DataFrame:
    levels = {f"level{at}": pairs.levels[:, at] for at in range(pairs.levels.shape[1])}
    plain = {name: getattr(pairs, name) for name in ("number", "left", "right", "weight", "constraint")}
    return pl.DataFrame(plain | levels)


def _frequent(kept: Kept) -> pl.DataFrame:
    """By token; one whose frequency says nothing has no rows."""
    frequent = kept.frequent
    nothing = pl.DataFrame(schema={"value": pl.UInt64, "weight": pl.Float64})
    frames = {
        name: pl.DataFrame({"value": frequent.values[name], "weight": frequent.bits[name]})
        if name in frequent.bits
        else nothing
        for name in kept.coded.tokens
    }
    return _stacked(frames, {"value": pl.UInt64, "weight": pl.Float64})


def put_together(parts: list[Part], frequencies: tuple[str, ...], feeds: Sequence[str] = ()) -> Kept:
    """The state again; ``frequencies`` are the tokens whose rarity counts, ``feeds`` the feeds' names by number."""
    rows, values, encodings, pairs = (
        pl.concat([part[table] for part in parts]) for table in ("rows", "values", "encodings", "pairs")
    )
    tokens = [name for name in rows.columns if name.startswith("token_")]
    shapes = [name for name in rows.columns if name.startswith("encoding_")]
    marks = _replayed([part["marks"] for part in parts], rows.height)
    of_values = {name: _of(values, at)["value"].to_numpy() for at, name in enumerate(tokens)}
    frequent = _read_frequent(parts[0]["frequent"], tokens, frequencies)
    of_shapes = {name: _of(encodings, at) for at, name in enumerate(shapes)}
    return Kept(
        ids=rows.select("high", "low").to_numpy(),
        feed=rows["feed"].to_numpy(),
        traits=rows.select(CODES).to_numpy(),
        alive=marks["alive"],
        earlier=marks["earlier"],
        source=marks["source"],
        region=marks["region"],
        label=marks["label"],
        days=np.stack([marks[name] for name in DAYS], axis=1),
        coded=Coded(
            rows.height,
            {name: rows[name].to_numpy() for name in tokens},
            {name: _encoding(rows[name], of_shapes[name]) for name in shapes},
        ),
        values=of_values,
        pieces={name: _pieces(values) for name, values in of_values.items()},
        bands={name: found for name, shape in of_shapes.items() if (found := _bands(shape))},
        frequent=frequent,
        rarity=frequent.of(of_values),
        links=Links.of(_living(pairs, pl.concat([part["lost"] for part in parts])["number"])),
        pairs_made=pairs.height,
        feeds=tuple(feeds),
    )


def _of(stacked: pl.DataFrame, at: int) -> pl.DataFrame:
    return stacked.filter(pl.col("column") == at).drop("column")


def _replayed(marks: list[pl.DataFrame], rows: int) -> dict[str, NDArray[Any]]:
    held = {name: np.zeros(rows, dtype=marks[0][name].to_numpy().dtype) for name in marks[0].columns}
    for mark in marks:
        at = mark["row"].to_numpy()
        for name, values in held.items():
            values[at] = mark[name].to_numpy()
    return held


def _encoding(which: pl.Series, shape: pl.DataFrame) -> Encodings:
    words = np.ascontiguousarray(shape.select(f"w{at}" for at in range(WORDS)).to_numpy())
    return Encodings(which.to_numpy(), words.reshape(-1, WORDS), shape[_BITS].to_numpy())


def _bands(shape: pl.DataFrame) -> list[NDArray[Any]]:
    held = [name for name in shape.columns if name.startswith(_BAND) and shape[name].null_count() < shape.height]
    return [shape[name].to_numpy() for name in held]


def _pieces(values: NDArray[Any]) -> tuple[int, ...]:
    return (0, *(np.flatnonzero(values[1:] < values[:-1]) + 1).tolist())


def _read_frequent(stacked: pl.DataFrame, tokens: list[str], frequencies: tuple[str, ...]) -> Frequent:
    held = {name: _of(stacked, at) for at, name in enumerate(tokens) if name in frequencies}
    return Frequent(*({name: it[column].to_numpy() for name, it in held.items()} for column in ("value", "weight")))


def _living(pairs: pl.DataFrame, lost: pl.Series) -> Pairs:
    stay = np.ones(pairs.height, dtype=bool)
    stay[lost.to_numpy()] = False
    held = pairs.filter(stay)
    levels = np.ascontiguousarray(held.select(name for name in held.columns if name.startswith("level")).to_numpy())
    number, left, right, weight, constraint = (
        held[name].to_numpy() for name in ("number", "left", "right", "weight", "constraint")
    )
    return Pairs(number, left, right, weight, levels, constraint)


def compact(kept: Kept) -> Kept:
    """The same without dead rows."""
    rows = np.flatnonzero(kept.alive)
    place = np.full(len(kept.alive), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    pairs = kept.pairs
    left, right = (place[side].astype(np.int32) for side in (pairs.left, pairs.right))
    coded = Coded(
        len(rows),
        {name: numbers[rows] for name, numbers in kept.coded.tokens.items()},
        {name: Encodings(it.which[rows], it.words, it.bits) for name, it in kept.coded.encodings.items()},
    )
    numbers = np.arange(len(pairs.left), dtype=np.int64)
    return replace(
        kept,
        ids=kept.ids[rows],
        alive=kept.alive[rows],
        earlier=kept.earlier[rows],
        source=kept.source[rows],
        feed=kept.feed[rows],
        traits=kept.traits[rows],
        days=kept.days[rows],
        coded=coded,
        region=place[kept.region[rows]],
        label=place[kept.label[rows]],
        links=Links.of(replace(pairs, number=numbers, left=left, right=right)),
        pairs_made=len(numbers),
    )
