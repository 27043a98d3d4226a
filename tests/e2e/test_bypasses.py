"""How an engineer may try to publish what nobody approved, through a real Airflow's REST interface and the database.

One home, one run of the DAG ``release`` whose candidate awaits a decision, every attempt upon it. After each nothing is
published, and the attempt is a refusal in the log. At the end the same run publishes, once it is rightly approved.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from agreement.policy import load_agreement
from agreement.signing import private_key
from cli.running import prepare
from cli.runtime import airflow, configuration
from hub import postgres
from hub.clock import now
from hub.settings import PROJECT, Settings
from keys.home import open_ring
from keys.services import Service
from publish.appointing import appoint, new_key
from publish.publication import publish
from tests.agreed import agree, pem
from tests.unit.publish.small_hub import GRANTED, OFFICER, Q3, STREET, Hub
from tests.warm import hub as run

pytestmark = pytest.mark.timeout(900)
PATIENCE_S = 300
FIRST, PENDING = "2026-Q3-v1", "2026-Q3-v2"
RUN = "/api/v2/dags/release/dagRuns"
Json = dict[str, Any]


@dataclass
class Place:
    """A hub that has published one release, and the run whose candidate of the next awaits a decision."""

    hub: Hub
    folder: Path
    run: str = ""
    answered: str = ""
    logged: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Json | None = None, user: str = "engineer") -> requests.Response:
        """A request to Airflow as one of its users."""
        base = airflow.page(self.hub.settings)
        with requests.Session() as session:
            session.trust_env = False
            if user not in self.tokens:
                login = {"username": user, "password": configuration.password(self.hub.settings, user)}
                answer = session.post(f"{base}/auth/token", json=login, timeout=120)
                self.tokens[user] = answer.json()["access_token"]
            headers = {"Authorization": f"Bearer {self.tokens[user]}"}
            return session.request(method, base + path, json=body, headers=headers, timeout=120)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The hub command in this home."""
        return run(list(words), self.hub.settings.environment() | {"COLUMNS": "120"})

    def state(self, task: str) -> str | None:
        """The state of a task of the run."""
        answer = self.ask("GET", f"{RUN}/{self.run}/taskInstances/{task}")
        return None if answer.status_code == 404 else answer.json()["state"]

    def wait(self, task: str, state: str) -> None:
        """Wait until a task is in a state."""
        until = time.monotonic() + PATIENCE_S
        while (found := self.state(task)) != state:
            assert time.monotonic() < until, f"{task} is {found}"
            time.sleep(0.5)

    def start(self) -> None:
        """Start a run of the release DAG for the quarter, as the engineer may, and wait until it asks the reviewer."""
        body = {"logical_date": None, "partition_key": str(Q3)}
        self.run = self.ask("POST", RUN, body).json()["dag_run_id"]
        self.wait("approve", "awaiting_input")
        time.sleep(1.5)  # an answer that comes earlier is taken for the task's end (dags/README.md)

    def mark(self, task: str, state: str = "success") -> None:
        """Mark a task by hand."""
        answer = self.ask("PATCH", f"{RUN}/{self.run}/taskInstances/{task}", {"new_state": state})
        assert answer.ok, answer.text

    def answer(self, user: str) -> requests.Response:
        """Answer the approval."""
        body = {"chosen_options": ["Approve"], "params_input": {}}
        answered = self.ask("PATCH", f"{RUN}/{self.run}/taskInstances/approve/-1/hitlDetails", body, user)
        self.answered = self.run if answered.ok else self.answered
        return answered

    def clear(self, *tasks: str) -> None:
        """Have tasks run again."""
        body = {"dry_run": False, "only_failed": False, "dag_run_id": self.run, "task_ids": list(tasks)}
        answer = self.ask("POST", "/api/v2/dags/release/clearTaskInstances", body)
        assert answer.ok, answer.text

    def publish_again(self) -> str:
        """Let the run's last task run again; its state at the end."""
        self.clear("publish")
        return self.ended()

    def ended(self) -> str:
        """Wait until the run has ended; the state of its last task. To clear a task earlier would race with that."""
        until = time.monotonic() + PATIENCE_S
        while (found := self.ask("GET", f"{RUN}/{self.run}").json()["state"]) not in ("failed", "success"):
            assert time.monotonic() < until, f"the run is {found}"
            time.sleep(0.5)
            if self.answered == self.run and self.state("approve") == "awaiting_input":  # asked again (dags/README.md)
                time.sleep(1.5)
                self.answer("ig")
        return str(self.state("publish"))

    def candidate(self) -> Json:
        """What the run passes on from its first task to its last."""
        path = f"{RUN}/{self.run}/taskInstances/build_candidate/xcomEntries/candidate?deserialize=true"
        found: Json = self.ask("GET", path).json()["value"]
        return found

    def pass_on(self, value: Json) -> None:
        """Edit that."""
        path = f"{RUN}/{self.run}/taskInstances/build_candidate/xcomEntries/candidate"
        answer = self.ask("PATCH", path, {"value": value})
        assert answer.ok, answer.text

    def decide(self, verdict: str = "approve", key: str = "officer.pem", officer: str = OFFICER) -> str:
        """Decide on the candidate with the command; what it said."""
        words = ("--officer", officer, "--key", str(self.folder / key), "--reason", "Looked at")
        ran = self.command("release", verdict, PENDING, *words)
        return ran.stdout if ran.returncode == 0 else ran.stderr

    def refusals(self) -> list[Json]:
        """The refusals in the log since this was last asked."""
        refused = self.hub.said(outcome="refused")
        new, self.logged = refused[self.logged :], len(refused)
        return new

    def published(self) -> tuple[Any, ...]:
        """All that is to be seen of publications: folders, states, schemas, current views, disclosures in the log."""
        releases = Path(self.hub.settings.zone("releases"))
        return (
            sorted(path.name for path in releases.iterdir()),
            self.hub.rows("SELECT name, state FROM hub.release ORDER BY name"),
            self.hub.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'release%%' ORDER BY 1"),
            self.hub.rows("SELECT release FROM current.manifest"),
            self.hub.rows("SELECT count(*) FROM current.event"),
            self.hub.logged("publish:release:disclosure"),
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A home of its own, since each attempt leaves its traces, with a real Airflow."""
    folder = tmp_path_factory.mktemp("by")
    shutil.copytree(PROJECT / "config", folder / "config")
    granted = {"tables": GRANTED}
    agree(folder / "config/agreement.yaml", lambda terms: terms["recipients"]["partnership_analysts"].update(granted))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_COMMIT", "0" * 40)  # so that Airflow's tasks build what this process builds
        settings = Settings(home=folder / "home", config=folder / "config")
        prepare(settings)
        airflow.launch(settings)
        try:
            yield _with_a_candidate(settings, folder)
        finally:
            airflow.stop(settings)
            postgres.stop(settings.home)


def _with_a_candidate(settings: Settings, folder: Path) -> Place:
    private, public = new_key()
    (folder / "officer.pem").write_bytes(private)
    hub = Hub(settings, open_ring(settings, Service.CUSTODIAN), private)
    hub.appoint(OFFICER, public)
    hub.fill().decide(hub.build().release)
    publish(settings, hub.ring, FIRST)
    hub.deliver("police.street_crime", Q3, STREET[:1])
    airflow.wait_until_ready(settings)
    place = Place(hub, folder)
    place.start()
    return place


@pytest.fixture(autouse=True)
def _nothing_published_since(place: Place) -> Iterator[None]:
    """Whatever a test does, nothing more is published after it, and the log is sound."""
    before = place.published()
    assert before[0] == [FIRST]
    place.refusals()
    yield
    assert place.published() == before
    assert place.hub.unsigned() == 0


def change(place: Place, statement: str) -> None:
    """Change the database by hand, as its administrator could."""
    place.hub.rows(statement + " RETURNING 1")


# (e) Approving as an engineer -----------------------------------------------------------------------------------------


def test_airflow_turns_an_engineers_answer_away_and_the_log_says_so(place: Place) -> None:
    assert place.answer("engineer").status_code == 403

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["actor"], refusal["release"]) == ("dags:task:refusal", "engineer", PENDING)
    assert "an answer to approve by somebody who is not asked was refused" in refusal["justification"]
    assert place.state("approve") == "awaiting_input"


def test_the_reviewers_own_answer_publishes_nothing_without_a_signed_decision(place: Place) -> None:
    assert place.answer("ig").ok
    assert place.ended() == "failed"

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "rule 1: there is no decision on it" in refusal["justification"]


@pytest.mark.parametrize(("officer", "rule"), [("engineer", "rule 2:"), (OFFICER, "rule 3:")])
def test_an_engineers_own_key_signs_no_decision(place: Place, officer: str, rule: str) -> None:
    (place.folder / "engineer.pem").write_bytes(new_key()[0])

    assert rule in place.decide(key="engineer.pem", officer=officer)

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert rule in refusal["justification"]


def test_an_engineers_own_appointment_makes_him_no_officer(place: Place) -> None:
    """He writes it into the council's name, into the table too, and his decision past all checks into its table."""
    private, public = new_key()
    (place.folder / "engineer.pem").write_bytes(private)
    year = (now().date(), now().date().replace(month=12, day=31))
    honest = appoint(load_agreement(place.hub.settings), "engineer", public, "council", pem("council"), *year)
    forged = honest.signed(private_key(private))
    (place.folder / "forged.json").write_bytes(forged.document())

    ran = place.command("officer", "register", str(place.folder / "forged.json"))
    assert ran.returncode == 1
    assert "not by the key that the agreement states for council" in ran.stderr
    (refusal,) = place.refusals()
    assert refusal["action"] == "publish:officer:refusal"

    change(place, f"INSERT INTO hub.officer VALUES ('{forged.digest}', '{forged.document().decode()}', now())")
    assert "rule 2:" in place.decide(key="engineer.pem", officer="engineer")
    _sign_past_the_checks(place, private, "engineer")
    assert place.publish_again() == "failed"
    change(place, f"DELETE FROM hub.officer WHERE digest = '{forged.digest}'")
    change(place, "DELETE FROM hub.decision WHERE strpos(statement, 'engineer') > 0")

    by_command, by_run = place.refusals()
    for refusal in (by_command, by_run):
        assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
        assert "rule 2:" in refusal["justification"]


def _sign_past_the_checks(place: Place, key: bytes, officer: str) -> None:
    from publish.decision import Statement, Subject

    agreed = load_agreement(place.hub.settings).hash
    subject = Subject(PENDING, place.candidate()["manifest_hash"], agreed)
    until = now().replace(year=now().year + 1)
    said = Statement.of(subject, officer=officer, verdict="approve", reason="Fine", decided_at=now(), expires_at=until)
    signature = private_key(key).sign(said.canonical()).hex()
    values = f"'{PENDING}', '{said.canonical().decode()}', decode('{signature}', 'hex'), now()"
    change(place, f"INSERT INTO hub.decision (release, statement, signature, recorded_at) VALUES ({values})")


# (a) Marking tasks ----------------------------------------------------------------------------------------------------


def test_marking_the_approval_successful(place: Place) -> None:
    place.clear("approve", "publish")
    place.wait("approve", "awaiting_input")
    place.mark("approve")
    assert place.ended() == "failed"

    marked, refusal = place.refusals()
    assert (marked["action"], marked["actor"], marked["release"]) == ("dags:task:refusal", "engineer", PENDING)
    assert marked["detail"] == {"dag": "release", "task": "approve"}
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "rule 1:" in refusal["justification"]


@pytest.mark.parametrize("state", ["success", "skipped"])
def test_marking_the_publication_itself_done(place: Place, state: str) -> None:
    place.mark("publish", state)
    assert place.state("publish") == state

    (marked,) = place.refusals()
    assert (marked["action"], marked["actor"], marked["release"]) == ("dags:task:refusal", "engineer", PENDING)
    assert marked["detail"] == {"dag": "release", "task": "publish"}
    assert f"publish was set to {state} by hand, in the run {place.run}" in marked["justification"]


def test_marking_the_whole_run_successful(place: Place) -> None:
    assert place.publish_again() == "failed"
    place.refusals()
    assert place.ask("PATCH", f"{RUN}/{place.run}", {"state": "success"}).ok

    (marked,) = place.refusals()
    assert (marked["action"], marked["actor"], marked["release"]) == ("dags:task:refusal", "engineer", PENDING)
    assert f"the run was set to success by hand, in the run {place.run}" in marked["justification"]


# (b) Editing what is passed on ----------------------------------------------------------------------------------------


def another_release(place: Place) -> Json:
    return {"release": "2026-Q2-v1", "manifest_hash": "b" * 64}


def an_invented_one(place: Place) -> Json:
    return {"release": "2031-Q1-v7", "manifest_hash": "a" * 64}


def one_approved_earlier(place: Place) -> Json:
    ((manifest_hash,),) = place.hub.rows(f"SELECT manifest_hash FROM hub.release WHERE name = '{FIRST}'")
    return {"release": FIRST, "manifest_hash": manifest_hash}


def the_same_with_the_hash_of_one_approved_earlier(place: Place) -> Json:
    return one_approved_earlier(place) | {"release": PENDING}


EDITS = (another_release, an_invented_one, one_approved_earlier, the_same_with_the_hash_of_one_approved_earlier)


@pytest.mark.parametrize("edit", EDITS)
def test_what_the_run_passes_on_is_edited_to(place: Place, edit: Callable[[Place], Json]) -> None:
    honest = place.candidate()
    edited = honest | edit(place)
    place.pass_on(edited)
    try:
        assert place.publish_again() == "failed"
    finally:
        place.pass_on(honest)

    first, refusal, last = place.refusals()
    for by_hand in (first, last):
        assert (by_hand["action"], by_hand["actor"]) == ("dags:task:refusal", "engineer")
        assert "what build_candidate passes on was edited (PATCH)" in by_hand["justification"]
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", edited["release"])
    assert f"another candidate than the log, where {PENDING} was built last" in refusal["justification"]


def test_what_the_run_passes_on_is_taken_out_and_put_in_anew(place: Place) -> None:
    path = f"{RUN}/{place.run}/taskInstances/build_candidate/xcomEntries"
    honest = place.candidate()
    assert place.ask("DELETE", f"{path}/candidate").ok
    assert place.publish_again() == "failed"
    assert place.ask("POST", path, {"key": "candidate", "value": honest, "map_index": -1}).ok

    deleted, refusal, posted = place.refusals()
    assert [entry["actor"] for entry in (deleted, posted)] == ["engineer", "engineer"]
    assert (refusal["action"], refusal["period"]) == ("publish:release:refusal", "2026-Q3")


# (c) Replaying an old decision ----------------------------------------------------------------------------------------


def test_the_decision_on_an_earlier_version_is_put_beside_the_candidate(place: Place) -> None:
    change(
        place,
        "INSERT INTO hub.decision (release, statement, signature, recorded_at) "
        f"SELECT '{PENDING}', statement, signature, now() FROM hub.decision WHERE release = '{FIRST}'",
    )
    assert place.publish_again() == "failed"
    change(place, f"DELETE FROM hub.decision WHERE release = '{PENDING}'")

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "rule 4: it was made on another candidate" in refusal["justification"]


def test_an_approval_is_put_back_in_the_place_of_the_refusal_that_followed_it(place: Place) -> None:
    assert "signed approve" in place.decide("approve")
    assert "signed refuse" in place.decide("refuse")
    of_it = f"FROM hub.decision WHERE release = '{PENDING}' AND strpos(statement, "
    change(
        place,
        "INSERT INTO hub.decision (release, statement, signature, recorded_at) "
        f"SELECT release, statement, signature, now() {of_it} 'approve') > 0",
    )
    change(place, f"DELETE {of_it} 'refuse') > 0")
    assert place.publish_again() == "failed"

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "rule 7:" in refusal["justification"]


# (d) Approving a changed candidate ------------------------------------------------------------------------------------


def test_the_manifest_is_changed_after_the_approval(place: Place) -> None:
    assert "signed approve" in place.decide("approve")
    change(
        place,
        f"UPDATE hub.release SET manifest = replace(manifest, '\"rows\":', '\"rows\":1') WHERE name = '{PENDING}'",
    )
    assert place.publish_again() == "failed"
    change(
        place,
        f"UPDATE hub.release SET manifest = replace(manifest, '\"rows\":1', '\"rows\":') WHERE name = '{PENDING}'",
    )

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "rule 4: it was made on another candidate" in refusal["justification"]


def test_a_sealed_file_is_changed_after_the_approval(place: Place) -> None:
    ((uri,),) = place.hub.rows(f"SELECT uri FROM hub.release WHERE name = '{PENDING}'")
    sealed = Path(uri) / "person.parquet.sealed"
    honest = sealed.read_bytes()
    sealed.write_bytes(honest[:-20] + bytes([honest[-20] ^ 1]) + honest[-19:])
    assert place.publish_again() == "failed"
    sealed.write_bytes(honest)

    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "does not open" in refusal["justification"]


def test_a_delivery_changes_the_candidate_after_the_approval(place: Place) -> None:
    place.hub.deliver("police.street_crime", Q3, STREET[1:])
    approved = place.run
    place.start()
    assert place.answer("ig").ok
    assert place.ended() == "failed"  # the new run: the approval was of the old candidate
    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "rule 4: it was made on another candidate" in refusal["justification"]

    place.run, latest = approved, place.run
    assert place.publish_again() == "failed"  # the old run: its candidate is not there any more
    place.run = latest
    (refusal,) = place.refusals()
    assert (refusal["action"], refusal["release"]) == ("publish:release:refusal", PENDING)
    assert "another candidate than the log" in refusal["justification"]


# And the right way ----------------------------------------------------------------------------------------------------


class TestTheRightWay:
    """The same run, after all of that."""

    @pytest.fixture(autouse=True)
    def _nothing_published_since(self) -> None:
        """Something is, here."""

    def test_the_same_run_publishes_once_an_officer_approved_this_very_candidate(self, place: Place) -> None:
        assert "signed approve" in place.decide("approve")
        assert place.publish_again() == "success"

        folders, states, *_ = place.published()
        assert folders == [FIRST, PENDING]
        assert states == [(FIRST, "published"), (PENDING, "published")]
        assert place.hub.rows("SELECT release FROM current.manifest") == [(PENDING,)]
