"""Two settled birthdays of two sexes are two people; one slip of the pen is not."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from invented import Invented, tokenised

from linkage.clustered.contradictions import impossible, two_against_two
from linkage.clustered.decided import NOTHING, Decided
from linkage.clustered.persons import scale_of
from linkage.clustered.splitting import split
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.learned.weighing import Scale
from linkage.paired.grouping import Edges
from tests.unit.linkage.at_once import bring_together

HIM = Invented("robin", "lake", date(1980, 3, 14), "male", "KT1 1AA", "100", None)
HER = replace(HIM, date_of_birth=date(1955, 11, 30), sex="female")
SHE_BY_SLIP = replace(HIM, sex="female")
BORN_BY_SLIP = replace(HIM, date_of_birth=date(1980, 3, 15), sex="female")


def scale(people: list[Invented], model: Model, config: LinkageConfig) -> Scale:
    return scale_of(bring_together(tokenised(people), config).coded, model, config)


def together(count: int) -> np.ndarray:
    return np.zeros(count, dtype=np.int64)


@pytest.mark.parametrize(
    ("people", "parts"),
    [
        ([HIM, HIM, HER, HER], 2),
        ([HIM, HER, HIM, HIM, HER, HER], 2),
        ([HIM, HIM, HIM, HER], 1),
        ([HIM, HIM, HIM, SHE_BY_SLIP, SHE_BY_SLIP], 1),
        ([HIM, HIM, BORN_BY_SLIP, BORN_BY_SLIP], 1),
        ([HIM, HIM, replace(HER, sex=None), replace(HER, sex=None)], 1),
    ],
)
def test_two_against_two_come_apart(people: list[Invented], parts: int, model: Model, config: LinkageConfig) -> None:
    found = split(scale(people, model, config), together(len(people)), NOTHING)
    assert len(set(found.tolist())) == parts
    if parts == 2:
        assert {found[at] for at, who in enumerate(people) if who is HIM} == {0}


def test_what_people_decided_outranks_it(model: Model, config: LinkageConfig) -> None:
    none = Edges.between(np.zeros(0), np.zeros(0))
    said = Decided(Edges.between(np.array([0, 1, 2]), np.array([1, 2, 3])), none)
    assert set(split(scale([HIM, HIM, HER, HER], model, config), together(4), said).tolist()) == {0}


def test_no_found_person_is_impossible(records: pl.DataFrame, model: Model, config: LinkageConfig) -> None:
    """However records are thrown together, what comes apart holds no two against two."""
    whole = scale_of(bring_together(records[:400], config).coded, model, config)
    label = np.arange(400) // 40 * 40
    assert len(impossible(whole.coded, label, config))
    assert not len(impossible(whole.coded, split(whole, label, NOTHING), config))


def test_two_against_two_needs_four() -> None:
    slip = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=bool)
    assert not two_against_two(slip)
    settled = np.zeros((4, 4), dtype=bool)
    settled[:2, 2:] = settled[2:, :2] = True
    assert two_against_two(settled)
