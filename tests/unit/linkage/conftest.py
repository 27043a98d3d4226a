"""Invented records, tokenised once, and the shipped configuration."""

from pathlib import Path

import polars as pl
import pytest
from invented import records_and_truth

from linkage.config import LinkageConfig, load_linkage
from linkage.learned.model import Model, train


@pytest.fixture(scope="session")
def config() -> LinkageConfig:
    return load_linkage(Path(__file__).parents[3] / "config")


@pytest.fixture(scope="session")
def labelled() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Some 4,000 records of some 1,600 people, and who they are."""
    return records_and_truth(seed=1, households=600)


@pytest.fixture(scope="session")
def records(labelled: tuple[pl.DataFrame, pl.DataFrame]) -> pl.DataFrame:
    return labelled[0]


@pytest.fixture(scope="session")
def model(records: pl.DataFrame, config: LinkageConfig) -> Model:
    return train(records, config)
