"""What each recipient's role can read in PostgreSQL, tried over real connections as that role."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, UndefinedTable
from sqlalchemy.engine import make_url

from hub.database import transaction
from publish.candidate import build_candidate
from publish.errors import PublicationRefused
from publish.publication import publish
from publish.showing import show_all
from publish.withdrawing import withdraw
from tests.unit.publish.small_hub import Q3, Hub

OURS, THEIRS = "partnership_analysts", "police_analysts"
RELEASE = "2026-Q3-v1"


@contextmanager
def connected(hub: Hub, role: str) -> Iterator[psycopg.Connection[Any]]:
    """A member of a recipient's role, who logs in as an analyst does."""
    member = f"member_of_{role}"
    run(hub, f"DROP ROLE IF EXISTS {member}")
    run(hub, f"CREATE ROLE {member} LOGIN IN ROLE {role}")
    url = make_url(hub.settings.database_url).set(drivername="postgresql", username=member)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection
    run(hub, f"DROP ROLE {member}")


def run(hub: Hub, statement: str) -> None:
    with transaction(hub.settings) as connection:
        connection.exec_driver_sql(statement)


def ask(connection: psycopg.Connection[Any], query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()  # type: ignore[arg-type]


def refused(connection: psycopg.Connection[Any], *queries: str) -> None:
    for query in queries:
        with pytest.raises(InsufficientPrivilege):
            ask(connection, query)


@pytest.fixture
def two(hub: Hub) -> Hub:
    """A hub with a release to the analysts, and one to the police, who see victims alone, of one day."""

    def change(terms: dict[str, Any]) -> None:
        told = terms["recipients"][OURS]
        part = {"columns": ["event_id", "person_id", "role"], "rows": {"role": ["victim"]}}
        event = {"columns": ["event_id", "event_type", "occurred_on"], "rows": {"occurred_on": ["2026-07-04"]}}
        terms["recipients"][THEIRS] = told | {"tables": {"event": event, "involvement": part}}

    hub.agree(change)
    for recipient in (OURS, THEIRS):
        release = build_candidate(hub.settings, hub.ring, Q3, recipient).release
        hub.decide(release)
        publish(hub.settings, hub.ring, release)
    return hub


def test_a_recipient_reads_its_own_release_and_nothing_else(two: Hub) -> None:
    with connected(two, OURS) as ours:
        assert ask(ours, "SELECT count(*) FROM current.event") == [(7,)]
        assert ask(ours, "SELECT * FROM current.person") == ask(ours, "SELECT * FROM release_2026_q3_v1.person")
        assert ask(ours, "SELECT release FROM current.manifest") == [(RELEASE,)]
        refused(
            ours,
            "SELECT * FROM release_2026_q3_v2.event",
            f"SELECT * FROM current_{THEIRS}.event",
            "SELECT * FROM hub.release",
            "DELETE FROM current.event",
            "UPDATE release_2026_q3_v1.event SET feed = ''",
            "CREATE TABLE release_2026_q3_v1.mine (n int)",
            "ALTER TABLE release_2026_q3_v1.event DISABLE ROW LEVEL SECURITY",
        )
    with connected(two, THEIRS) as theirs:
        assert ask(theirs, f"SELECT count(*) FROM current_{THEIRS}.involvement") == [(1,)]
        refused(theirs, "SELECT * FROM current.event", "SELECT * FROM release_2026_q3_v1.event")


def test_a_narrower_agreement_narrows_what_is_published_already(two: Hub) -> None:
    """Columns go, and so do rows that are there: the database asks the grant's filters of every row."""

    def change(terms: dict[str, Any]) -> None:
        tables = terms["recipients"][OURS]["tables"]
        tables["event"]["columns"].remove("knife")
        del tables["person"]

    two.agree(change)
    with connected(two, OURS) as ours:
        assert ask(ours, "SELECT count(knife) FROM current.event") == [(3,)]
        assert show_all(two.settings, two.ring) == {OURS: 1, THEIRS: 1}
        assert ask(ours, "SELECT count(event_id) FROM current.event") == [(7,)]
        refused(ours, "SELECT knife FROM release_2026_q3_v1.event", "SELECT * FROM release_2026_q3_v1.person")
        with pytest.raises(UndefinedTable):
            ask(ours, "SELECT * FROM current.person")
    two.agree(lambda terms: terms["recipients"][OURS]["tables"]["event"].update(rows={"event_type": ["crime"]}))
    show_all(two.settings, two.ring)
    with connected(two, OURS) as ours:  # its counts of persons tell of events that may not be seen any more
        refused(ours, "SELECT * FROM release_2026_q3_v1.event")


def test_rows_that_are_not_granted_are_not_there_for_the_role(two: Hub) -> None:
    run(two, "INSERT INTO release_2026_q3_v2.event VALUES ('x', 'crime', '2026-07-05'), ('y', 'crime', '2026-07-04')")
    with connected(two, THEIRS) as theirs:
        found = ask(theirs, f"SELECT event_id, occurred_on FROM current_{THEIRS}.event WHERE length(event_id) = 1")
        theirs.execute("SET DateStyle = 'German'")
        assert ask(theirs, f"SELECT count(*) FROM current_{THEIRS}.event WHERE length(event_id) = 1") == [(1,)]
    assert found == [("y", date(2026, 7, 4))]


def test_when_the_agreement_has_expired_the_tables_are_empty_to_the_role(two: Hub) -> None:
    today = "((now() AT TIME ZONE 'UTC'::text))::date"
    ((policy,),) = two.rows(
        "SELECT qual FROM pg_policies WHERE schemaname = 'release_2026_q3_v1' AND tablename = 'event'"
    )
    ended = policy.replace(today, f"({today} + 4000)")
    assert ended != policy
    run(two, f"ALTER POLICY as_agreed ON release_2026_q3_v1.event USING ({ended})")
    with connected(two, OURS) as ours:
        assert ask(ours, "SELECT count(*) FROM current.event") == [(0,)]


def test_a_withdrawn_release_and_its_views_are_gone_for_its_recipient_alone(two: Hub) -> None:
    with transaction(two.settings) as connection:
        withdraw(two.settings, connection, RELEASE, "officer", "It was wrong")
    with connected(two, OURS) as ours:
        for schema in ("current", "release_2026_q3_v1"):
            with pytest.raises(UndefinedTable):
                ask(ours, f"SELECT * FROM {schema}.event")
    with connected(two, THEIRS) as theirs:
        assert ask(theirs, f"SELECT count(*) FROM current_{THEIRS}.event") == [(2,)]


def test_a_role_that_passes_by_every_right_is_given_nothing(hub: Hub) -> None:
    hub.decide(hub.build().release)
    run(hub, f"DO $$ BEGIN CREATE ROLE {OURS}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    run(hub, f"ALTER ROLE {OURS} SUPERUSER")
    try:
        with pytest.raises(PublicationRefused, match="NOSUPERUSER"):
            publish(hub.settings, hub.ring, RELEASE)
        assert hub.logged("publish:release:refusal") == 1
    finally:
        run(hub, f"ALTER ROLE {OURS} NOSUPERUSER")
