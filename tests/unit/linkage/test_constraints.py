"""Constraints lower what a pair weighs; an authority's identifier overrules them."""

import json
import math

import numpy as np
import pytest

from linkage.clustered.constraints import ceilings, most
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.paired.levels import Levels


def pair(config: LinkageConfig, **levels: str) -> Levels:
    """One pair at these levels; every other comparison knows nothing."""
    named = [
        comparison.names.index(levels[name]) if name in levels else -1
        for name, comparison in config.comparisons.items()
    ]
    return np.array([named], dtype=np.int8)


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
    ceiling, which = ceilings(pair(config, **levels), model, config)
    assert [*config.constraints, None][which[0]] == constraint
    assert ceiling[0] == (math.inf if constraint is None else most(config.constraints[constraint], model))
    assert bool(ceiling[0] > config.clustering.threshold) is (constraint is None)


def test_the_more_records_differ_in_a_name_the_less_a_twin_is_likely(config: LinkageConfig, model: Model) -> None:
    often = json.loads(model.document)
    often["parameters"]["forename"] |= {"different": {"m": 0.15, "u": 0.8}, "some": {"m": 0.05, "u": 0.1}}
    assert most(config.constraints["twins"], Model(json.dumps(often))) == pytest.approx(math.log2(0.17 / 0.03))
    assert most(config.constraints["twins"], model) < most(config.constraints["twins"], Model(json.dumps(often)))
