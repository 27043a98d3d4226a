"""Which records are brought together: those with a value in common, unless everybody has it; and those much alike."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.paired.blocking import groups
from linkage.paired.coded import code
from pseudonymise.encodings import encode, from_words
from tests.unit.linkage.at_once import candidates


def brought(
    rows: list[tuple[str | None, str | None]], rules: list[str], largest: int = 50, rare: int = 2
) -> set[tuple[int, int]]:
    ids = [f"{number:04d}" for number in range(len(rows))]
    schema = {"token_a": pl.String, "token_b": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row").insert_column(0, pl.Series("record_id", ids))
    found = candidates(code(frame, tuple(schema)), dict.fromkeys(rules, largest), rare)
    return {(int(key) // len(rows), int(key) % len(rows)) for key in found}


some_rows = st.lists(st.tuples(*(st.sampled_from([None, "x", "y", "z"]) for _ in range(2))), min_size=1, max_size=20)


@settings(deadline=None)
@given(some_rows)
def test_pairs_that_a_rule_brings_together_are_those_that_agree(rows: list[tuple[str | None, str | None]]) -> None:
    pairs = [(a, b) for a in range(len(rows)) for b in range(a + 1, len(rows))]
    same = {(a, b) for a, b in pairs if rows[a][0] and rows[a][0] == rows[b][0]}
    both = {(a, b) for a, b in pairs if all(rows[a]) and rows[a] == rows[b]}
    assert brought(rows, ["same(token_a)"]) == same
    assert brought(rows, ["same(token_a) and same(token_b)"]) == both
    assert brought(rows, ["same(token_a) and same(token_b)", "same(token_a)"]) == same


def test_what_many_have_is_not_compared_by() -> None:
    rows = [("x", None)] * 5 + [("y", None)] * 3 + [("z", None)] * 2
    assert brought(rows, ["same(token_a)"], largest=3) == {(5, 6), (5, 7), (6, 7), (8, 9)}
    assert brought(rows, ["rare(token_a)"], rare=2) == {(8, 9)}


def test_groups_reach_as_far_as_the_rules_do() -> None:
    frame = pl.DataFrame(
        {"record_id": ["0", "1", "2", "3"], "token_a": ["x", "x", "y", None], "token_b": ["p", "q", "q", "r"]}
    )
    assert groups(code(frame, ("token_a", "token_b")), ["same(token_a)", "same(token_b)"]).tolist() == [0, 0, 0, 3]


def test_names_much_alike_meet_and_others_do_not() -> None:
    names = pl.Series(["featherstone", "fetherstone", "featherston", "smith", "smyth", "ramsbottom", "czyzewski"])
    frame = pl.DataFrame({"record_id": [str(it) for it in range(7)], "encoding_a": encode(names, "surname", "00" * 32)})
    found = candidates(code(frame, ("encoding_a",)), {"near(encoding_a)": 50}, 2)
    pairs = {(int(key) // 7, int(key) % 7) for key in found}
    assert {(0, 1), (0, 2)} <= pairs
    assert not pairs & {(0, 3), (0, 5), (3, 5), (5, 6), (3, 6)}


def test_nothing_is_near_to_nothing() -> None:
    none = from_words(np.empty((0, 8), dtype=np.uint64), np.zeros(3, dtype=bool), "encoding_a")
    frame = pl.DataFrame({"record_id": ["0", "1", "2"], "encoding_a": none})
    assert len(candidates(code(frame, ("encoding_a",)), {"near(encoding_a)": 50}, 2)) == 0
