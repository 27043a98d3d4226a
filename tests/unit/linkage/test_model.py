"""The model: learned without labels, the same from the same records, and good enough to tell people apart."""

import itertools
import json
import math
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from invented import Invented, people, record_id, tokenised

from linkage.clustered.persons import find_persons
from linkage.config import LinkageConfig
from linkage.errors import LinkageRefused
from linkage.evaluation import evaluate
from linkage.learned.model import Model, train

ANN = Invented("annabel", "kwarteng", date(1990, 3, 7), "female", "KT1 2AB", "100023", "9434765919")


def test_the_same_records_in_any_order_give_the_same_model(
    records: pl.DataFrame, config: LinkageConfig, model: Model
) -> None:
    shuffled = records.sample(fraction=1, shuffle=True, seed=7)
    assert train(shuffled, config).version == model.version


def test_the_same_records_in_any_order_give_the_same_persons(
    records: pl.DataFrame, config: LinkageConfig, model: Model
) -> None:
    shuffled = records.sample(fraction=1, shuffle=True, seed=7)
    one, other = find_persons(records, model, config), find_persons(shuffled, model, config)
    assert one.clusters.equals(other.clusters)
    assert one.pairs.equals(other.pairs)


def test_a_model_is_its_canonical_json(model: Model) -> None:
    assert json.loads(model.document) == model.content
    assert Model(model.document).version == model.version
    assert Model(model.document.replace('"seed":1', '"seed":2')).version != model.version


def test_what_was_learned_makes_sense(model: Model) -> None:
    for name, levels in model.content["parameters"].items():
        assert sum(level["m"] for level in levels.values()) == pytest.approx(1, abs=0.001), name
        bits = {level: math.log2(shares["m"] / shares["u"]) for level, shares in levels.items()}
        assert max(bits, key=bits.__getitem__) != "different", name
        assert bits["different"] < 0, name


def test_persons_are_found_as_they_are(
    labelled: tuple[pl.DataFrame, pl.DataFrame], config: LinkageConfig, model: Model
) -> None:
    records, truth = labelled
    found = find_persons(records, model, config).clusters.rename({"cluster": "person_id"})
    quality = evaluate(truth, found)
    assert quality.precision >= 0.99
    assert quality.recall >= 0.95


def test_no_record_gets_lost(records: pl.DataFrame, config: LinkageConfig, model: Model) -> None:
    found = find_persons(records, model, config).clusters
    assert found["record_id"].to_list() == records["record_id"].sort().to_list()


def test_two_records_alone_are_compared_by_the_expected_shares(config: LinkageConfig) -> None:
    records = tokenised([ANN, replace(ANN, forename="anabel")])
    pairs = find_persons(records, train(records, config), config).pairs
    assert pairs.select("record_id_l", "record_id_r").rows() == [(record_id(0), record_id(1))]


@pytest.mark.parametrize(
    ("change", "joined"),
    [
        ({}, True),
        ({"forename": "anabel"}, True),
        ({"forename": "kwarteng", "surname": "annabel", "nhs_number": None}, True),
        ({"surname": "osei", "postcode": "KT9 1AB", "uprn": "100999"}, True),  # married and moved: the NHS number tells
        ({"date_of_birth": date(1990, 7, 3), "nhs_number": None}, True),  # day and month swapped
        ({"forename": "grace", "nhs_number": None}, False),  # a twin
        ({"forename": "victor", "sex": "male", "nhs_number": None}, False),  # a twin brother
        ({"date_of_birth": date(1961, 11, 28), "nhs_number": None}, False),  # her mother of the same name
        ({"forename": "grace", "nhs_number": "4010232137"}, False),  # a twin with her own number
    ],
    ids=lambda change: "-".join(change) if isinstance(change, dict) else "",
)
def test_who_is_one_person(change: dict[str, object], joined: bool, config: LinkageConfig, model: Model) -> None:
    among = people(seed=3, households=40)
    records = tokenised([ANN, replace(ANN, **change), *among])  # type: ignore[arg-type]
    cluster = find_persons(records, model, config).clusters["cluster"]
    assert (cluster[0] == cluster[1]) == joined


def test_twins_with_many_records_stay_apart(config: LinkageConfig, model: Model) -> None:
    twin = replace(ANN, forename="grace", nhs_number=None)
    records = tokenised([ANN, ANN, replace(ANN, nhs_number=None), twin, twin, twin, *people(seed=3, households=40)])
    clusters = find_persons(records, model, config).clusters["cluster"].to_list()
    assert len(set(clusters[:3])) == len(set(clusters[3:6])) == 1
    assert clusters[0] != clusters[3]


def test_a_missing_column_or_a_double_record_is_refused(records: pl.DataFrame, config: LinkageConfig) -> None:
    with pytest.raises(LinkageRefused, match="token_surname"):
        train(records.drop("token_surname"), config)
    with pytest.raises(LinkageRefused, match="comes twice"):
        train(pl.concat([records.head(2), records.head(2)]), config)
    with pytest.raises(LinkageRefused, match="512 bits"):
        train(records.head(3).with_columns(encoding_surname=pl.lit(b"short")), config)


def test_records_that_hold_nothing_are_linked_to_nothing(config: LinkageConfig, model: Model) -> None:
    nothing = Invented("", "", None, None, None, None, None)
    records = tokenised([nothing, nothing, ANN])
    assert find_persons(records, model, config).clusters["cluster"].n_unique() == 3


def test_refusals_hold_no_token(records: pl.DataFrame, config: LinkageConfig) -> None:
    with pytest.raises(LinkageRefused) as refused:
        train(pl.concat([records.head(1), records.head(1)]), config)
    tokens = itertools.chain.from_iterable(records.head(1).select(pl.col("^token_.*$")).rows())
    assert not any(token in str(refused.value) for token in tokens if token)


def test_chance_is_seeded(records: pl.DataFrame, config: LinkageConfig) -> None:
    few = config.model_copy(update={"training": config.training.model_copy(update={"sampled_pairs": 20_000})})
    one, again, other = (train(records.head(400), few, seed=seed).version for seed in (1, 1, 2))
    assert one == again != other
