"""Made-up people of three centuries, each recorded about ten times and badly: what linkage was tuned and tried on.

``python -m benchmarks.historical [NAME]``: nine such sets, or those whose names begin so, as ``hub link evaluate`` has
them.

Like lives gathered from reference books (benchmarks.lives): dates known to the year only, other postcodes of the same
town, names cut short, turned round, mistyped or misread. ``benchmarks.habits`` makes them wrong in other ways.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import polars as pl
import yaml

from benchmarks.habits import HABITS, Habit
from benchmarks.lives import MEN, TRADES, Gazetteer, Life, Town, lives, word
from linkage.config import load_linkage
from linkage.labelled.trial import evaluate_files
from partners.population import misspelling
from partners.population.names import nicknames

_SHORT = {
    "william": "wm will bill billy", "thomas": "thos tom", "john": "jno jack johnny", "charles": "chas charlie",
    "james": "jas jim jimmy", "george": "geo", "robert": "robt bob rob bert", "edward": "edw ned ted eddie",
    "joseph": "jos joe", "richard": "richd dick", "samuel": "saml sam", "henry": "hy harry hal",
    "frederick": "fredk fred",
    "alexander": "alexr alec sandy", "benjamin": "benjn ben", "elizabeth": "eliz bess betty lizzie",
    "mary": "polly molly",
    "margaret": "margt peggy maggie", "catherine": "cath kate kitty", "francis": "fras frank", "alfred": "alf",
    "andrew": "andw", "daniel": "danl dan", "sarah": "sally", "anne": "ann nancy", "frances": "fanny", "arthur": "art",
}  # fmt: skip
_MISREAD = (
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("e", "c"),
    ("l", "i"),
    ("u", "n"),
    ("h", "b"),
    ("a", "o"),
    ("t", "f"),
)


@dataclass(frozen=True)
class Trouble:
    """How often each thing goes wrong in a record; each is multiplied by how bad the record is."""

    missing: float = 0.10
    forename: float = 0.30
    surname: float = 0.26
    swapped: float = 0.02
    date: float = 0.20
    place: float = 0.20
    postcode: float = 0.45
    trade: float = 0.22


HISTORICAL_MAP = {
    "first_name": "forename", "surname": "surname", "dob": "date_of_birth", "birth_place": "birth_place",
    "postcode": "postcode", "occupation": "occupation",
}  # fmt: skip
HEAVY = Trouble()
HARDER = Trouble(0.13, 0.34, 0.32, 0.03, 0.24, 0.25, 0.5, 0.28)
MILD = Trouble(0.06, 0.2, 0.15, 0.01, 0.12, 0.12, 0.35, 0.15)


def historical(
    people: int, seed: int, trouble: Trouble = HEAVY, mean: float = 10.0, habit: Habit | None = None
) -> pl.DataFrame:
    """Records in random order: ``person``, first_name, surname, dob (YYYY-MM-DD), birth_place, postcode, occupation."""
    rng, rows = Random(f"historical/{seed}"), []
    places = Gazetteer(rng)
    for number, (life, place) in enumerate(lives(people, places, rng)):
        other = rng.choice(TRADES.split())
        count = min(1 + int(rng.gammavariate(1.6, (mean - 1) / 1.6)), 29)
        records = [_written(life, place, other, places, trouble, rng) for _ in range(count)]
        if habit:
            records = habit(records, Town(places, place), rng)
        rows += [(f"Q{number}", *vars(record).values()) for record in records]
    rng.shuffle(rows)
    columns = ["person", "first_name", "surname", "dob", "birth_place", "postcode", "occupation"]
    frame = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    texts = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in columns if name != "dob"]
    return frame.with_columns(pl.col("dob").cast(pl.String), *texts)


def _written(life: Life, place: int, other: str, places: Gazetteer, trouble: Trouble, rng: Random) -> Life:
    bad = rng.choice((0.0, 0.4, 0.8, 1.0, 1.3, 1.6, 2.2))  # a record is bad as a whole
    happens = lambda share: rng.random() < share * bad  # noqa: E731
    record = life
    if happens(trouble.forename):
        record = replace(record, first_name=_other_forename(life.first_name, rng))
    if happens(trouble.surname):
        record = replace(record, surname=_other_surname(life.surname, rng))
    if happens(trouble.swapped):
        record = replace(record, first_name=record.surname, surname=record.first_name)
    if happens(trouble.date) and life.born:
        record = replace(record, born=_other_birth(life.born, rng))
    if happens(trouble.place):
        record = replace(
            record, birth_place=places.names[places.place(rng)] if rng.random() < 0.5 else _slip(life.birth_place, rng)
        )
    if happens(trouble.postcode):
        district = life.postcode.split()[0] if rng.random() < 0.55 else None
        record = replace(record, postcode=places.postcode(place, rng, district))
    if happens(trouble.trade):
        record = replace(record, occupation=other)
    blank = {
        name: None if name == "born" else ""
        for name in vars(life)
        if happens(trouble.missing * (2.2 if name == "occupation" else 1))
    }
    return replace(record, **blank)  # type: ignore[arg-type]


def _other_forename(name: str, rng: Random) -> str:
    first = name.split(maxsplit=1)[0]
    kind = rng.random()
    if kind < 0.3:
        short = _SHORT.get(first, "").split() or [found.lower() for found in nicknames().get(first.title(), ())]
        return rng.choice(short) if short else first[:4]
    if kind < 0.45:
        return first[0]
    if kind < 0.6:
        return f"{first} {rng.choice(MEN.split())}" if first == name else rng.choice(name.split())
    return _slip(name, rng)


def _other_surname(name: str, rng: Random) -> str:
    kind = rng.random()
    if kind < 0.15:
        return word(rng)  # a title, a maiden name
    return f"{name}-{word(rng)}" if kind < 0.25 else _slip(name, rng)


def _slip(name: str, rng: Random) -> str:
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        able = [pair for pair in _MISREAD if pair[0] in name]
        kind = rng.random()
        if kind < 0.3 and able:
            name = name.replace(*rng.choice(able), 1)
        elif kind < 0.5:
            name = misspelling.misheard(name, rng)
        else:
            name = misspelling.typo(name, rng)
    return name


def _other_birth(born: date, rng: Random) -> date:
    kind = rng.random()
    if kind < 0.25:
        return date(born.year, 1, 1)
    if kind < 0.35:
        return misspelling.swapped_day(born)
    if kind < 0.45:
        return date(born.year + rng.choice((-2, -1, 1, 2)), 1, 1)
    if kind < 0.6:
        return born + timedelta(rng.choice((-1, 1)) * rng.choice((1, 2, 7, 11, 12, 30)))
    return misspelling.other_date(born, rng)


def sets(people: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """The nine, by name."""
    for name, seed, trouble in (("heavy", 21, HEAVY), ("harder", 22, HARDER), ("mild", 24, MILD), ("again", 31, HEAVY)):
        yield name, historical(people, seed, trouble)
    for name, habit in HABITS.items():
        yield name, historical(people, 41, HEAVY, habit=habit)


def main() -> None:
    """Print a line a set."""
    wanted, config = sys.argv[1] if len(sys.argv) > 1 else "", load_linkage(Path(__file__).parents[1] / "config")
    with tempfile.TemporaryDirectory() as folder:
        map_file, file = Path(folder) / "map.yaml", Path(folder) / "set.csv"
        map_file.write_text(yaml.safe_dump(HISTORICAL_MAP), encoding="utf-8")
        for name, rows in sets(5000):
            if name.startswith(wanted):
                rows.write_csv(file)
                began = time.process_time()
                found = evaluate_files([file], map_file, "person", config).measured
                took = f"{found.seconds:.1f} s, {time.process_time() - began:.1f} s of processor"
                right = (
                    f"pairs {found.pairwise_f1:.4f}, clusters {found.cluster_f1:.4f}, B-cubed {found.b_cubed_f1:.4f}"
                )
                largest = f"largest {found.largest_cluster}"
                print(f"{name:<10} {rows.height:,} records: {right}, {largest}; {took}", flush=True)


if __name__ == "__main__":
    main()
