"""A published release is taken back by an officer's order: its schema and files go, and the log says why."""

import json
from pathlib import Path
from typing import Any

import pytest

from publish import taking_back
from publish.appointing import new_key
from publish.errors import OrderRefused, PublicationRefused
from publish.ordering import Officer
from publish.releases import releases
from publish.taking_back import take_back
from tests.unit.assessment.test_evaluating import command
from tests.unit.publish.small_hub import OFFICER, Hub

NAME, WITHDRAWN, CANARY = "2026-Q3-v1", "publish:release:erasure", "Canary Zebedee"
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname = 'release_2026_q3_v1'"


def folder(hub: Hub) -> Path:
    return Path(next(one.uri for one in releases(hub.settings) if one.name == NAME).removeprefix("file://"))


def test_the_command_takes_schema_and_files_and_says_whom_to_tell(published: Hub, tmp_path: Path) -> None:
    key = tmp_path / "officer.pem"
    key.write_bytes(published.officer_key)
    assert folder(published).exists()
    said = ("--officer", OFFICER, "--key", str(key), "--reason", "A feed was wrong")
    done = command(published, "release", "withdraw", NAME, *said)
    assert done.returncode == 0, done.stderr
    assert (
        done.stdout
        == f"Withdrawn and logged: {NAME}. Have partnership_analysts destroy their copies, and confirm it.\n"
    )
    assert not folder(published).exists()
    assert published.rows(SCHEMAS) == []
    (entry,) = published.said(action=WITHDRAWN)
    assert (entry["actor"], entry["justification"], len(entry["detail"]["order"])) == (OFFICER, "A feed was wrong", 64)
    assert published.unsigned() == 0


def test_killed_before_the_files_are_gone_it_is_finished_without_a_new_order(
    published: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(taking_back, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            take_back(published.settings, NAME, Officer(OFFICER, "why", published.officer_key))
    assert (folder(published).exists(), published.rows(SCHEMAS)) == (True, [])
    take_back(published.settings, NAME, Officer(CANARY, "why", b"no key"))
    assert not folder(published).exists()
    assert published.logged(WITHDRAWN) == 1
    assert CANARY not in json.dumps(published.said())


def test_a_candidate_is_refused_and_not_taken_back(hub: Hub) -> None:
    with pytest.raises(PublicationRefused, match="which nobody was given"):
        take_back(hub.settings, hub.build().release, Officer(OFFICER, "why", hub.officer_key))


def test_nobody_but_an_appointed_officer_takes_anything_back(published: Hub) -> None:
    with pytest.raises(OrderRefused, match="no appointment"):
        take_back(published.settings, NAME, Officer(CANARY, "why", published.officer_key))
    with pytest.raises(OrderRefused, match="signature"):
        take_back(published.settings, NAME, Officer(OFFICER, "why", new_key()[0]))
    assert (published.logged(WITHDRAWN), published.logged("publish:order:refusal")) == (0, 2)
    assert folder(published).exists()
    assert CANARY not in json.dumps(published.said())
