"""A feed's file says the same in its name, its content and the authority that the name begins with."""

import shutil

import pytest

from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.settings import PROJECT


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("authority: yot", "authority: prison", "The feed's name is not its authority's"),
        ("name: yot.cases", "name: yot.other", "The feed's name is not its file's"),
        ("authority: yot", "authority: 'The YOT'", "The entry authority is not valid"),
    ],
)
def test_a_feed_that_contradicts_itself_is_not_read(tmp_path, old, new, why):
    (tmp_path / "feeds").mkdir()
    path = tmp_path / "feeds" / "yot.cases.yaml"
    shutil.copy(PROJECT / "config" / "feeds" / path.name, path)
    assert list(load_feeds(tmp_path)) == ["yot.cases"]
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=why):
        load_feeds(tmp_path)
