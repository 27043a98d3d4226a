"""The rules of config/linkage.yaml: what they mean, to arrays as to DuckDB, and that nothing else gets through."""

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.errors import LinkageConfigurationError
from linkage.paired.coded import code
from linkage.paired.features import features
from linkage.paired.language import blocking_sql, columns_of, comparison_sql
from linkage.paired.rules import Pairs

SAME = {"token_a": "x" * 32}
OTHER = {"token_a": "y" * 32}
NONE = {"token_a": None}


def answers(rule: str, one: dict[str, object], other: dict[str, object]) -> bool:
    """What both say of two records; unknown counts as no."""
    schema = {name: pl.Binary if name.startswith("encoding") else pl.String for name in one}
    frame = pl.DataFrame(
        [{"record_id": "1"} | one, {"record_id": "2"} | other], schema={"record_id": pl.String} | schema
    )
    made = features(frame, tuple(schema))
    with duckdb.connect(":memory:") as database:
        database.register("records", made.to_arrow())
        found = database.sql(
            f"select coalesce({blocking_sql(rule)}, false) from records l join records r "
            "on l.record_number < r.record_number"
        ).fetchall()
    pair = Pairs(code(frame, tuple(schema)), np.array([0], np.int32), np.array([1], np.int32))
    assert bool(found[0][0]) == bool(pair.holds(rule)[0])
    return bool(found[0][0])


@pytest.mark.parametrize(
    ("rule", "one", "other", "holds"),
    [
        ("same(token_a)", SAME, SAME, True),
        ("same(token_a)", SAME, OTHER, False),
        ("same(token_a)", NONE, NONE, False),
        ("missing(token_a)", SAME, NONE, True),
        ("missing(token_a)", SAME, OTHER, False),
        ("both(token_a) and not same(token_a)", SAME, OTHER, True),
        ("both(token_a) and not same(token_a)", NONE, OTHER, False),
    ],
)
def test_words(rule: str, one: dict[str, object], other: dict[str, object], holds: bool) -> None:
    assert answers(rule, one, other) is holds


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=64, max_size=64), st.binary(min_size=64, max_size=64), st.floats(0, 1))
def test_dice_is_the_coefficient_of_the_bits(one: bytes, other: bytes, least: float) -> None:
    a, b = (np.unpackbits(np.frombuffer(encoding, np.uint8)).astype(bool) for encoding in (one, other))
    if not (a.any() or b.any()):
        return
    dice = 2 * (a & b).sum() / (a.sum() + b.sum())
    rule = f"dice(encoding_a) >= {least:.3f}"
    assert answers(rule, {"encoding_a": one}, {"encoding_a": other}) is bool(dice >= float(f"{least:.3f}"))


SHORT, LONG = b"\x0f" + b"\x00" * 63, b"\x07" + b"\xff" * 63  # 4 bits, of which 3 are among the many


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("overlap(encoding_a) >= 0.75", True),
        ("overlap(encoding_a) >= 0.76", False),
        ("bits(encoding_a) <= 4", True),
        ("bits(encoding_a) <= 3", False),
    ],
)
def test_overlap_and_bits_go_by_the_shorter(rule: str, holds: bool) -> None:
    assert answers(rule, {"encoding_a": SHORT}, {"encoding_a": LONG}) is holds
    assert answers(rule, {"encoding_a": LONG}, {"encoding_a": SHORT}) is holds


def test_full_encodings_do_not_overflow() -> None:
    full = {"encoding_a": b"\xff" * 64}
    assert answers("dice(encoding_a) >= 1", full, full)


def test_columns_are_named_once_in_order() -> None:
    assert columns_of("same(token_b) and (dice(encoding_a) >= 0.5 or missing(token_b))") == ("token_b", "encoding_a")
    assert comparison_sql("same(token_b)") == "token_b_l = token_b_r"


@pytest.mark.parametrize(
    "rule",
    [
        "same(token_a); drop table records",
        "levenshtein(token_a) < 2",
        "same(token_a) -- no",
        "token_a_l = 'x'",
        "same('a')",
    ],
)
def test_any_other_sql_is_refused(rule: str) -> None:
    with pytest.raises(LinkageConfigurationError, match="same, rare, near, missing"):
        comparison_sql(rule)
