"""Who has seen data about a person can be told until the person's salt is shredded; the log is right all the while."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import func, insert, select, update

from audit import subjects
from audit.checkpoint import Verifier
from audit.errors import EntryRefused
from audit.events import Action, Entry
from audit.log import append, checkpoint, size
from audit.merkle import Frontier, leaf_hash
from audit.models import BUNDLE, DISCLOSED, SUBJECT
from audit.query import Filter, stream
from audit.subjects import disclose, seen, shred
from audit.verify import verify
from hub.database import transaction
from tests.stored_log import rewrite_entry

ANN, BEN, EVE = (letter * 32 for letter in "abe")
WHO = {"actor": "service:hub", "code_commit": "0" * 40}


def release(number: int, recipient: str = "analysts") -> Entry:
    return Entry(
        action=Action.PUBLISH, release=f"2026-Q{number}-v1", recipient=recipient, purpose="strategy", rows=2, **WHO
    )


def asking(act: str) -> Entry:
    told = WHO | {"actor": "user:reviewer"}
    return Entry(action=Action.ASK_SUBJECT, justification="a subject access request", detail={"act": act}, **told)


@pytest.fixture
def log(settings):
    """Two releases and an asking, with an ordinary entry between them."""
    with transaction(settings) as connection:
        disclose(connection, release(1), [ANN, BEN])
        append(connection, release(4))
        disclose(connection, release(2, "police"), [ANN, ANN])
        disclose(connection, asking("2f1c"), [BEN])
        yield connection


@contextmanager
def a_change_by_an_administrator(connection, table):
    connection.exec_driver_sql(f"ALTER TABLE {table.fullname} DISABLE TRIGGER USER")
    yield
    connection.exec_driver_sql(f"ALTER TABLE {table.fullname} ENABLE TRIGGER USER")


def problems(connection) -> list[str]:
    return [problem for problem in verify(connection).problems if problem.startswith("Whose data")]


def whole(connection, signer) -> bool:
    checkpoint(connection, signer)
    return not problems(connection) and verify(connection, Verifier.of(signer)).verified


@pytest.mark.parametrize(("person", "entries"), [(ANN, [2, 0]), (BEN, [3, 0]), (EVE, [])])
def test_who_has_seen_data_about_a_person(log, person, entries):
    assert [act.index for act in seen(log, person)] == entries


def test_the_answer_says_to_whom_and_what_for(log):
    newest, oldest = seen(log, ANN)
    assert (newest.said["recipient"], newest.said["purpose"]) == ("police", "strategy")
    assert (oldest.said["recipient"], oldest.said["release"]) == ("analysts", "2026-Q1-v1")


def test_the_entry_states_how_many_persons_and_the_root_over_them(log):
    said = seen(log, BEN)[-1].said["detail"]
    stored = log.execute(select(DISCLOSED.c.commitments).where(DISCLOSED.c.entry == 0)).scalar_one()
    values = [stored[:32], stored[32:]]
    assert values == sorted(values)
    assert said == {"persons": 2, "persons_root": Frontier().add(map(leaf_hash, values)).root.hex()}


def test_a_person_counts_once(log):
    assert len(log.execute(select(DISCLOSED.c.commitments).where(DISCLOSED.c.entry == 2)).scalar_one()) == 32


def test_a_disclosure_of_nobody_is_recorded_too(log, signer):
    assert disclose(log, release(3), []) == 4
    assert whole(log, signer)


def test_no_two_commitments_are_alike_though_the_person_is(log):
    kept = b"".join(log.execute(select(DISCLOSED.c.commitments)).scalars())
    values = [kept[start : start + 32] for start in range(0, len(kept), 32)]
    assert len(set(values)) == len(values) == 4


def test_no_person_is_in_any_entry(log):
    entries = b"\n".join(kept.content for kept in stream(log, Filter())).decode()
    assert "service:hub" in entries
    assert not re.search("a{8}|b{8}", entries)


def test_an_act_without_a_name_is_refused_and_nothing_is_kept(settings):
    nameless = Entry(action=Action.ASK_SUBJECT, justification="asked", **WHO)
    with pytest.raises(EntryRefused, match=r"detail\.act") as refusal, transaction(settings) as connection:
        disclose(connection, nameless, [ANN])
    assert ANN not in str(refusal.value)
    with transaction(settings) as connection:
        assert connection.execute(select(func.count()).select_from(SUBJECT)).scalar() == 0


def test_a_disclosure_in_which_a_person_would_not_be_counted_is_refused_and_nothing_is_kept(settings):
    with pytest.raises(EntryRefused, match="2 for 1 persons"), transaction(settings) as connection:
        disclose(connection, release(1), ["two ids\nin one"])
    with transaction(settings) as connection:
        assert size(connection) == 0
        assert connection.execute(select(func.count()).select_from(SUBJECT)).scalar() == 0


def test_entry_and_commitments_are_kept_both_or_neither(settings):
    def fail() -> None:
        with transaction(settings) as connection:
            disclose(connection, release(1), [ANN])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction(settings) as connection:
        assert [connection.execute(select(func.count()).select_from(t)).scalar() for t in (BUNDLE, DISCLOSED)] == [0, 0]


def test_once_shredded_nothing_links_and_everything_verifies(log, signer):
    before = log.execute(select(DISCLOSED).order_by(DISCLOSED.c.entry)).all()
    assert shred(log, ANN, actor="user:reviewer", justification="erasure", code_commit="0" * 40)
    assert seen(log, ANN) == []
    assert [act.index for act in seen(log, BEN)] == [3, 0]
    assert log.execute(select(SUBJECT.c.subject)).scalars().all() == [BEN]
    assert log.execute(select(DISCLOSED).order_by(DISCLOSED.c.entry)).all() == before
    assert whole(log, signer)


def test_a_shredding_is_logged_without_the_person(log):
    shred(log, ANN, actor="user:reviewer", justification="erasure", code_commit="0" * 40)
    (entry,) = stream(log, Filter(action=Action.SHRED_SUBJECT))
    said = entry.said
    assert (said["actor"], said["justification"], said["detail"]) == ("user:reviewer", "erasure", {"salts": 1})
    assert ANN not in entry.content.decode()


def test_shredding_what_is_not_there_does_and_logs_nothing(log):
    before = size(log)
    assert not shred(log, EVE, actor="user:reviewer", justification="erasure", code_commit="0" * 40)
    assert size(log) == before


def test_after_a_shredding_a_new_disclosure_is_known_and_the_old_ones_are_not(log, signer):
    shred(log, ANN, actor="user:reviewer", justification="erasure", code_commit="0" * 40)
    index = disclose(log, release(3), [ANN])
    assert [act.index for act in seen(log, ANN)] == [index]
    assert whole(log, signer)


@pytest.mark.parametrize(
    "changed",
    [
        lambda kept: bytes([kept[0] ^ 1]) + kept[1:],
        lambda kept: kept[32:],
        lambda kept: kept[32:] + kept[:32],
        lambda kept: kept + kept[-32:],
        lambda kept: kept + b"\xff" * 32,
        lambda kept: kept[:-1],
        lambda kept: b"",
    ],
    ids=["a bit", "one gone", "swapped", "one twice", "one more", "cut off", "all gone"],
)
def test_changed_commitments_are_found(log, changed):
    assert not problems(log)
    kept = log.execute(select(DISCLOSED.c.commitments).where(DISCLOSED.c.entry == 0)).scalar_one()
    with a_change_by_an_administrator(log, DISCLOSED):
        log.execute(update(DISCLOSED).where(DISCLOSED.c.entry == 0).values(commitments=changed(kept)))
    (problem,) = problems(log)
    assert "entry 0" in problem


def test_commitments_taken_away_are_found(log):
    with a_change_by_an_administrator(log, DISCLOSED):
        log.execute(DISCLOSED.delete().where(DISCLOSED.c.entry == 2))
    (problem,) = problems(log)
    assert "entry 2" in problem


def test_commitments_added_to_another_entry_are_found(log):
    log.execute(insert(DISCLOSED).values(entry=1, commitments=bytes(32)))
    (problem,) = problems(log)
    assert "entry 1" in problem


def test_an_entry_that_cannot_be_read_is_told_and_stops_nothing(log):
    rewrite_entry(log, 0, lambda _: b'"persons_root": nonsense')
    assert problems(log) == ["Whose data the act of entry 0 was about was changed: the commitments have another root."]


def test_commitments_of_an_entry_that_the_log_has_not_are_found(log):
    log.execute(insert(DISCLOSED).values(entry=4, commitments=bytes(32)))
    assert len(problems(log)) == 1


def test_commitments_that_come_while_the_log_is_verified_are_no_problem(settings, signer):
    """An act that is committed after its entry would have been read, and before the commitments are."""
    with transaction(settings) as connection:
        disclose(connection, release(1), [ANN])
    with transaction(settings) as connection:
        disclose(connection, release(2), [BEN])
        stated = {0: next(stream(connection, Filter())).said["detail"]}
        assert list(subjects.problems(connection, stated, 1)) == []
