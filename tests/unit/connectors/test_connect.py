"""Where a feed is fetched from: its own file says, and this hub's endpoints may say otherwise."""

import pytest

from connectors.connect import connect, located
from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.settings import Settings

FEEDS = load_feeds(Settings().config)


@pytest.mark.parametrize("name", FEEDS)
def test_every_configured_feed_has_a_connector(name, tmp_path) -> None:
    assert connect(Settings(home=tmp_path), FEEDS[name])


def test_without_an_endpoint_the_feeds_file_counts(tmp_path) -> None:
    assert located(Settings(home=tmp_path), FEEDS["yot.cases"]).host == "sftp.yot.example"


def test_a_feeds_own_endpoint_goes_before_its_authoritys(tmp_path) -> None:
    endpoints = {"council": "postgresql://one/council", "council.marac": "postgresql://two/council"}
    settings = Settings(home=tmp_path, endpoints=endpoints)
    assert located(settings, FEEDS["council.marac"]).url == "postgresql://two/council"
    assert located(settings, FEEDS["council.exclusions"]).url == "postgresql://one/council"


@pytest.mark.parametrize("endpoint", ["sftp.example", "sftp.example:ssh", ":22"])
def test_an_sftp_endpoint_without_host_or_port_is_refused(tmp_path, endpoint) -> None:
    with pytest.raises(ConfigurationError, match=r"yot\.cases"):
        located(Settings(home=tmp_path, endpoints={"yot.cases": endpoint}), FEEDS["yot.cases"])
