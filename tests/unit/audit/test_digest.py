"""The digest names what deserves a look in a day, each by a rule, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest

from audit.digest import digest
from audit.events import Action, Entry
from audit.log import append
from audit.query import Kept
from audit.unusual import (
    EXPORT,
    FIRST_FEED,
    KEY,
    MANY_ROWS,
    NEW,
    OUT_OF_HOURS,
    PERSON,
    REFUSED_OFTEN,
    RULES,
    UNDECIDED,
    WITNESS,
    Before,
    findings,
)
from audit.working_time import bank_holidays, easter_sunday, is_working_time
from hub.database import transaction

MONDAY = date(2026, 10, 5)
NINE = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)  # nine in London
WHO = {
    "code_commit": "0" * 40,
    "agreement_hash": "a" * 64,
    "clause": "pcsc-2022-s16",
    "purpose": "strategy",
    "justification": "as agreed",
    "recipient": "analysts",
}
HUB, OFFICER = "service:hub", "ig officer"
PERSON_TABLE = (str(Action.PUBLISH), "person")


def said(action: Action, actor: str = HUB, at: datetime = NINE, **told) -> Entry:
    return Entry(action=action, actor=actor, at=at, **WHO | told)


def known(*entries: Entry, rows: dict | None = None) -> Before:
    """A log that held just such acts before, and such numbers of rows."""
    feeds = {entry.feed for entry in entries if entry.feed and entry.action == Action.COLLECT}
    return Before(frozenset((entry.actor, str(entry.action)) for entry in entries), rows or {}, frozenset(feeds))


def found(*entries: Entry, before: Before | None = None) -> list[tuple[object, tuple[int, ...], str]]:
    kept = [Kept(index, entry.canonical()) for index, entry in enumerate(entries)]
    return [(f.rule, f.entries, f.sentence) for f in findings(kept, before or known(*entries))]


def collected(feed: str = "yot.cases", **told) -> Entry:
    return said(Action.COLLECT, feed=feed, delivery="d1", **told)


def test_a_usual_day_needs_no_look():
    assert found(collected(), said(Action.LINK), said(Action.DECIDE, OFFICER, detail={"verdict": "approve"})) == []


@pytest.mark.parametrize(
    ("at", "unusual"),
    [
        (datetime(2026, 10, 5, 5, 59, tzinfo=UTC), True),  # 06:59 in London, which is in summer time
        (datetime(2026, 10, 5, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 5, 17, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 5, 18, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 2, 18, 59, tzinfo=UTC), False),  # winter time
        (datetime(2026, 10, 4, 11, 0, tzinfo=UTC), True),  # a Sunday
        (datetime(2026, 12, 28, 11, 0, tzinfo=UTC), True),  # Boxing Day's Monday
        (datetime(2026, 4, 3, 11, 0, tzinfo=UTC), True),  # Good Friday
    ],
    ids=str,
)
def test_a_person_out_of_hours(at, unusual):
    assert is_working_time(at) is not unusual
    (*acts,) = found(said(Action.DECIDE, OFFICER, at=at), said(Action.LINK, at=at))
    assert [rule for rule, *_ in acts] == ([OUT_OF_HOURS] if unusual else [])


def test_a_person_out_of_hours_is_named_once_with_every_entry():
    late = datetime(2026, 10, 5, 21, 14, tzinfo=UTC)
    acts = [said(Action.DECIDE, OFFICER, at=late + timedelta(minutes=n)) for n in range(3)]
    assert found(*acts) == [(OUT_OF_HOURS, (0, 1, 2), "ig officer acted 3 times outside working time, first at 22:14.")]


def test_an_actor_never_seen_before_is_told_once():
    acts = [said(Action.LINK, "engineer", at=NINE), said(Action.BUILD, "engineer", at=NINE)]
    assert found(*acts, before=known()) == [(NEW, (0, 1), "engineer acted twice, for the first time in 90 days.")]


def test_a_known_actor_who_does_something_new():
    acts = [said(Action.LINK), said(Action.BUILD), said(Action.BUILD)]
    assert found(*acts, before=known(acts[0])) == [
        (NEW, (1, 2), "service:hub did publish:candidate:combination twice, for the first time in 90 days.")
    ]


@pytest.mark.parametrize(("rows", "unusual"), [(300, False), (301, True)])
def test_many_more_rows_than_usual(rows, unusual):
    act = said(Action.PUBLISH, release="2026-Q3-v1", table="person", rows=rows)
    sentence = "301 rows of person went to analysts; 100 are usual."
    expected = [(MANY_ROWS, (0,), sentence)] if unusual else []
    assert found(act, before=known(act, rows={PERSON_TABLE: 100})) == expected


def test_rows_of_another_table_are_no_measure():
    act = said(Action.PUBLISH, release="2026-Q3-v1", table="event", rows=9_000)
    assert found(act, before=known(act, rows={PERSON_TABLE: 100})) == []


@pytest.mark.parametrize(("times", "unusual"), [(2, False), (3, True)])
def test_repeated_refusals(times, unusual):
    acts = [said(Action.REFUSE_AGREEMENT, feed="yot.cases") for _ in range(times)]
    expected = [(REFUSED_OFTEN, (0, 1, 2), "service:hub was refused 3 times.")] if unusual else []
    assert found(*acts) == expected


def test_a_refused_decision_a_publication_without_one_and_a_withdrawal():
    acts = [
        said(Action.DECIDE, OFFICER, release="2026-Q3-v1", detail={"verdict": "refuse"}),
        said(Action.REFUSE_PUBLISH, release="2026-Q3-v1", justification="no decision is recorded"),
        said(Action.WITHDRAW, OFFICER, release="2026-Q2-v1", justification="a feed was wrong"),
        said(Action.WITHDRAW_PUBLIC, OFFICER, release="public-2026-Q2-v1", justification="it told of few"),
    ]
    assert found(*acts) == [
        (UNDECIDED, (0,), "ig officer refused 2026-Q3-v1."),
        (UNDECIDED, (1,), "service:hub was refused: no decision is recorded."),
        (UNDECIDED, (2,), "ig officer withdrew 2026-Q2-v1: a feed was wrong."),
        (UNDECIDED, (3,), "ig officer withdrew public-2026-Q2-v1: it told of few."),
    ]


@pytest.mark.parametrize(
    ("act", "rule", "sentence"),
    [
        (
            said(Action.EXPORT_LOG, OFFICER, rows=1200),
            EXPORT,
            "ig officer handed 1,200 entries of the log to analysts.",
        ),
        (said(Action.ASK_SUBJECT, OFFICER), PERSON, "ig officer asked once who has seen data about a person."),
        (
            said(Action.SHRED_SUBJECT, OFFICER),
            PERSON,
            "ig officer destroyed once what tells who has seen data about a person.",
        ),
        (said(Action.ERASE_SUBJECT, OFFICER), PERSON, "ig officer did subjects:person:erasure once."),
        (
            said(Action.REIDENTIFY, feed="police.recorded_crime", recipient="police", rows=2),
            PERSON,
            "service:hub sent police 2 references of its own records in police.recorded_crime.",
        ),
        (said(Action.CREATE_KEY), KEY, "service:hub did keys:key:key once."),
        (
            said(Action.REFUSE_WITNESS, justification="yot.example saw a longer log"),
            WITNESS,
            "A checkpoint was refused: yot.example saw a longer log.",
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_is_always_told(act, rule, sentence):
    assert found(act) == [(rule, (0,), sentence)]


def test_a_feed_that_was_never_collected_before():
    before = known(collected("yot.cases"))
    acts = [collected("yot.cases"), collected("council.marac"), collected("council.marac")]
    assert found(*acts, before=before) == [(FIRST_FEED, (1,), "council.marac was collected for the first time.")]


def test_the_rules_are_numbered_and_say_their_thresholds():
    assert [rule.number for rule in RULES] == list(range(1, 11))
    assert "07:00 to 19:00" in OUT_OF_HOURS.reason
    assert "90 days" in NEW.reason
    assert "3 times" in MANY_ROWS.reason


@pytest.mark.parametrize(
    ("year", "easter", "holidays"),
    [
        (2021, (4, 4), "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2024, (3, 31), "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2026, (4, 5), "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2038, (4, 25), "01-01 04-23 04-26 05-03 05-31 08-30 12-27 12-28"),
    ],
)
def test_bank_holidays(year, easter, holidays):
    assert easter_sunday(year) == date(year, *easter)
    assert [f"{day:%m-%d}" for day in sorted(bank_holidays(year))] == holidays.split()


def test_a_day_is_compared_with_the_ninety_days_before_it(settings):
    published = {"release": "2026-Q2-v1", "table": "person"}
    with transaction(settings) as connection:
        append(
            connection,
            said(Action.DECIDE, OFFICER, at=NINE - timedelta(days=91)),
            collected("yot.cases", at=NINE - timedelta(days=400)),
            *(said(Action.PUBLISH, rows=n, at=NINE - timedelta(days=60), **published) for n in (90, 100, 10_000)),
            *(said(Action.EXPORT_LOG, rows=1, at=NINE - timedelta(days=5)) for _ in range(2)),
            said(Action.COLLECT, feed="x.y", delivery="d", at=NINE - timedelta(hours=10)),  # the day before, in London
            collected("yot.cases"),
            said(Action.DECIDE, OFFICER, detail={"verdict": "approve"}),
            said(Action.PUBLISH, rows=301, **published),
            said(Action.LINK, at=NINE + timedelta(hours=14, minutes=59)),  # still the day, in London
            said(Action.LINK, at=NINE + timedelta(hours=15)),  # the day after
        )
        told = digest(connection, MONDAY)
    assert (told.day, told.entries) == (MONDAY, 4)
    assert [(f.rule, f.entries) for f in told.findings] == [(NEW, (11,)), (NEW, (9,)), (MANY_ROWS, (10,))]


def test_two_acts_before_tell_nothing_of_what_is_usual(settings):
    with transaction(settings) as connection:
        earlier = [said(Action.EXPORT_LOG, OFFICER, rows=1, at=NINE - timedelta(days=n)) for n in (5, 6)]
        append(connection, *earlier, said(Action.EXPORT_LOG, OFFICER, rows=1_000_000))
        assert [f.rule for f in digest(connection, MONDAY).findings] == [EXPORT]


def test_a_day_without_entries(settings):
    with transaction(settings) as connection:
        told = digest(connection, MONDAY)
    assert (told.entries, told.findings) == (0, ())
