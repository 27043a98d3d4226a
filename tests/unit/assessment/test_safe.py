"""Every figure of a report passes one gate: small counts are hidden, others rounded, and nothing gives them away."""

import numpy as np
import polars as pl
import pytest

from assessment.joined import BESIDE, Cells, Joined, left_open
from assessment.safe import Gate, significant
from disclosure.dimensions import Dimension
from disclosure.questions import Terms
from tests.cases import cases

TERMS = Terms(8, 5)
KINDS, PLACES = Dimension.flat("kind", "abcd"), Dimension.flat("place", "uvwxyz")


def rows(**kinds: str) -> pl.DataFrame:
    """A unit for each letter: kind a in the places that a's letters name."""
    held = [(kind, place) for kind, places in kinds.items() for place in places]
    return pl.DataFrame(held, schema=("kind", "place"), orient="row").with_row_index("id")


def test_a_small_count_is_hidden_and_every_other_a_multiple_of_the_base() -> None:
    shown = Gate(TERMS).counts("kinds", rows(a="u" * 12, b="u" * 7, c="u" * 8), [KINDS], "id")
    assert [shown.at(kind) for kind in "abcd"] == [10, None, 10, 0]
    assert shown.total == 20  # of what is shown: the true 27 would tell of the hidden 7
    assert (shown.share("a"), shown.share("b")) == (None, None)  # of 20 a rounded count is no share
    more = Gate(TERMS).counts("kinds", rows(a="u" * 31, b="u" * 7, c="u" * 62), [KINDS], "id")
    assert (more.share("a"), more.share("b"), more.share("c")) == (0.33, None, 0.67)


def test_four_hidden_ones_of_one_that_a_coarser_table_would_pin_down_are_not_pinned_down() -> None:
    """12 of kind a are shown as 10, at most 12; its 8 in u as 10, at least 8: so the four others were 1 each."""
    held, gate = rows(a="u" * 8 + "vwxy", b="u" * 40), Gate(TERMS)
    gate.counts("kinds", held, [KINDS], "id")
    fine = gate.counts("places", held, [KINDS, PLACES], "id")
    assert fine.at("a", "u") is None
    assert (gate.decisions[1].small, gate.decisions[1].beside) == (4, 1)
    assert gate.learnt() == 0


def test_without_the_second_look_it_would_be_learnt() -> None:
    """The attack itself sees it."""
    joined = Joined(TERMS)
    ids = pl.DataFrame({"unit": range(52)}, schema={"unit": pl.Int64})
    coarse = ids.select(cell=pl.when(pl.col("unit") < 12).then(0).otherwise(1).cast(pl.Int64), unit="unit")
    fine = ids.select(cell=(pl.col("unit") - 7).clip(0, 5).cast(pl.Int64), unit="unit")
    joined.add(Cells.of(coarse, 2, TERMS))
    joined.add(Cells.of(fine, 6, TERMS))
    assert joined.learnt() == []
    joined.tables[1].state[0] = "shown"
    assert joined.learnt()


def test_who_is_not_in_a_group_of_nearly_all_is_not_learnt_either() -> None:
    gate, everybody = Gate(TERMS), pl.Series(range(26))
    gate.counts("all of them", pl.DataFrame({"kind": "a", "id": everybody}), [KINDS], "id")
    groups = {"nearly all": everybody.head(23), "half": everybody.head(13), "few": everybody.head(3)}
    shown = gate.groups("groups", "group", groups, "id", whole=everybody)
    assert (shown.at("half"), shown.at("few")) == (15, None)
    assert gate.learnt() == 0


def test_an_estimate_that_rests_on_few_is_not_told_and_every_other_in_two_digits() -> None:
    gate = Gate(TERMS)
    assert gate.estimate(1.2345, 0.98765, 1.52, behind=[8, 400]).value == 1.2
    told = gate.estimate(1.2345, behind=[7, 400])
    assert (told.value, told.told, told.why) == (None, False, "too few to tell")
    assert not gate.estimate(1.0, 0.0, float("inf"), behind=[100]).told
    assert [significant(value) for value in (0.0, 0.0123, 12.3, 1234, -0.567)] == [0.0, 0.012, 12.0, 1200.0, -0.57]


def test_the_decisions_of_each_table_are_counted() -> None:
    gate = Gate(TERMS)
    gate.counts("kinds", rows(a="u" * 12, b="u" * 7), [KINDS], "id")
    assert gate.number("rows", 13) == 15
    assert gate.number("rows", 3) is None
    assert [(one.table, one.cells, one.small, one.beside) for one in gate.decisions] == [
        ("kinds", 2, 1, 0), ("rows", 2, 1, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("terms", [TERMS, Terms(10, 10), Terms(5, 3)])
def test_nothing_hidden_is_learnt_from_any_tables_of_one_population(terms: Terms) -> None:
    lost: list[str] = []
    for seed in range(cases(40)):
        joined = drawn(seed, terms)
        assert joined.learnt() == [], seed
        lost += [state for table in joined.tables for state in table.state]
    assert lost.count(BESIDE) < len(lost) / 4


def drawn(seed: int, terms: Terms) -> Joined:
    """Several tables of one population, some finer than others, some of a part of it."""
    random = np.random.default_rng(seed)
    size, joined = int(random.integers(60, 500)), Joined(terms)
    columns = [random.choice(width, size, p=random.dirichlet(np.ones(width) * 0.7)) for width in (3, 4, 9, 2)]
    for by in ([0], [0, 1], [2], [1, 2], [3], [0, 3], [1]):
        code = np.zeros(size, int)
        for column in by:
            code = code * (columns[column].max() + 1) + columns[column]
        kept = random.random(size) < (1.0 if random.random() < 0.7 else 0.8)
        held = pl.DataFrame({"cell": code[kept], "unit": np.arange(size)[kept]})
        joined.add(Cells.of(held, int(code.max()) + 1, terms))
    return joined


def test_several_values_of_a_hidden_count_stay_possible_its_own_among_them() -> None:
    for terms in (TERMS, Terms(10, 5), Terms(10, 10), Terms(3, 5)):
        for size in range(1, terms.smallest_count):
            low, most = left_open(size, terms)
            assert low <= size <= most < max(terms.smallest_count, 3)
            assert most - low + 1 >= min(terms.round_to - 1, terms.smallest_count - 1)


def test_the_same_tables_are_let_through_in_the_same_way() -> None:
    once, again = (drawn(3, TERMS) for _ in range(2))
    assert [table.state for table in once.tables] == [table.state for table in again.tables]


def test_a_change_between_two_versions_of_a_release_is_known_to_within_a_base_at_the_best() -> None:
    """A shown count beside the same one later: no change of fewer than the base can be told from another."""
    possible: dict[tuple[int | None, int | None], set[int]] = {}
    kind = Dimension.flat("kind", ["a"])
    counts = {
        n: Gate(TERMS).counts("t", pl.DataFrame({"kind": ["a"] * n, "id": range(n)}), [kind], "id").at("a")
        for n in range(1, 40)
    }
    for before, shown in counts.items():
        for after, later in counts.items():
            possible.setdefault((shown, later), set()).add(after - before)
    assert min(len(changes) for (shown, _), changes in possible.items() if shown != counts[39]) >= TERMS.round_to
