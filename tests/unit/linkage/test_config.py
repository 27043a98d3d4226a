"""config/linkage.yaml is refused before it can do harm."""

from pathlib import Path

import pytest

from hub.errors import ConfigurationError
from linkage.config import LinkageConfig, load_linkage
from linkage.learned.model import Model
from linkage.learned.trained import serves

SHIPPED = Path(__file__).parents[3] / "config" / "linkage.yaml"


def changed(folder: Path, old: str, new: str) -> LinkageConfig:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    (folder / "linkage.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_linkage(folder)


def test_an_unknown_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        changed(tmp_path, "same(token_nhs_number)", "jaro(token_nhs_number)")


def test_a_constraint_on_a_level_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="forename has no level unlike"):
        changed(tmp_path, "forename: [different, some]", "forename: [unlike]")


def test_a_smaller_block_of_a_rule_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="smaller_blocks names no rule of blocking"):
        changed(tmp_path, "  near(encoding_surname) and same(token_birth_year): 100", "  near(encoding_forename): 100")


@pytest.mark.parametrize("feed", ["probation.supervison", "fire.incidents", "police.recorded_crime"])
def test_a_feed_that_holds_no_persons_by_one_key_is_refused(tmp_path: Path, feed: str) -> None:
    with pytest.raises(ConfigurationError, match=f"names no feed of persons {feed}"):
        changed(tmp_path, "[probation.supervision]", f"[{feed}]")


def test_every_change_of_a_rule_asks_for_a_new_model(tmp_path: Path, config: LinkageConfig, model: Model) -> None:
    assert serves(model, config, int(model.content["records"]))
    assert not serves(model, changed(tmp_path, "threshold: ", "threshold: 1"), int(model.content["records"]))
    assert not serves(None, config, 1)


def test_a_model_serves_until_the_records_outgrow_it(config: LinkageConfig, model: Model) -> None:
    trained_on = int(model.content["records"])
    assert serves(model, config, int(1.4 * trained_on))
    assert not serves(model, config, 2 * trained_on)


def test_a_plain_column_of_a_labelled_file_is_compared_and_blocked_by(config: LinkageConfig) -> None:
    wider = config.with_categorical(["plain_trade"])
    assert wider.comparisons["plain_trade"].levels["same"].when == "same(token_plain_trade)"
    assert {"token_plain_trade", "encoding_plain_trade"} <= set(wider.columns)
    assert "rare(token_plain_trade)" in wider.blocking
    assert wider.constraints["undated"].unless["plain_trade"]
    assert "plain_trade" not in wider.constraints["twins"].unless
    assert wider.hash != config.hash
