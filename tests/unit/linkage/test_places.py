"""Blocks are looked up for some rows: they are what comparing every row with these gives."""

import numpy as np
import pytest

from linkage.kept import places
from linkage.kept.places import Given, Part, Rule


def rows_alike(rule: Rule, row: int, rows: int) -> list[int]:
    """Row by row, what a block is."""
    return [other for other in range(rows) if rule.alike(np.array([row]), np.array([other]))[0]]


def parts(chance: np.random.Generator, rows: int, *counts: int) -> tuple[Part, ...]:
    """Columns of so many values, some missing; the last by numbers that stand for several values, or for none."""
    which = [chance.integers(-1, count, rows).astype(np.int32) for count in counts]
    number = chance.integers(-3, 1 << 30, counts[-1]).astype(np.int32) // 7 * 7 % 91
    return (*(Part(it) for it in which[:-1]), Part(which[-1], number))


@pytest.mark.parametrize("largest", [1 << 22, 8])
@pytest.mark.parametrize("counts", [(40,), (30, 4), (3, 25, 6), (2, 2, 2, 9)])
def test_the_blocks_of_some_rows_are_found(
    monkeypatch: pytest.MonkeyPatch, counts: tuple[int, ...], largest: int
) -> None:
    monkeypatch.setattr(places, "_LARGEST", largest)  # so that numbers share slots, too
    monkeypatch.setattr(places, "_SLOT_BITS", 3)
    monkeypatch.setattr(places, "_BITS_MORE", 0)
    monkeypatch.setattr(places, "_AT_ONCE", 64)
    chance = np.random.default_rng(sum(counts))
    rule = Rule(parts(chance, 300, *counts), 10)
    given = chance.choice(300, 20, replace=False)
    found, lives = Given(given).blocks(rule), chance.random(300) < 0.7
    for at, row in enumerate(given.tolist()):
        of = found.within(np.arange(found.count + 1) == (found.given[at] or -1)).tolist()
        assert of == rows_alike(rule, row, 300)
        assert found.sizes(lives)[found.given[at]] == lives[of].sum()
    assert found.count == len(set(found.given.tolist()) - {0}) > 1


def test_rows_that_lack_a_part_are_in_no_block() -> None:
    rule = Rule((Part(np.array([-1, -1, 0], dtype=np.int32)), Part(np.array([0, 0, 0], dtype=np.int32))), 10)
    found = Given(np.array([0, 1])).blocks(rule)
    assert (found.within(np.array([True])).tolist(), found.given.tolist(), found.count) == ([], [0, 0], 0)
