"""Constraints lower what a pair weighs; an authority's identifier overrules them."""

import json
import math

import polars as pl
import pytest

from linkage.config import LinkageConfig
from linkage.constraints import constrain, most
from linkage.model import Model
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


TWINS = {"date_of_birth": "same", "surname": "household", "forename": "different"}
NAMESAKES = {"date_of_birth": "different", "surname": "household", "forename": "same"}
UNDATED = {"forename": "same", "surname": "same"}


@pytest.mark.parametrize(
    ("levels", "constraint"),
    [
        (TWINS, "twins"),
        (TWINS | {"surname": "close", "address": "dwelling"}, "twins"),
        (TWINS | {"nhs_number": "same"}, None),
        (TWINS | {"forename": "close"}, None),
        (TWINS | {"surname": "same", "address": "different"}, None),
        (NAMESAKES, "namesakes"),
        (NAMESAKES | {"pnc_id": "same"}, None),
        (UNDATED, "undated"),
        (UNDATED | {"address": "close"}, None),
        ({}, None),
    ],
)
def test_which_constraint_holds(
    config: LinkageConfig, model: Model, levels: dict[str, str], constraint: str | None
) -> None:
    found = constrain(pair(config, **levels), model, config)
    assert found["constraint"].to_list() == [constraint]
    expected = 20.0 if constraint is None else most(config.constraints[constraint], model)
    assert found["match_weight"].to_list() == [expected]
    assert (found["match_weight"][0] >= config.clustering.threshold) is (constraint is None)


def test_the_more_records_differ_in_a_name_the_less_a_twin_is_likely(config: LinkageConfig, model: Model) -> None:
    often = json.loads(model.document)
    often["parameters"]["forename"]["different"]["m"] = 0.2
    assert most(config.constraints["twins"], Model(json.dumps(often))) == pytest.approx(math.log2(0.2 / 0.02))
    assert most(config.constraints["twins"], model) < most(config.constraints["twins"], Model(json.dumps(often)))


def test_a_weak_pair_stays_as_weak_as_it_is(config: LinkageConfig, model: Model) -> None:
    weak = pair(config, **TWINS).with_columns(match_weight=-7.0)
    assert constrain(weak, model, config)["match_weight"].to_list() == [-7.0]


def test_the_estimate_counts_what_was_joined_and_what_was_missed() -> None:
    pairs = pl.DataFrame(
        {"record_id_l": ["a", "a", "c"], "record_id_r": ["b", "c", "d"], "match_probability": [0.9, 0.3, 0.8]}
    )
    clusters = pl.DataFrame({"record_id": ["a", "b", "c", "d"], "cluster": ["a", "a", "c", "d"]})
    found = estimate(pairs, clusters)
    assert (found.precision, found.pairs_joined) == (pytest.approx(0.9), 1)
    assert (found.recall, found.pairs_expected) == (pytest.approx(0.9 / 2.0), pytest.approx(2.0))
