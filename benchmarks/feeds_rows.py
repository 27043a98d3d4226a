"""A police extract of recorded crime of any length: made-up rows in 29 columns, of which a share is at fault."""

from collections.abc import Iterator
from random import Random

import numpy as np
import polars as pl

from schemas.police import RECORDED_CRIME

BLOCK = 50_000
DIRT = ("HO Code", "999/99"), ("Recorded Date", "31/02/2026"), ("Ethnicity", "Q7"), ("Crime Reference", "")
_FLAGS = ("DA Flag", "Knife Flag", "Gang Flag", "Hate Flag", "Alcohol Flag")
_PLACES, _RELATIONS = ("Dwelling", "Street", "Shop", "Open Space"), ("Partner", "Family", "Stranger", "")
_OFFENCES, _WEAPONS = ("005/01", "008/01", "028/03", "104/25", "125/11"), ("None", "Blunt", "Other", "")


def extract(rows: int, dirt: float = 0.0) -> Iterator[bytes]:
    """The CSV file in parts: two persons a crime, each key its own; ``dirt`` is the share of rows at fault."""
    block = _block(dirt)
    for start in range(0, rows, BLOCK):
        numbers = pl.int_range(start, min(start + BLOCK, rows), eager=True) // 2
        reference = pl.format("CR{}/26", numbers.cast(pl.String).str.zfill(9)).alias("fresh")
        fresh = block.head(len(numbers)).with_columns(pl.select(reference).to_series())
        kept = pl.when(pl.col("Crime Reference") == "").then(pl.lit("")).otherwise(pl.col("fresh"))
        text = fresh.with_columns(kept.alias("Crime Reference")).drop("fresh")
        yield text.write_csv(include_header=start == 0).encode()


def _block(dirt: float) -> pl.DataFrame:
    chance, count = np.random.default_rng(1), BLOCK
    forenames, surnames = _words(500, 5, 9), _words(9_000, 5, 11)
    day = np.datetime64("2026-07-01") + chance.integers(0, 80, count).astype("timedelta64[D]")
    born = np.datetime64("1950-01-01") + chance.integers(0, 20_000, count).astype("timedelta64[D]")
    on, later = pl.Series(day).dt.strftime("%d/%m/%Y"), pl.Series(day + 5).dt.strftime("%d/%m/%Y")

    def pick(words: tuple[str, ...] | list[str]) -> pl.Series:
        return pl.Series(words)[chance.integers(0, len(words), count)]

    def number(low: int, high: int) -> pl.Series:
        return pl.Series(chance.integers(low, high, count)).cast(pl.String)

    columns = {
        "Crime Reference": pl.Series(["CR"]).new_from_index(0, count),
        "HO Code": pick(_OFFENCES),
        "Committed From": on + " 21:15",
        "Committed To": on + " 23:40",
        "Recorded Date": later,
        **{name: pick(("Y", "N", "N", "")) for name in _FLAGS if name != "Knife Flag"},
        "Knife Flag": pl.Series(["N"]).new_from_index(0, count),
        "Person Role": pick(("VICTIM", "SUSPECT")),
        "Person Number": (pl.int_range(count, eager=True) % 2 + 1).cast(pl.String),
        "Forename": pick(forenames),
        "Surname": pick(surnames),
        "Date of Birth": pl.Series(born).dt.strftime("%d/%m/%Y"),
        "Age": _age(pl.Series(born), pl.Series(day)),
        "Sex": pick(("M", "F", "U")),
        "Ethnicity": pick(("A1", "B1", "M1", "W1", "W1", "W2", "NS")),
        "PNC ID": "2010/" + number(1_000_000, 9_999_999) + "A",
        "Address": number(1, 300) + " " + pick(surnames) + " Road, Kingston upon Thames",
        "Postcode": "KT" + number(1, 10) + " " + number(1, 9) + pick(["AB", "QX", "NE", "TD"]),
        "UPRN": number(100_020_000_000, 100_029_999_999),
        "Easting": number(517_000, 522_000),
        "Northing": number(163_000, 171_000),
        "Location Type": pick(_PLACES),
        "Weapon": pick(_WEAPONS),
        "Relationship": pick(_RELATIONS),
        "Outcome Type": pl.Series([""]).new_from_index(0, count),
        "Outcome Date": pl.Series([""]).new_from_index(0, count),
    }
    frame = pl.DataFrame(columns).select(list(RECORDED_CRIME.source_names))
    return _spoilt(frame, dirt)


def _spoilt(frame: pl.DataFrame, dirt: float) -> pl.DataFrame:
    chance = np.random.default_rng(2)
    for name, wrong in DIRT:
        chosen = pl.Series(chance.random(frame.height) < dirt / len(DIRT))
        frame = frame.with_columns(pl.when(chosen).then(pl.lit(wrong)).otherwise(pl.col(name)).alias(name))
    return frame


def _age(born: pl.Series, on: pl.Series) -> pl.Series:
    before = on.dt.strftime("%m%d") < born.dt.strftime("%m%d")
    return (on.dt.year() - born.dt.year() - before.cast(pl.Int32)).cast(pl.String)


def _words(count: int, least: int, most: int) -> list[str]:
    rng = Random(3)
    return ["".join(rng.choices("aeiorlnstm", k=rng.randint(least, most))).title() for _ in range(count)]
