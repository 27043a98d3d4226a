"""What is due is shredded: nothing of it is left that any key opens, and the log says so without a value."""

import json
import signal
from datetime import date, timedelta

import pytest

from agreement.policy import load_agreement
from assessment.public import kept as public
from assessment.public.manifest import PublicManifest
from cli.keys_protecting import protected
from disclosure.answering import answer
from disclosure.questions import Question, Terms
from hub import database
from hub.clock import now
from hub.database import transaction
from keys.changing import retire, rotate
from keys.errors import KeyRetired
from keys.home import open_ring
from keys.purposes import Purpose
from keys.ring import WrappedKey
from keys.services import Service
from publish.errors import OrderRefused, ReadingRefused
from publish.holds import holds
from publish.ordering import Officer
from publish.reading import published_rows, read_release
from publish.releases import find, releases
from publish.withdrawing import withdraw
from retention.errors import HoldRefused
from retention.holds import hold, release_hold
from retention.running import Done, everything_standing, run
from store.deliveries import admitted_delivery, find_delivery
from store.errors import DataKeyGone, ErasureNotProved
from store.kept import open_key, tables_name
from store.landing import Landed
from store.shredding import stale_files
from tests.cases import takes_long
from tests.unit.assessment.test_public import NOTHING, STATED
from tests.unit.publish.small_hub import CRIMES, OFFICER, PARTS, Q2, Q3, Hub, an_id
from tests.unit.retention.full_hub import CANARIES, CARE, CRIME, age, open_with_page
from tests.unit.retention.killing import Killed, die, kill_for_good, stop_at
from tests.unit.retention.trying import database_bytes, database_text, every_key, opens, zone_files

FIVE_YEARS = 1827


def shred(hub: Hub, on: date | None = None) -> Done:
    return run(hub.settings, open_ring(hub.settings, Service.RETENTION), on)


def officer(hub: Hub, reason: str = "a claim is made") -> Officer:
    return Officer(OFFICER, reason, hub.officer_key)


def test_pages_go_first_and_everything_else_stays_readable(hub: Hub) -> None:
    pages = zone_files(hub.settings, "landing")
    age(hub.settings, 31)
    done = shred(hub)
    assert (done.erased, done.files, done.tables_left) == (4, len(pages), 0)
    assert zone_files(hub.settings, "landing") == []
    with transaction(hub.settings) as connection:
        delivery = admitted_delivery(connection, CRIME, Q3)
        assert delivery is not None
        with pytest.raises(DataKeyGone, match="destroyed"):
            Landed(hub.settings, connection, hub.ring, delivery)
        assert open_key(connection, hub.ring, delivery, "quarantine")
    assert hub.build().unchanged  # records and events are what they were


def test_rows_at_fault_go_after_ninety_days_and_candidates_with_them(hub: Hub) -> None:
    age(hub.settings, 91)
    shred(hub)
    assert zone_files(hub.settings, "landing", "quarantine", "candidates") == []
    assert [(each.name, each.state) for each in releases(hub.settings)] == [
        ("2026-Q2-v1", "withdrawn"),
        ("2026-Q3-v1", "published"),
    ]


def test_nothing_is_due_before_its_day_and_no_day_to_come_makes_it(hub: Hub) -> None:
    before = zone_files(hub.settings, "landing", "quarantine", "records", "events", "candidates", "releases")
    assert shred(hub, now().date() + timedelta(days=4000)).erased == 0
    assert zone_files(hub.settings, "landing", "quarantine", "records", "events", "candidates", "releases") == before


def test_after_five_years_no_byte_of_anybody_is_left_that_any_key_opens(hub: Hub) -> None:
    sealed = {
        path: path.read_bytes() for path in zone_files(hub.settings, "landing", "quarantine", "records", "events")
    }
    records = [an_id(letter, number) for letter, number in (("a", 0), ("a", 1), ("a", 3), ("b", 0))]
    assert any(record in database_text(hub.settings) for record in records)
    persons = {row[0] for row in hub.rows("SELECT person_id FROM hub.person")}
    wrapped = [bytes(row[0]) for row in hub.rows("SELECT wrapped FROM hub.data_key WHERE wrapped IS NOT NULL")]

    age(hub.settings, FIVE_YEARS)
    hub.rows("UPDATE hub.person SET ended_in = '2019-Q1' WHERE false RETURNING 1")
    done = shred(hub)

    assert done.held == 0
    assert zone_files(hub.settings, "landing", "quarantine", "records", "events", "candidates", "releases") == []
    for path, content in sealed.items():  # a copy that somebody kept opens under no key that is left
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    keys = every_key(hub)
    assert not any(opens(hub.settings, path, keys) for path in sealed)
    left = database_text(hub.settings)
    assert not any(word in left for word in (*CANARIES, *records))
    for content in database_bytes(hub.settings):
        assert not any(key in content for key in wrapped)
        assert not any(record.encode() in content for record in records)
    assert "release_2026" not in left
    assert persons  # who ended is named until the register's own time is over
    with pytest.raises(ReadingRefused, match="withdrawn"):
        read_release(hub.settings, "2026-Q3-v1", "partnership_analysts", "strategy", "person", None, now().date())


def test_the_test_would_notice_a_file_that_still_opens(hub: Hub) -> None:
    keys = every_key(hub)
    files = zone_files(hub.settings, "landing", "quarantine", "records", "events", "candidates")
    assert len(files) > 10
    assert all(opens(hub.settings, path, keys) for path in files)


def test_persons_who_ended_are_forgotten_with_their_salts_when_the_registers_time_is_over(hub: Hub) -> None:
    age(hub.settings, FIVE_YEARS)
    shred(hub)
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql("UPDATE hub.person SET ended_in = '2019-Q1'")
    assert hub.rows("SELECT 1 FROM hub.audit_subject")
    assert shred(hub).persons == 3
    assert hub.rows("SELECT 1 FROM hub.audit_subject UNION ALL SELECT 1 FROM hub.person") == []
    assert hub.unsigned() == 0


def test_the_log_says_what_was_erased_and_how_much_and_never_a_value(hub: Hub) -> None:
    age(hub.settings, 31)
    shred(hub)
    told = hub.said(action="retention:kept:erasure")
    assert {entry["detail"]["kind"] for entry in told} == {"landing"}
    assert all("2024" not in entry["justification"] for entry in told)
    (files,) = hub.said(action="retention:files:erasure")
    assert files["detail"]["files"] == 4
    assert files["detail"]["opened"] == 0
    assert files["detail"]["keys_tried"] > 5
    assert not any(word in json.dumps(hub.said()) for word in CANARIES)
    assert hub.unsigned() == 0


def test_a_record_that_another_delivery_in_force_holds_stays_in_the_register(hub: Hub) -> None:
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql(
            "UPDATE hub.delivery SET closed_at = now() - interval '1900 days' WHERE period = '2026-Q2'"
        )
    shred(hub)
    members = {row[0] for row in hub.rows("SELECT record_id FROM hub.membership")}
    assert an_id("a", 0) in members  # the later quarter has it too
    assert hub.rows("SELECT state FROM hub.delivery WHERE period = '2026-Q2'") == [("erased",)]


def test_what_is_fetched_and_never_done_is_refused_when_its_time_is_over(hub: Hub) -> None:
    opened = open_with_page(hub, "yot.cases", b"Zephyrine")
    age(hub.settings, 31)
    shred(hub)
    with transaction(hub.settings) as connection:
        found = find_delivery(connection, opened.id)
        assert (found.state, found.cursor) == ("refused", None)
    assert open_with_page(hub, "yot.cases", b"again").id != opened.id


def test_a_delivery_with_one_key_for_all_loses_its_pages_and_keeps_its_tables(hub: Hub) -> None:
    """As an earlier version of the hub wrote it."""
    from store.deliveries import advance, open_delivery
    from store.landing import close_delivery, seal_page
    from store.tables import read_table, write_table
    from tests.unit.publish.small_hub import FEEDS

    with transaction(hub.settings) as connection:
        opened = open_delivery(connection, hub.ring, FEEDS[CRIME], Q2)
        connection.exec_driver_sql(f"DELETE FROM hub.data_key WHERE id LIKE 'delivery/{opened.id}/%%'")
        opened = close_delivery(connection, seal_page(hub.settings, connection, hub.ring, opened, b"x", cursor=None))
        key = open_key(connection, hub.ring, opened, "landing")
        write_table(hub.settings, "events", f"{tables_name(opened)}.parquet", key, CRIMES)
        write_table(hub.settings, "events", f"{tables_name(opened)}.involvements.parquet", key, PARTS)
        advance(connection, opened.id, "admitted")  # type: ignore[arg-type]
    age(hub.settings, 31)
    shred(hub)
    with transaction(hub.settings) as connection:
        moved = find_delivery(connection, opened.id)
        from store.datakeys import open_data_key

        key = open_data_key(connection, hub.ring, moved.data_key_id)
        assert read_table(hub.settings, "events", f"{tables_name(moved)}.parquet", key).equals(CRIMES)
    assert moved.data_key_id != opened.data_key_id
    assert zone_files(hub.settings, "landing") == []
    assert stale_files(hub.settings) == []


def test_a_hold_keeps_what_it_names_until_it_is_released(hub: Hub) -> None:
    hold(hub.settings, officer(hub), CRIME, now().date() + timedelta(days=30))
    age(hub.settings, 31)
    done = shred(hub)
    assert (done.held, done.erased) == (2, 2)  # two quarters of the feed are held; pages of two other feeds went
    assert {path.parent.parent.name for path in zone_files(hub.settings, "landing")} == {CRIME}
    standing = everything_standing(hub.settings, now().date())
    assert {each.hold.reason for each in standing if each.hold} == {"a claim is made"}
    assert release_hold(hub.settings, officer(hub), CRIME) == 1
    assert shred(hub).erased == 2
    assert [entry["actor"] for entry in hub.said(action="retention:hold:decision")] == [OFFICER]


def test_a_hold_ends_with_its_last_day(hub: Hub) -> None:
    hold(hub.settings, officer(hub), "everything", now().date() + timedelta(days=1))
    with transaction(hub.settings) as connection:
        (laid,) = holds(connection)
    standing = everything_standing(hub.settings, now().date() + timedelta(days=40))
    assert laid.on == "everything"
    assert not any(each.hold for each in standing)


@pytest.mark.parametrize("days", [-1, 800])
def test_a_hold_is_reviewed_within_two_years(hub: Hub, days: int) -> None:
    with pytest.raises(HoldRefused, match="two years"):
        hold(hub.settings, officer(hub), CRIME, now().date() + timedelta(days=days))
    assert hub.said(action="publish:order:refusal")


def test_nobody_but_an_appointed_officer_holds_anything(hub: Hub) -> None:
    from publish.appointing import new_key

    until = now().date() + timedelta(days=30)
    with pytest.raises(OrderRefused, match="no appointment"):
        hold(hub.settings, Officer("somebody", "why", hub.officer_key), CRIME, until)
    with pytest.raises(OrderRefused, match="signature"):
        hold(hub.settings, Officer(OFFICER, "why", new_key()[0]), CRIME, until)
    with pytest.raises(HoldRefused, match="no delivery, release or feed"):
        hold(hub.settings, officer(hub), "Zephyrine", until)
    assert len(hub.said(action="publish:order:refusal")) == 3
    assert hub.said(action="retention:hold:decision") == []


def test_a_file_that_somebody_edited_shreds_nothing(hub: Hub) -> None:
    hub.agree(lambda terms: terms.update(retention_days=dict.fromkeys(terms["retention_days"], 1)), but=("health",))
    assert load_agreement(hub.settings).retention_days["landing"] == 1
    age(hub.settings, 2)
    assert shred(hub).erased == 0


def test_a_file_that_opens_under_another_key_is_not_deleted_and_somebody_is_told(hub: Hub) -> None:
    with transaction(hub.settings) as connection:
        delivery = admitted_delivery(connection, CARE, Q3)
        assert delivery is not None
        quarantine = open_key(connection, hub.ring, delivery, "quarantine")
    from store.sealing import write_sealed

    name = f"{CARE}/{delivery.id}/page-000001.sealed"
    write_sealed(hub.settings, "landing", name, quarantine, [b"Zephyrine"])
    age(hub.settings, 31)
    with pytest.raises(ErasureNotProved, match="still opens"):
        shred(hub)
    assert (hub.settings.home / "zones" / "landing" / name).exists()


def test_data_keys_are_wrapped_anew_so_that_an_old_storage_key_can_be_destroyed(hub: Hub) -> None:
    """What is left of destroyed keys in write-ahead logs and backups then opens under no key that exists."""
    age(hub.settings, 31)
    left = hub.rows("SELECT id, nonce, wrapped FROM hub.data_key WHERE wrapped IS NOT NULL")
    shred(hub)
    rotate(hub.settings, hub.ring, Purpose.STORAGE, protected)
    shred(hub)
    assert {row[0] for row in hub.rows("SELECT key_id FROM hub.data_key WHERE wrapped IS NOT NULL")} == {"storage/2"}
    retire(hub.settings, hub.ring, "storage/1", protected, settled=timedelta())
    assert hub.build().unchanged  # what stays is open as before
    opening = open_ring(hub.settings, Service.RETENTION)
    for key_id, nonce, wrapped in left:  # as a backup from before still has them
        with pytest.raises(KeyRetired):
            opening.unwrap(Purpose.STORAGE, WrappedKey("storage/1", nonce, wrapped), key_id)
    assert len(left) > 5


def test_a_candidate_for_the_public_goes_as_any_and_what_was_given_to_anybody_stays(hub: Hub) -> None:
    with transaction(hub.settings) as connection:
        for quarter in ("2026-Q1", "2026-Q2"):
            stated = PublicManifest.model_validate(STATED | {"quarter": quarter, "kinds": ["quarter"]})
            found, _ = public.keep(hub.settings, connection, stated)
            if quarter == "2026-Q1":
                public.mark_published(connection, found, NOTHING)
    assert "public-2026-Q2-v1" in {each.kept.name for each in everything_standing(hub.settings, now().date())}
    hold(hub.settings, officer(hub), "public-2026-Q2-v1", now().date() + timedelta(days=30))
    age(hub.settings, 91)
    shred(hub)
    assert "public-2026-Q2-v1" not in {each.get("release") for each in hub.said(action="retention:kept:erasure")}
    release_hold(hub.settings, officer(hub), "public-2026-Q2-v1")
    shred(hub)
    with transaction(hub.settings) as connection:
        assert [(one.state, one.was_out) for one in public.every(connection)] == [
            ("published", True), ("withdrawn", False),
        ]  # fmt: skip
    said = hub.said(action="retention:kept:erasure")[-1]
    assert (said["release"], said["detail"]["kind"]) == ("public-2026-Q2-v1", "public-candidates")
    age(hub.settings, FIVE_YEARS)
    shred(hub)
    with transaction(hub.settings) as connection:
        assert public.every(connection)[0].state == "published"


def test_what_is_remembered_of_counts_goes_when_the_release_itself_would_have_gone(hub: Hub) -> None:
    ask(hub)
    with transaction(hub.settings) as connection:
        withdraw(hub.settings, connection, "2026-Q3-v1", OFFICER, "It was wrong")
    assert hub.said(action="publish:release:erasure")[-1]["detail"]["answers"] == 1
    shred(hub)
    (kept,) = [each for each in everything_standing(hub.settings, now().date()) if each.kept.kind == "answers"]
    assert (kept.due_on - kept.kept.since).days == load_agreement(hub.settings).retention_days["releases"]
    assert len(hub.rows("SELECT 1 FROM hub.remembered_release")) == 1
    age(hub.settings, FIVE_YEARS)
    shred(hub)
    assert hub.rows("SELECT 1 FROM hub.remembered_release UNION ALL SELECT 1 FROM hub.answered_question") == []
    assert [one["detail"]["answers"] for one in hub.said(action="retention:kept:erasure") if
            one["detail"]["kind"] == "answers"] == [1]  # fmt: skip


def test_a_release_whose_time_is_over_leaves_nothing_to_be_remembered(hub: Hub) -> None:
    ask(hub)
    age(hub.settings, FIVE_YEARS)
    shred(hub)
    assert hub.rows("SELECT 1 FROM hub.remembered_release UNION ALL SELECT 1 FROM hub.answered_question") == []


def ask(hub: Hub) -> None:
    """Have the analysts told in counts of the published release."""
    with transaction(hub.settings) as connection:
        release = find(connection, "2026-Q3-v1")
        table = next(entry for entry in release.manifest.tables if entry.name == "person")
        rows = published_rows(release, table)
        said = {"recipient": release.recipient, "release": release.name, "terms": Terms(1, 1)}
        answer(connection, Question("person", ("sex",)), **said, read=lambda *_: rows)


STOPS = [
    ("retention.erasing", "destroy_data_key"),
    ("retention.erasing", "append"),
    ("retention.erasing", "checkpoint"),
    ("retention.running", "rewrap"),
    ("publish.finishing", "sweep"),
    ("store.shredding", "remove"),
    ("publish.finishing", "clear"),
    ("publish.withdrawing", "remove"),
    ("retention.running", "scrub"),
    ("store.shredding", "_written_anew"),
]
REST = [stop for stop in STOPS if stop not in STOPS[::3]]


@pytest.mark.parametrize(
    ("module", "function"), [*STOPS[::3], *(pytest.param(*stop, marks=takes_long) for stop in REST)]
)
def test_stopped_anywhere_and_run_again_it_finishes(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, module: str, function: str
) -> None:
    age(hub.settings, FIVE_YEARS)
    stop_at(monkeypatch, module, function, 1, die)
    with pytest.raises(Killed):
        shred(hub)
    monkeypatch.undo()
    require_finished(hub)


@takes_long
@pytest.mark.parametrize(("module", "function"), STOPS)
@pytest.mark.parametrize("call", [1, 3, 7])
def test_killed_anywhere_and_run_again_it_finishes(hub: Hub, module: str, function: str, call: int) -> None:
    age(hub.settings, FIVE_YEARS)
    database.engine(hub.settings).dispose()
    assert kill_for_good(hub, "", module, function, call) == -signal.SIGKILL or call > 1
    require_finished(hub)


def require_finished(hub: Hub) -> None:
    """Run again, and nothing is left."""
    shred(hub)
    assert zone_files(hub.settings, "landing", "quarantine", "records", "events", "candidates", "releases") == []
    assert hub.rows("SELECT id FROM hub.data_key WHERE wrapped IS NOT NULL") == []
    assert hub.rows("SELECT name FROM hub.unscrubbed") == []
    assert hub.unsigned() == 0
