"""One row a key, the last one given, in the order of the keys: beside the obvious way, for ids of every kind."""

import random
from collections.abc import Sequence

import polars as pl
import pytest

from pseudonymise.ordered import last_by
from tests.cases import cases

ALIKE = "0123456789abcdef"  # the first half of an id, which is all that the quick way's number holds


def ids(chance: random.Random, kind: str, rows: int) -> Sequence[str | None]:
    """Ids drawn by chance: all different, repeated, alike at their beginning, or none at all."""
    match kind:
        case "different":
            return [f"{chance.getrandbits(128):032x}" for _ in range(rows)]
        case "repeated":
            few = [f"{chance.getrandbits(128):032x}" for _ in range(max(1, rows // 3))]
            return [chance.choice(few) for _ in range(rows)]
        case "alike":
            return [ALIKE + f"{chance.getrandbits(64):016x}" for _ in range(rows)]
        case "blank":
            return [chance.choice((None, f"{chance.getrandbits(128):032x}")) for _ in range(rows)]
        case _:
            return [chance.choice("abc") * chance.randrange(1, 40) for _ in range(rows)]


def obvious(frame: pl.DataFrame, *key: str) -> list[tuple[object, ...]]:
    """The last row of each key, blanks first, by Python's own order of texts."""
    last = {tuple(row[name] for name in key): tuple(row.values()) for row in frame.iter_rows(named=True)}
    return [row for _, row in sorted(last.items(), key=lambda one: [(part is not None, part or "") for part in one[0]])]


@pytest.mark.parametrize("kind", ["different", "repeated", "alike", "blank", "words"])
@pytest.mark.parametrize("of_two", [False, True], ids=["one id", "two ids"])
def test_rows_come_in_the_order_of_their_ids_and_the_last_stands(kind: str, of_two: bool) -> None:
    for seed in range(cases(200)):
        chance = random.Random(f"{kind} {of_two} {seed}")
        rows = chance.choice((0, 1, 2, 50))
        first = ids(chance, kind, rows)
        second = ids(chance, chance.choice((kind, "repeated")), rows)
        columns = {"first": first, "second": second, "place": range(rows)}
        frame = pl.DataFrame(columns, schema={"first": pl.String, "second": pl.String, "place": pl.Int64})
        key = ("first", "second") if of_two else ("first",)
        assert last_by(frame, *key).rows() == obvious(frame, *key)


def test_ids_that_begin_within_a_buffer_are_ordered() -> None:
    chance = random.Random(1)
    frame = pl.DataFrame({"first": ids(chance, "different", 100), "place": range(100)})[7:60]
    assert last_by(frame, "first").rows() == obvious(frame, "first")
