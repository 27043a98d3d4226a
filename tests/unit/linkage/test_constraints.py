"""Constraints lower what a pair weighs; an authority's identifier overrules them."""

import polars as pl
import pytest

from linkage.config import LinkageConfig
from linkage.constraints import constrain
from linkage.quality import estimate


def pair(config: LinkageConfig, **levels: str) -> pl.DataFrame:
    """One pair of weight 20 with these levels; every other comparison knows nothing."""
    gammas = {
        f"gamma_{name}": comparison.names.index(levels[name]) if name in levels else -1
        for name, comparison in config.comparisons.items()
    }
    return pl.DataFrame(
        [{"record_id_l": "a", "record_id_r": "b", "match_weight": 20.0, "match_probability": 1.0} | gammas]
    )


TWINS = {"date_of_birth": "same", "surname": "same", "forename": "different", "address": "dwelling"}


@pytest.mark.parametrize(
    ("levels", "constraint"),
    [
        (TWINS, "twins"),
        (TWINS | {"nhs_number": "same"}, None),
        (TWINS | {"forename": "close"}, None),
        ({"date_of_birth": "different", "forename": "same", "surname": "same"}, "namesakes"),
        ({"date_of_birth": "different", "pnc_id": "same"}, None),
        ({}, None),
    ],
)
def test_which_constraint_holds(config: LinkageConfig, levels: dict[str, str], constraint: str | None) -> None:
    found = constrain(pair(config, **levels), config)
    assert found["constraint"].to_list() == [constraint]
    expected = 20.0 if constraint is None else config.constraints[constraint].bits
    assert found["match_weight"].to_list() == [expected]
    assert (found["match_probability"][0] > 0.5) is (constraint is None)


def test_the_estimate_counts_what_was_joined_and_what_was_missed() -> None:
    pairs = pl.DataFrame(
        {"record_id_l": ["a", "a", "c"], "record_id_r": ["b", "c", "d"], "match_probability": [0.9, 0.3, 0.8]}
    )
    clusters = pl.DataFrame({"record_id": ["a", "b", "c", "d"], "cluster": ["a", "a", "c", "d"]})
    found = estimate(pairs, clusters)
    assert (found.precision, found.pairs_joined) == (pytest.approx(0.9), 1)
    assert (found.recall, found.pairs_expected) == (pytest.approx(0.9 / 2.0), pytest.approx(2.0))
