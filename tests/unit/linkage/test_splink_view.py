"""Splink, given the model, weighs every pair as the hub does; and draws it."""

from pathlib import Path

import polars as pl
import pytest

from linkage.clustered.persons import scale_of
from linkage.config import LinkageConfig
from linkage.learned.model import Model
from linkage.learned.splink_view import CHARTS, save_charts, splink_weights
from linkage.paired.compared import compare, pair_table
from tests.unit.linkage.at_once import bring_together


def test_splink_weighs_every_pair_alike(records: pl.DataFrame, config: LinkageConfig, model: Model) -> None:
    some = records.head(800)
    plain = config.model_copy(update={"constraints": {}})  # Splink knows neither constraints nor what goes together
    apart = Model(model.document.replace(model.document[model.document.index('"together"') :], '"together":[]}'))
    brought, ids = bring_together(some, plain), some["record_id"].sort()
    ours = pair_table(compare(scale_of(brought.coded, apart, plain), brought), ids, plain)
    found = splink_weights(some, apart, plain)
    theirs = pl.DataFrame(
        {
            "record_id_l": ids.gather(found["record_number_l"]),
            "record_id_r": ids.gather(found["record_number_r"]),
            "splink": found["match_weight"],
        }
    )
    both = ours.join(theirs, on=["record_id_l", "record_id_r"])
    assert both.height > 1_000
    assert theirs.join(ours, on=["record_id_l", "record_id_r"], how="anti").is_empty()
    assert both["match_weight"].to_list() == pytest.approx(both["splink"].to_list(), abs=1e-6)


def test_the_model_is_drawn_on_pages_that_need_no_network(model: Model, config: LinkageConfig, tmp_path: Path) -> None:
    drawn = save_charts(model, config, tmp_path / "charts")
    assert [page.name for page in drawn] == list(CHARTS)
    for page in drawn:
        text = page.read_text(encoding="utf-8")
        assert "date_of_birth" in text
        assert 'src="http' not in text
