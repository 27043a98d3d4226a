"""What a feed's file may not say of its transport: each is refused when the file is read."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.settings import PROJECT

FIRE, EXCLUSIONS = "fire.fire_setter_referrals", "council.exclusions"
BY_KEY = {"private_key": "the_key", "key_id": "1"}


def read(folder: Path, feed: str, **transport: Any) -> None:
    """Read the feed's file with changes to its transport; None takes an entry out."""
    content = yaml.safe_load((PROJECT / "config" / "feeds" / f"{feed}.yaml").read_text(encoding="utf-8"))
    changed = {name: value for name, value in (content["transport"] | transport).items() if value is not None}
    (folder / "feeds").mkdir()
    (folder / "feeds" / f"{feed}.yaml").write_text(yaml.safe_dump(content | {"transport": changed}), encoding="utf-8")
    load_feeds(folder)


@pytest.mark.parametrize("name", ["api_key", "apikey", "key", "access_token", "TOKEN", "client-secret", "password"])
def test_no_credential_is_sent_as_a_parameter(tmp_path, name) -> None:
    with pytest.raises(ConfigurationError, match="never in params"):
        read(tmp_path, FIRE, params={name: "x"})


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://hub:word@api.example"},
        {"url": "https://api.example?key=word"},
        {"url": "ftp://api.example"},
        {"path": "/rows?key=word"},
        {"path": "rows"},
        {"api_key_header": "X-Key: 1"},
        {"page_size": 0},
        {"requests_per_second": 0},
        {"by": "luck"},
        {"oauth2": {"token_path": "/token", "client_id": "hub", "client_secret": "word"}},  # and api_key
        {"api_key": None, "oauth2": {"token_path": "/token", "client_id": "hub"}},
        {
            "api_key": None,
            "oauth2": {"token_path": "/token", "client_id": "h", "client_secret": "s", "private_key_jwt": BY_KEY},
        },
        {
            "api_key": None,
            "oauth2": {"token_path": "/t", "client_id": "h", "private_key_jwt": BY_KEY | {"algorithm": "none"}},
        },
    ],
)
def test_what_rest_cannot_be(tmp_path, changes) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, FIRE, **changes)
    assert "word" not in str(refused.value)


@pytest.mark.parametrize(
    "changes", [{"changed_column": "changed_at"}, {"deleted_column": "deleted"}, {"overlap_minutes": 0}]
)
def test_a_table_that_tells_of_changes_tells_of_deletions_too(tmp_path, changes) -> None:
    with pytest.raises(ConfigurationError):
        read(tmp_path, EXCLUSIONS, **changes)


def test_every_way_of_rest_and_of_proof_can_be_said(tmp_path) -> None:
    oauth2 = {"token_path": "/token", "client_id": "hub", "private_key_jwt": BY_KEY | {"algorithm": "ES256"}}
    read(tmp_path, FIRE, by="cursor", next_cursor="meta.next", cursor_param="after", api_key=None, oauth2=oauth2)
