"""Publication: at once or not at all, and only what an officer approved. Each refusal is in the log."""

import json
import os
import shutil
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, func, insert, select, update

from agreement.errors import AgreementRefusal, SigningRefused
from agreement.policy import load_agreement
from agreement.signing import private_key
from api.errors import NotOffered
from api.serving import offered
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.models import BUNDLE
from hub.clock import now
from hub.database import transaction
from hub.errors import HubError
from hub.settings import Settings
from keys.home import log_signer
from publish.appointing import dismiss, new_key
from publish.deciding import decisions_on, record_decision, subject_of
from publish.decision import Decision, Statement, sign
from publish.errors import DecisionRefused, PublicationRefused
from publish.files import damaged
from publish.models import DecisionRow
from publish.officers import register
from publish.publication import Published, publish
from publish.releases import find, releases
from tests.agreed import KEYS, pem
from tests.cases import takes_long
from tests.stored_log import unguarded
from tests.unit.publish.small_hub import OFFICER, Q3, STREET, Hub

RELEASE = "2026-Q3-v1"


def publish_it(hub: Hub) -> Published:
    return publish(hub.settings, hub.ring, RELEASE)


def folder(hub: Hub) -> Path:
    return Path(hub.settings.zone("releases")) / RELEASE


def plain_files(hub: Hub) -> list[Path]:
    """Every readable Parquet file, hidden or not, under the releases."""
    return list(Path(hub.settings.zone("releases")).rglob("*.parquet"))


def sealed_files(hub: Hub) -> list[Path]:
    """Every sealed file of a candidate."""
    return list(Path(hub.settings.zone("candidates")).rglob("*.sealed"))


def schemas(hub: Hub) -> set[str]:
    return {name for (name,) in hub.rows("SELECT nspname FROM pg_namespace")} & {"current", "release_2026_q3_v1"}


def assert_unpublished(hub: Hub) -> None:
    assert [release.state for release in releases(hub.settings)] == ["candidate"]
    assert not schemas(hub)
    assert not folder(hub).exists()
    assert hub.logged("publish:release:disclosure") == 0


@pytest.fixture
def approved(hub: Hub) -> Hub:
    """A hub whose candidate is approved."""
    hub.decide(hub.build().release)
    return hub


def test_the_published_files_are_the_very_bytes_that_were_decided_on(approved: Hub) -> None:
    published = publish_it(approved)
    manifest = json.loads((folder(approved) / "manifest.json").read_bytes())
    assert sha256((folder(approved) / "manifest.json").read_bytes()).hexdigest() == published.manifest_hash
    for table in manifest["tables"]:
        assert sha256((folder(approved) / table["file"]).read_bytes()).hexdigest() == table["sha256"]
    assert json.loads((folder(approved) / "decision.json").read_bytes())["statement"]["officer"] == OFFICER


def test_analysts_read_the_same_rows_by_parquet_and_by_sql(approved: Hub) -> None:
    published = publish_it(approved)
    for table in ("person", "event", "involvement"):
        parquet = duckdb.sql(f"SELECT * FROM '{published.uri}/{table}.parquet'").pl().rows()
        by_schema = approved.rows(f"SELECT * FROM {published.schema}.{table}")
        assert len(parquet) == published.rows[table]
        assert set(parquet) == set(by_schema) == set(approved.rows(f"SELECT * FROM current.{table}"))


def test_the_database_has_right_types_meanings_and_the_manifest(approved: Hub) -> None:
    publish_it(approved)
    types = dict(
        approved.rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'release_2026_q3_v1' AND table_name = 'event'"
        )
    )
    assert types["occurred_at"] == "timestamp with time zone"
    assert types["occurred_on"] == "date"
    assert types["knife"] == "boolean"
    assert approved.rows("SELECT col_description('release_2026_q3_v1.person'::regclass, 1)")[0][0]
    assert approved.rows("SELECT manifest ->> 'quarter', release FROM current.manifest") == [("2026-Q3", RELEASE)]
    assert approved.rows("SELECT knife, count(*) FROM current.event GROUP BY 1 ORDER BY 1") == [
        (False, 1),
        (True, 2),
        (None, 4),
    ]


def test_each_table_disclosed_is_an_entry_with_recipient_columns_and_purpose(approved: Hub) -> None:
    publish_it(approved)
    entries = {entry["table"]: entry for entry in approved.said(action="publish:release:disclosure")}
    assert set(entries) == {"person", "event", "involvement"}
    assert entries["person"]["recipient"] == "partnership_analysts"
    assert entries["person"]["rows"] == 3
    assert "person_id" in entries["person"]["columns"]
    assert "needs-assessment" in entries["person"]["purpose"]


def test_published_again_nothing_happens(approved: Hub) -> None:
    first = publish_it(approved)
    stamp = (folder(approved) / "person.parquet").stat().st_mtime_ns
    assert publish_it(approved) == first
    assert (folder(approved) / "person.parquet").stat().st_mtime_ns == stamp
    assert approved.logged("publish:release:disclosure") == 3
    assert approved.build().unchanged


def test_what_is_published_is_signed_in_the_log_and_its_sealed_candidate_is_gone(approved: Hub) -> None:
    assert approved.unsigned() == 0
    assert sealed_files(approved)
    publish_it(approved)
    assert approved.unsigned() == 0
    assert not sealed_files(approved)
    left = "SELECT id FROM hub.data_key WHERE starts_with(id, 'candidate/') AND wrapped IS NOT NULL"
    assert approved.rows(left) == []


def test_a_correction_is_the_next_version_and_becomes_current(approved: Hub) -> None:
    publish_it(approved)
    approved.deliver("police.street_crime", Q3, STREET[:1])
    corrected = approved.build()
    assert corrected.release == "2026-Q3-v2"
    assert approved.rows("SELECT count(*) FROM current.event") == [(7,)]
    approved.decide(corrected.release)
    publish(approved.settings, approved.ring, corrected.release)
    assert approved.rows("SELECT count(*) FROM current.event") == [(6,)]
    assert approved.rows("SELECT count(*) FROM release_2026_q3_v1.event") == [(7,)]


def test_no_release_of_that_name(hub: Hub) -> None:
    with pytest.raises(PublicationRefused, match="no such release"):
        publish(hub.settings, hub.ring, "2030-Q1-v1")


def test_a_published_release_is_not_decided_on_again(approved: Hub) -> None:
    publish_it(approved)
    with pytest.raises(DecisionRefused, match="published already"):
        approved.decide(RELEASE, "refuse")


def test_a_published_file_that_was_altered_is_named(approved: Hub) -> None:
    publish_it(approved)
    (folder(approved) / "person.parquet").write_bytes(b"other")
    with pytest.raises(PublicationRefused, match=r"person\.parquet"):
        publish_it(approved)


# Bypasses: how somebody may try to publish without a valid approval ------------------------------------------------


def by_nobody(hub: Hub) -> None:
    hub.build()


def refused_by_the_officer(hub: Hub) -> None:
    hub.decide(hub.build().release, "refuse", reason="Too few")


def approved_before_it_was_refused(hub: Hub) -> None:
    release = hub.build().release
    hub.decide(release)
    hub.decide(release, "refuse")


def refusal_taken_out_of_the_table(hub: Hub) -> None:
    approved_before_it_was_refused(hub)
    change(hub, "DELETE FROM hub.decision WHERE statement::jsonb ->> 'verdict' = 'refuse'")


def refusal_turned_into_an_approval(hub: Hub) -> None:
    refused_by_the_officer(hub)
    change(hub, "UPDATE hub.decision SET statement = replace(statement, '\"refuse\"', '\"approve\"')")


def approval_that_has_expired(hub: Hub) -> None:
    release = hub.build().release
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("publish.deciding.now", lambda: now() - timedelta(days=20))
        hub.decide(release, valid_for=timedelta(days=14))


def approval_of_what_was_built_before(hub: Hub) -> None:
    hub.decide(hub.build().release)
    hub.deliver("police.street_crime", Q3, STREET[:1])
    hub.build()


def approval_under_another_agreement(hub: Hub) -> None:
    hub.decide(hub.build().release)
    hub.agree(lambda terms: terms.update(version="1.1"))


def agreement_that_has_expired(hub: Hub) -> None:
    hub.decide(hub.build().release)
    hub.agree(but=["yot"])


def manifest_changed_after_the_decision(hub: Hub) -> None:
    hub.decide(hub.build().release)
    change(hub, "UPDATE hub.release SET manifest = replace(manifest, '\"rows\":3', '\"rows\":4')")


def officer_taken_out_of_the_table(hub: Hub) -> None:
    hub.decide(hub.build().release)
    change(hub, "DELETE FROM hub.officer")


def officer_given_another_name(hub: Hub) -> None:
    hub.decide(hub.build().release)
    change(hub, "UPDATE hub.officer SET document = replace(document, 'ig officer', 'engineer')")


def officer_given_another_key(hub: Hub) -> None:
    hub.decide(hub.build().release)
    other = b64encode(bytes(range(32))).decode()
    change(hub, f'UPDATE hub.officer SET document = (document::jsonb || \'{{"public_key": "{other}"}}\')::text')


def officer_dismissed_since(hub: Hub) -> None:
    hub.decide(hub.build().release)
    key = private_key(hub.officer_key).public_key()
    public = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    said = dismiss(load_agreement(hub.settings), OFFICER, public, "council", pem("council"), now().date())
    register(hub.settings, said.document())
    change(hub, f"DELETE FROM hub.officer WHERE digest = '{said.digest}'")


def party_given_another_key_by_a_new_version(hub: Hub) -> None:
    """All six sign a version with a new key of the council's; the candidate is built and approved under it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(KEYS, "council", Ed25519PrivateKey.generate())
        hub.agree()
    hub.build()
    decide_by_hand(hub)


def decide_by_hand(hub: Hub) -> None:
    """Put the officer's approval of the pending candidate into the table and the log, past all that checks it."""
    with transaction(hub.settings) as connection:
        subject = subject_of(find(connection, RELEASE), load_agreement(hub.settings).hash)
        until = now() + timedelta(days=1)
        said = Statement.of(
            subject, officer=OFFICER, verdict="approve", reason="Fine", decided_at=now(), expires_at=until
        )
        signed = sign(said, private_key(hub.officer_key))
        row = {"release": RELEASE, "statement": said.canonical().decode(), "signature": signed.signature}
        connection.execute(insert(DecisionRow).values(row | {"recorded_at": now()}))
        log_again(hub, connection, said.digest)


def log_again(hub: Hub, connection: Connection, digest: str) -> None:
    """Add an entry of a decision to the log, as whoever runs code on the hub can."""
    said = {"actor": OFFICER, "release": RELEASE, "justification": "again", "code_commit": "0" * 40}
    append(connection, Entry(action=Action.DECIDE, detail={"decision": digest}, **said))
    checkpoint(connection, log_signer(hub.settings, hub.ring))


def refusal_taken_out_of_the_table_and_the_approval_logged_again(hub: Hub) -> None:
    refusal_taken_out_of_the_table(hub)
    with transaction(hub.settings) as connection:
        (approval,) = decisions_on(connection, RELEASE)
        log_again(hub, connection, approval.statement.digest)


def old_decision_put_into_the_table_again(hub: Hub) -> None:
    refused_by_the_officer(hub)
    hub.decide(RELEASE)
    hub.decide(RELEASE, "refuse")
    change(
        hub,
        "INSERT INTO hub.decision (release, statement, signature, recorded_at) "
        "SELECT release, statement, signature, now() FROM hub.decision WHERE strpos(statement, 'approve') > 0",
    )


def sealed_table_altered(hub: Hub) -> None:
    made = hub.build()
    hub.decide(made.release)
    path = Path(made.uri) / "person.parquet.sealed"
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)


def sealed_table_exchanged(hub: Hub) -> None:
    made = hub.build()
    hub.decide(made.release)
    Path(made.uri, "person.parquet.sealed").write_bytes(Path(made.uri, "event.parquet.sealed").read_bytes())


def sealed_table_missing(hub: Hub) -> None:
    made = hub.build()
    hub.decide(made.release)
    Path(made.uri, "person.parquet.sealed").unlink()


def change(hub: Hub, statement: str) -> None:
    """Change the database by hand, as its administrator could."""
    with transaction(hub.settings) as connection:
        assert connection.exec_driver_sql(statement).rowcount == 1


BYPASSES: list[tuple[Callable[[Hub], None], str]] = [
    (by_nobody, "rule 1:"),
    (officer_taken_out_of_the_table, "rule 2:"),
    (officer_given_another_name, "rule 2:"),
    (officer_given_another_key, "rule 2:"),
    (officer_dismissed_since, "rule 2:"),
    (party_given_another_key_by_a_new_version, "rule 2:"),
    (refusal_turned_into_an_approval, "rule 3:"),
    (approval_of_what_was_built_before, "rule 4:"),
    (manifest_changed_after_the_decision, "rule 4:"),
    (approval_under_another_agreement, "rule 5:"),
    (approval_that_has_expired, "rule 6:"),
    (refusal_taken_out_of_the_table, "rule 7:"),
    (refusal_taken_out_of_the_table_and_the_approval_logged_again, "rule 7:"),
    (old_decision_put_into_the_table_again, "rule 8:"),
    (refused_by_the_officer, "rule 8:"),
    (approved_before_it_was_refused, "rule 8:"),
    (agreement_that_has_expired, "has not signed"),
    (sealed_table_altered, "does not open"),
    (sealed_table_exchanged, "does not open"),
    (sealed_table_missing, "does not open"),
]


@pytest.mark.parametrize(("attempt", "why"), [pytest.param(a, w, id=a.__name__) for a, w in BYPASSES])
def test_a_release_is_not_published_by(hub: Hub, attempt: Callable[[Hub], None], why: str) -> None:
    attempt(hub)
    with pytest.raises(HubError, match=why):
        publish_it(hub)
    assert_unpublished(hub)
    assert not plain_files(hub)
    assert hub.logged("publish:release:refusal") + hub.logged("agreement:act:refusal") == 1
    assert hub.unsigned() == 0


# Decisions that are refused before they are recorded ---------------------------------------------------------------


def test_an_engineer_cannot_decide(hub: Hub) -> None:
    private, _ = new_key()
    release = hub.build().release
    with pytest.raises(DecisionRefused, match="rule 2:"):
        hub.decide(release, officer="engineer", key=private)
    with pytest.raises(DecisionRefused, match="rule 3:"):
        hub.decide(release, key=private)
    with pytest.raises(SigningRefused):
        hub.decide(release, key=b"no key")
    assert hub.rows("SELECT count(*) FROM hub.decision") == [(0,)]
    assert hub.logged("publish:release:decision") == 0
    assert hub.logged("publish:release:refusal") == 3


def test_under_an_agreement_that_is_not_in_force_nobody_decides(hub: Hub) -> None:
    release = hub.build().release
    hub.agree(but=["police"])
    with pytest.raises(AgreementRefusal, match="police"):
        hub.decide(release)
    assert hub.logged("agreement:act:refusal") == 1


def test_nothing_is_published_while_the_log_does_not_verify(hub: Hub) -> None:
    """The refusal is taken out of the table, and out of what the log is searched by."""
    refusal_taken_out_of_the_table(hub)
    with transaction(hub.settings) as connection, unguarded(connection):
        decided = BUNDLE.c.terms.contains(["action=publish:release:decision"])
        newest = select(func.max(BUNDLE.c.first)).where(decided).scalar_subquery()
        other = func.array_replace(BUNDLE.c.terms, f"release={RELEASE}", "release=other")
        connection.execute(update(BUNDLE).where(BUNDLE.c.first == newest).values(terms=other))
    with pytest.raises(PublicationRefused, match="while the log does not verify"):
        publish_it(hub)
    assert_unpublished(hub)
    assert hub.logged("publish:release:refusal") == 1


def test_a_candidate_called_published_by_hand_is_not_written_into_the_open(hub: Hub) -> None:
    hub.build()
    change(hub, f"UPDATE hub.release SET state = 'published', uri = '{folder(hub)}'")
    with pytest.raises(PublicationRefused, match="does not know that it was published"):
        publish_it(hub)
    assert not plain_files(hub)
    assert hub.logged("publish:release:refusal") == 1


def test_an_old_decision_cannot_be_handed_in_again(hub: Hub) -> None:
    release = hub.build().release
    hub.decide(release)
    with transaction(hub.settings) as connection:
        (old,) = decisions_on(connection, release)
    hub.decide(release, "refuse")
    with pytest.raises(DecisionRefused, match="newer one"):
        record_decision(hub.settings, Decision(old.statement, old.signature))
    assert hub.logged("publish:release:decision") == 2


# Killed at any point ------------------------------------------------------------------------------------------------

CHILD = """
import os, signal, sys
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from publish import database, folders, publication

module, name, when, release = sys.argv[1:]
module = {"database": database, "folders": folders, "publication": publication}[module]
real = getattr(module, name)

def killed(*args, **named):
    if when == "after":
        real(*args, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(module, name, killed)
settings = Settings()
publication.publish(settings, open_ring(settings, Service.CUSTODIAN), release)
"""
POINTS = [
    ("database", "load", "after", "candidate"),
    ("publication", "log_disclosure", "after", "candidate"),
    ("publication", "checkpoint", "after", "candidate"),
    ("folders", "write_partial", "before", "published"),
    ("folders", "write_partial", "after", "published"),
    ("folders", "put_in_place", "after", "published"),
    ("publication", "destroy_data_key", "after", "published"),
    ("publication", "forget_candidate", "before", "published"),
]


@pytest.mark.parametrize(("module", "name", "when", "state"), POINTS, ids=lambda part: part)
def test_killed_the_release_is_unpublished_or_published_and_a_rerun_completes_it(
    approved: Hub, module: str, name: str, when: str, state: str
) -> None:
    kill(approved, module, name, when)
    assert [release.state for release in releases(approved.settings)] == [state]
    if state == "candidate":
        assert_unpublished(approved)
        assert not plain_files(approved)
    else:
        assert schemas(approved) == {"current", "release_2026_q3_v1"}
        assert approved.logged("publish:release:disclosure") == 3
    published = publish_it(approved)
    assert sorted(path.name for path in folder(approved).iterdir()) == [
        "decision.json",
        "event.parquet",
        "involvement.parquet",
        "manifest.json",
        "person.parquet",
    ]
    assert len(plain_files(approved)) == 3
    assert approved.rows("SELECT count(*) FROM current.event") == [(published.rows["event"],)]
    assert approved.logged("publish:release:disclosure") == 3
    assert not sealed_files(approved)
    assert approved.unsigned() == 0


def test_killed_before_the_files_were_written_they_are_written_only_under_the_same_agreement(approved: Hub) -> None:
    kill(approved, "folders", "write_partial", "after")
    assert plain_files(approved)
    approved.agree(lambda terms: terms["recipients"]["partnership_analysts"]["tables"].pop("person"))
    with pytest.raises(PublicationRefused, match="agreement has changed"):
        publish_it(approved)
    assert not plain_files(approved)


def kill(hub: Hub, module: str, name: str, when: str) -> None:
    """Publish in a process that kills itself before or after it calls a function."""
    child = [sys.executable, "-c", CHILD, module, name, when, RELEASE]
    done = subprocess.run(child, env=environment(hub.settings), capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def environment(settings: Settings) -> dict[str, str]:
    return os.environ | {
        "HUB_HOME": str(settings.home),
        "HUB_CONFIG": str(settings.config),
        "HUB_DATABASE_URL": str(settings.database_url),
        "HUB_COMMIT": str(settings.commit),
    }


RANDOMLY = """
import sys
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from publish.publication import publish

settings = Settings()
ring = open_ring(settings, Service.CUSTODIAN)
print("begun", flush=True)
publish(settings, ring, sys.argv[1])
"""
STEP_S = 0.5


@takes_long
@pytest.mark.parametrize("seed", range(30))
def test_killed_at_any_moment_it_is_in_all_three_forms_or_in_none(approved: Hub, seed: int) -> None:
    chance, kills = Random(seed), 0
    while killed_after(approved, chance.uniform(0, STEP_S * (kills + 1))):  # later and later, on a slow machine too
        kills += 1
        assert_in_all_forms_or_none(approved)
    published = publish_it(approved)
    assert_in_all_forms_or_none(approved)
    assert published.rows == {"person": 3, "event": 7, "involvement": 6}
    assert approved.logged("publish:release:disclosure") == 3
    assert not sealed_files(approved)


def killed_after(hub: Hub, seconds: float) -> bool:
    """Publish in a process that is killed so long after it began; whether it was killed before it ended."""
    child = [sys.executable, "-c", RANDOMLY, RELEASE]
    with subprocess.Popen(child, env=environment(hub.settings), stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"begun\n"
        with suppress(subprocess.TimeoutExpired):
            running.wait(seconds)
        running.kill()
    return running.returncode == -signal.SIGKILL


def assert_in_all_forms_or_none(hub: Hub) -> None:
    """Unpublished, it is in no database, no folder and no log; published, a folder that is there is whole."""
    (release,) = releases(hub.settings)
    with transaction(hub.settings) as connection:
        if release.state == "candidate":
            with pytest.raises(NotOffered):
                offered(connection, release.recipient, RELEASE)
        else:
            assert offered(connection, release.recipient, RELEASE).manifest_hash == release.manifest_hash
    if release.state == "candidate":
        assert_unpublished(hub)
        assert not plain_files(hub)
    else:
        assert schemas(hub) == {"current", "release_2026_q3_v1"}
        assert hub.logged("publish:release:disclosure") == 3
        assert not folder(hub).exists() or not damaged(release.uri, release.manifest)


def test_an_error_in_the_midst_leaves_nothing_behind(approved: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(connection: Connection, *disclosed: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("publish.publication.log_disclosure", fails)
        with pytest.raises(RuntimeError):
            publish_it(approved)
    assert_unpublished(approved)
    assert not plain_files(approved)
    publish_it(approved)
    assert folder(approved).is_dir()


def test_a_published_folder_that_got_lost_is_not_disclosed_again(approved: Hub) -> None:
    place = Path(publish_it(approved).uri)
    shutil.rmtree(place)
    with pytest.raises(PublicationRefused, match=r"not written again .* destroyed .* Restore the folder"):
        publish_it(approved)
    assert not plain_files(approved)
    assert approved.logged("publish:release:refusal") == 1
    assert approved.logged("publish:release:disclosure") == 3
