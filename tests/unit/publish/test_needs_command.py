"""hub assess: the assessment of a real release is permitted, logged with its hash, and written; or nothing is."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import yaml

from hub.settings import PROJECT
from publish.publication import publish
from tests.unit.publish.small_hub import Hub
from tests.warm import hub as run

ANALYSTS, RELEASE = "partnership_analysts", "2026-Q3-v1"
ASSESSED, READ, REFUSED = "assessment:needs:disclosure", "publish:table:consultation", "publish:table:refusal"
OURS = yaml.safe_load((PROJECT / "config" / "agreement.yaml").read_text(encoding="utf-8"))["recipients"][ANALYSTS]


def granted(terms: dict[str, Any]) -> None:
    """What the shipped agreement grants: the tests' own grants fewer columns."""
    terms["recipients"][ANALYSTS].update(tables=OURS["tables"])


@pytest.fixture
def published(hub: Hub) -> Hub:
    """A hub whose release is published with all that the shipped agreement grants."""
    hub.agree(granted)
    hub.decide(hub.build().release)
    publish(hub.settings, hub.ring, RELEASE)
    return hub


def command(hub: Hub, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    own = {"HUB_HOME": str(hub.settings.home), "HUB_CONFIG": str(hub.settings.config)}
    given = os.environ | own | {"HUB_DATABASE_URL": str(hub.settings.database_url), "HUB_COMMIT": "0" * 40}
    return run(["assess", "2026-Q3", "--out", str(folder), *more], given)


def test_it_is_written_as_the_log_says_or_not_at_all(published: Hub, tmp_path: Path) -> None:
    """One hub for three commands, since it takes seconds to fill one."""
    folder = tmp_path / "needs"
    _leaves_alone_what_somebody_else_wrote(published, tmp_path / "theirs")
    _is_written_as_the_log_says(published, folder)
    _is_refused_without_the_purpose(published, tmp_path / "later")


def _leaves_alone_what_somebody_else_wrote(hub: Hub, folder: Path) -> None:
    folder.mkdir()
    (folder / "kinds.csv").write_text("mine", encoding="utf-8")
    refused = command(hub, folder)
    assert refused.returncode == 1
    assert [path.name for path in folder.iterdir()] == ["kinds.csv"]
    assert (folder / "kinds.csv").read_text(encoding="utf-8") == "mine"
    assert hub.logged(ASSESSED) == 0


def _is_written_as_the_log_says(hub: Hub, folder: Path) -> None:
    done = command(hub, folder, "--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)["files"]
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in listed}
    said = hub.said(action=ASSESSED)[-1]
    assert said["detail"]["sha256"] == hashlib.sha256(rfc8785.dumps(hashes)).hexdigest()
    assert (said["release"], said["recipient"], said["purpose"]) == (RELEASE, ANALYSTS, "needs-assessment")
    assert said["detail"]["cells_small"] > 0
    reads = hub.said(action=READ)
    assert {entry["table"] for entry in reads} == {
        "person", "event", "involvement", "factor", "intervention", "area", "release",
    }  # fmt: skip
    assert {entry["purpose"] for entry in reads} == {"needs-assessment"}
    assert hub.unsigned() == 0
    kinds = (folder / "kinds.csv").read_text(encoding="utf-8")
    assert ",c," in kinds
    assert not any(",1," in line or line.endswith(",1") for line in kinds.splitlines())


def _is_refused_without_the_purpose(hub: Hub, folder: Path) -> None:
    before = (hub.logged(ASSESSED), hub.logged(REFUSED))
    hub.agree(lambda terms: terms["recipients"][ANALYSTS].update(purposes=["strategy", "evaluation"]))
    refused = command(hub, folder)
    assert refused.returncode == 1
    assert "purpose" in refused.stderr
    assert not folder.exists()
    assert (hub.logged(ASSESSED), hub.logged(REFUSED)) == (before[0], before[1] + 1)


def test_a_quarter_without_a_release_is_refused_in_one_sentence(hub: Hub, tmp_path: Path) -> None:
    refused = command(hub, tmp_path)
    assert refused.returncode == 1
    assert "There is nothing to assess in releases of 2026-Q3" in refused.stderr
