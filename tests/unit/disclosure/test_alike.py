"""How alike rows are: counted here one by one, by a dictionary."""

from collections import Counter, defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from disclosure.alike import groups
from tests.cases import cases

VALUES = {
    "text": (pl.String(), st.sampled_from(["", "a", "b", "é", None])),
    "number": (pl.Int64(), st.sampled_from([-3, 0, 7, 10**12, None])),
    "truth": (pl.Boolean(), st.sampled_from([True, False, None])),
}
SCHEMA = {name: kind for name, (kind, _) in VALUES.items()}
ROWS = st.lists(st.tuples(*(values for _, values in VALUES.values())), min_size=1, max_size=40)


@tried(max_examples=cases(300), deadline=None)
@given(ROWS, st.permutations(list(VALUES)), st.integers(1, 2))
def test_groups_are_those_that_one_counts_by_hand(rows: list[tuple[object, ...]], order: list[str], known: int) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").select(order)
    size: Counter[tuple[object, ...]] = Counter(row[:known] for row in frame.iter_rows())
    told: dict[tuple[object, ...], list[set[object]]] = defaultdict(lambda: [set() for _ in order[known:]])
    for row in frame.iter_rows():
        for seen, value in zip(told[row[:known]], row[known:], strict=True):
            seen.add(value)
    found = groups(frame, order[:known], order[known:])
    assert [int(n) for n in found.size[found.of]] == [size[row[:known]] for row in frame.iter_rows()]
    assert found.smallest == min(size.values())
    assert found.least_diverse == min(min(map(len, seen)) for seen in told.values())


@pytest.mark.parametrize("texts", [["b", "a", None], [None, "a", "b"]])
def test_groups_stand_in_the_order_of_their_values(texts: list[str | None]) -> None:
    found = groups(pl.DataFrame({"text": texts}), ["text"])
    assert dict(zip(texts, found.of.tolist(), strict=True)) == {None: 0, "a": 1, "b": 2}
