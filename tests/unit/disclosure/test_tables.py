"""No table that was protected gives away what it hides: an auditor's attack, written apart, tries it."""

from itertools import combinations

import pytest

from disclosure.protecting import Protected, protect
from disclosure.rules import Rule
from tests.cases import cases
from tests.unit.disclosure.auditor import Auditor, fewest, members
from tests.unit.disclosure.drawn import drawn

RULE = Rule(smallest_count=8)
PARTS, FOUR = 5, cases(25, 5)


def released(seed: int, releases: int) -> list[Protected]:
    done: list[Protected] = []
    for table in drawn(seed, releases):
        done.append(protect(table, RULE, done))
    return done


def auditor(done: list[Protected]) -> Auditor:
    trees = [dimension.parts for dimension in done[0].table.dimensions]
    seen = [
        {cell: int(v) if s else None for cell, v, s in zip(one.table.cells, one.table.values, one.shown, strict=True)}
        for one in done
    ]
    return Auditor(trees, seen)


def attacks(done: list[Protected]) -> int:
    """Every small count, and every small growth between two releases, stays possible from end to end; how many."""
    attacker, tried = auditor(done), 0
    pairs = [(None, n) for n in range(len(done))] + list(combinations(range(len(done)), 2))
    for before, after in pairs:
        for place, cell in enumerate(done[0].table.cells):
            within = members(attacker.trees, cell)
            values = [done[after].table.values[done[after].table.places[leaf]] for leaf in within]
            count, line = done[after].table.values[place], attacker.sum_of(after, cell)
            least = sum(value > 0 for value in values)
            if before is not None:
                earlier = [done[before].table.values[done[before].table.places[leaf]] for leaf in within]
                count -= done[before].table.values[place]
                line |= attacker.sum_of(before, cell, -1.0)
                least -= sum(value > 0 for value in earlier)
            if 0 < count < RULE.smallest_count:
                low = max(least, 1)
                assert attacker.can_be(line, most=low), (cell, before, after)
                assert attacker.can_be(line, least=max(RULE.smallest_count - 1, low + 1)), (cell, before, after)
                tried += 1
    return tried


@pytest.mark.parametrize("part", range(PARTS))
def test_an_auditor_derives_no_small_count_of_any_of_400_tables(part: int) -> None:
    assert sum(attacks(released(seed, 1)) for seed in range(part, cases(400, 20), PARTS)) > 0


@pytest.mark.parametrize("part", range(FOUR))
def test_an_auditor_derives_none_from_four_releases_of_any_of_500_tables(part: int) -> None:
    assert sum(attacks(released(seed, 4)) for seed in range(part, cases(500, 100), FOUR)) > 0


def test_hardly_more_cells_are_lost_than_must_be() -> None:
    """The optimum is that of one whole programme, which is solved for small tables alone."""
    for seed in range(1, cases(40) * 5, 5):
        table = drawn(seed)[0]
        trees = [dimension.parts for dimension in table.dimensions]
        true = {cell: int(value) for cell, value in zip(table.cells, table.values, strict=True)}
        assert len(protect(table, RULE).reasons) <= 1.15 * fewest(trees, true, RULE.smallest_count), seed


def test_the_same_table_is_protected_in_the_same_way() -> None:
    for seed in range(2, 5):
        once, again = (protect(drawn(seed)[0], RULE) for _ in range(2))
        assert once.reasons == again.reasons
