"""A reviewer finds entries by who, what, why and when, a page at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from audit.errors import EntryUnknown, FilterRefused, LogDamaged
from audit.events import Action, Entry
from audit.log import append
from audit.models import BUNDLE
from audit.query import Filter, distinct, entries, entry, newest, numbered, stream
from hub.database import transaction
from hub.settings import Settings
from tests.conftest import copied_database
from tests.stored_log import rewrite_entry, unguarded

MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
BASE = {
    "actor": "service:hub",
    "code_commit": "0" * 40,
    "agreement_hash": "a" * 64,
    "clause": "pcsc-2022-s16",
    "justification": "asked for",
}
LOG = (
    {"action": Action.COLLECT, "feed": "police.recorded_crime", "delivery": "d1", "period": "2026-Q2"},
    {"action": Action.ADMIT, "feed": "police.recorded_crime", "delivery": "d1", "period": "2026-Q3"},
    {"action": Action.COLLECT, "feed": "policeman.other", "delivery": "d2", "period": "2026-Q3"},
    {"action": Action.REFUSE_DELIVERY, "feed": "yot.cases", "delivery": "d3", "actor": "engineer"},
    {"action": Action.LINK, "period": "2026-Q3", "purpose": "strategy"},
    {"action": Action.DECIDE, "actor": "ig officer", "release": "2026-Q3-v1", "recipient": "analysts"},
    {"action": Action.PUBLISH, "release": "2026-Q3-v1", "recipient": "analysts", "purpose": "strategy, evaluation"},
    {
        "action": Action.PUBLISH,
        "release": "2026-Q3-v2",
        "recipient": "police",
        "purpose": "evaluation",
        "table": "event",
    },
)


@pytest.fixture(scope="module", params=[1, 3, 8], ids="{} at once".format)
def kept_log(postgres_url, request):
    """Added one by one, in threes, or all at once: so they are stored, and so they are found."""
    rows = [BASE | {"purpose": "needs-assessment", "at": MONDAY + timedelta(days=n)} for n in range(len(LOG))]
    said = [Entry(**row | said) for row, said in zip(rows, LOG, strict=True)]
    with copied_database(postgres_url, "template_hub") as url, transaction(Settings(database_url=url)) as connection:
        for first in range(0, len(said), request.param):
            append(connection, *said[first : first + request.param])
        yield connection


@pytest.fixture
def log(kept_log):
    """The same for each test: what one changes is undone."""
    undone = kept_log.begin_nested()
    yield kept_log
    undone.rollback()


def found(log: Connection, **wanted) -> list[int]:
    return [kept.index for kept in entries(log, Filter(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "indices"),
    [
        ({}, [7, 6, 5, 4, 3, 2, 1, 0]),
        ({"authority": "police"}, [1, 0]),
        ({"delivery": "d1"}, [1, 0]),
        ({"delivery": "d1", "action": "ingest:delivery:alteration"}, [1]),
        ({"actor": "ig officer", "verb": "decision"}, [5]),
        ({"actor": "ig officer", "action": "linkage:records:combination"}, []),
        ({"table": "event"}, [7]),
        ({"authority": "yot"}, [3]),
        ({"authority": "health"}, []),
        ({"actor": "ig officer"}, [5]),
        ({"source": "connectors"}, [2, 0]),
        ({"subject": "release"}, [7, 6, 5]),
        ({"subject": "release", "verb": "disclosure"}, [7, 6]),
        ({"verb": "refusal"}, [3]),
        ({"action": "linkage:records:combination"}, [4]),
        ({"action": "linkage:records:combination", "verb": "refusal"}, []),
        ({"feed": "police.recorded_crime", "period": "2026-Q3"}, [1]),
        ({"release": "2026-Q3-v1"}, [6, 5]),
        ({"purpose": "evaluation"}, [7, 6]),
        ({"purpose": "strategy"}, [6, 4]),
        ({"purpose": "strategy, evaluation"}, []),
        ({"purpose": "strat"}, []),
        ({"outcome": "refused"}, [3]),
        ({"recipient": "analysts"}, [6, 5]),
        ({"since": MONDAY + timedelta(days=6)}, [7, 6]),
        ({"until": MONDAY + timedelta(days=1)}, [0]),
        ({"since": MONDAY + timedelta(days=2), "until": MONDAY + timedelta(days=4)}, [3, 2]),
    ],
    ids=str,
)
def test_each_filter_narrows(log, wanted, indices):
    assert found(log, **wanted) == indices
    assert [kept.index for kept in stream(log, Filter(**wanted), size=8)] == indices[::-1]
    assert [kept.index for kept in newest(log, Filter(**wanted), before=8)] == indices


def test_pages_follow_each_other_and_miss_nothing(log):
    pages, before = [], None
    while page := entries(log, Filter(), before=before, limit=3):
        pages.append([kept.index for kept in page])
        before = page[-1].index
    assert pages == [[7, 6, 5], [4, 3, 2], [1, 0]]


def test_an_entry_added_between_two_pages_shifts_nothing(log):
    first = entries(log, Filter(), limit=3)
    append(log, Entry(action=Action.LINK, purpose="strategy", **BASE))
    assert [kept.index for kept in entries(log, Filter(), before=first[-1].index, limit=3)] == [4, 3, 2]


def test_what_is_streamed_ends_at_the_size_asked_for(log):
    assert [kept.index for kept in stream(log, Filter(), size=3)] == [0, 1, 2]


def test_an_entry_is_what_was_said(log):
    kept = entry(log, 5)
    assert (
        kept.content
        == Entry(**BASE | {"purpose": "needs-assessment", "at": MONDAY + timedelta(days=5)} | LOG[5]).canonical()
    )
    assert (kept.said["actor"], kept.at) == ("ig officer", MONDAY + timedelta(days=5))


@pytest.mark.parametrize("index", [-1, 8, 2**63, 10**30])
def test_a_number_that_the_log_does_not_reach(log, index):
    with pytest.raises(EntryUnknown, match=f"entry {index} of the log"):
        entry(log, index)


@pytest.mark.parametrize(
    "wanted",
    [
        {"action": "publish:release"},
        {"verb": "disclosures"},
        {"source": "publisher"},
        {"subject": "releases"},
        {"outcome": "ok"},
        {"since": datetime(2026, 10, 5)},  # noqa: DTZ001  # that it has no zone is the point
    ],
    ids=str,
)
def test_a_slip_of_the_pen_is_told_and_does_not_look_like_an_empty_log(wanted):
    with pytest.raises(FilterRefused, match=f"the filter {next(iter(wanted))}"):
        Filter(**wanted)


def test_what_there_is_to_choose_from(log):
    assert distinct(log, "authority") == ("police", "policeman", "yot")
    assert distinct(log, "actor") == ("engineer", "ig officer", "service:hub")
    assert distinct(log, "purpose") == ("evaluation", "needs-assessment", "strategy")
    assert distinct(log, "release") == ("2026-Q3-v1", "2026-Q3-v2")


def test_entries_by_their_numbers(log):
    assert [kept.index for kept in numbered(log, [6, 0, 3, 3, 8, -1])] == [0, 3, 6]
    assert list(numbered(log, [])) == []


def test_an_empty_log_offers_nothing(settings):
    with transaction(settings) as connection:
        assert distinct(connection, "actor") == ()
        assert entries(connection, Filter(authority="police")) == []


def test_entries_that_were_changed_are_not_read_as_if_they_were_not(log):
    """Whoever reads must not be shown what was never said; hub audit verify says more."""
    row = log.execute(select(BUNDLE).where(BUNDLE.c.first == 0)).one()
    with unguarded(log):
        log.execute(update(BUNDLE).where(BUNDLE.c.first == 0).values(entries=row.entries[:-1] + b"x"))
    for read in (lambda: entry(log, 0), lambda: entries(log, Filter()), lambda: list(stream(log, Filter()))):
        with pytest.raises(LogDamaged, match="the log's entries 0 to"):
            read()


@pytest.mark.parametrize("content", [b"not JSON", b"[]", b'{"action":"x"}', b'{"action":"x","at":5}'])
def test_an_entry_that_is_none_is_not_read(log, content):
    rewrite_entry(log, 0, lambda _: content)
    with pytest.raises(LogDamaged, match="entry 0 of the log"):
        _ = entry(log, 0).at


def test_what_was_asked_is_told_in_words():
    wanted = Filter(authority="police", since=MONDAY)
    assert wanted.given == {"authority": "police", "since": "2026-10-05T09:00:00+00:00"}
