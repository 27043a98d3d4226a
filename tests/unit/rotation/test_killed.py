"""A run that is killed at its worst moments, one after the other, and then let end: nothing is mixed or lost.

``benchmarks/rotation.py`` kills at fifty random moments, on the tokens of a million persons.
"""

import json
import signal
import subprocess
import sys

import polars as pl

from audit.events import Action
from audit.verify import verify
from hub.database import transaction
from hub.settings import PROJECT
from keys.home import log_verifiers
from tests.cases import ALL, takes_long
from tests.stored_log import said

POINTS = (  # where, at which call, before or after it is done
    ("rotate", 1, "after"),  # the ring has the new version, the log does not know
    ("rekeyed", 5, "before"),  # a draft is half written
    ("_resealed", 1, "after"),  # the new tables lie there, the database does not know
    ("append", 3, "after"),  # all is written, nothing committed
    ("_finish", 1, "before"),  # all is re-keyed, the end is not told
)


def killed(hub, rotation: str, point: tuple[str, int, str]) -> None:
    given = hub.settings.model_dump(mode="json", include={"home", "database_url", "agreement", "commit"})
    command = [sys.executable, "-m", "tests.unit.rotation.killed_run", json.dumps(given), rotation, *map(str, point)]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == -signal.SIGKILL, ran.stderr


@takes_long
def test_killed_at_its_worst_moments_it_goes_on_and_ends_as_if_undisturbed(hub):
    before, rotation = hub.stored(), hub.asked()
    for point in POINTS if ALL else POINTS[1:2]:  # the next one is tried as the source key is turned
        killed(hub, rotation, point)
    hub = hub.reopened()
    assert hub.run(rotation).left == 0
    after, chain = hub.stored(), hub.ring.versions()["hub"]
    assert (chain, {version for version, _ in after.values()}, hub.versions()) == (2, {2}, {2})
    for name, (_, records) in before.items():
        assert after[name][1]["record_id"].equals(records["record_id"])
    old, new = (pl.concat([each[name][1] for name in sorted(before)]) for each in (before, after))
    for column in (
        name for name in old.columns if name.startswith(("token_", "encoding_"))
    ):  # re-keyed once, not twice
        pairs = pl.DataFrame({"old": old[column], "new": new[column]}).drop_nulls().unique()
        assert pairs.height == pairs["old"].n_unique() == pairs["new"].n_unique()
    told = log(hub, Action.REKEY)
    assert sorted(entry["delivery"] for entry in told) == sorted(before)
    assert len(log(hub, Action.ROTATE_KEY)) == len(log(hub, Action.FINISH_ROTATION)) == 1
    with transaction(hub.settings) as connection:
        assert verify(connection, *log_verifiers(hub.settings, hub.ring)).problems == ()


def log(hub, action: Action) -> list[dict]:
    with transaction(hub.settings) as connection:
        return said(connection, action=action)
