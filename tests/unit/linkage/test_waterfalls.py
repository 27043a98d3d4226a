"""Pairs drawn as waterfalls add up to what they weigh, need no network, and name nobody."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from linkage.clustered.persons import scale_of
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.learned.waterfalls import save_waterfalls, some_pairs
from linkage.paired.blocks import Blocks
from linkage.paired.coded import code

_EACH = re.compile(r'"values":\s*(\[\{"pair".*?\}\])', re.DOTALL)


@pytest.fixture(scope="module")
def page(records: pl.DataFrame, model: Model, config: LinkageConfig, tmp_path_factory: pytest.TempPathFactory) -> str:
    coded = code(records, config.columns)
    folder: Path = tmp_path_factory.mktemp("charts")
    scale = scale_of(coded, model, config)
    return save_waterfalls(scale, some_pairs(scale, Blocks.of(coded, config)), folder).read_text("utf-8")


def test_steps_add_up(page: str) -> None:
    pairs = [json.loads(rows) for rows in _EACH.findall(page)]
    assert len(pairs) >= 6
    for rows in pairs:
        *steps, whole = sorted(rows, key=lambda row: row["place"])
        assert steps[0]["step"] == "two random records"
        assert whole["step"] == "in all"
        assert whole["to"] == pytest.approx(sum(step["to"] - step["from"] for step in steps))
        assert f"{whole['bits'] + 0.0:.1f} bits" in whole["pair"]
    assert any(step["step"].startswith("held: ") for rows in pairs for step in rows)


def test_no_record_token_or_network_is_in_it(page: str, records: pl.DataFrame) -> None:
    for column in ("record_id", "token_surname", "token_nhs_number"):
        assert not any(value in page for value in records[column].drop_nulls().unique().to_list())
    assert not re.search(r'<script[^>]+src="http', page)
