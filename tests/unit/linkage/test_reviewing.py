"""The review queue: what is asked, in which order, and what becomes of what people say."""

import json
from itertools import pairwise

import polars as pl
import pytest
from sqlalchemy import insert, select
from test_linking import COUNCIL, FIRST, POLICE, SECOND, admit, register
from typer.testing import CliRunner

from cli.link_review import app
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import create_ring
from keys.ring import KeyRing
from linkage.assessed.drawing import draw_sample
from linkage.assessed.kept_reports import all_reports
from linkage.config import LinkageConfig
from linkage.errors import LinkageRefused
from linkage.learned.model import Model
from linkage.learned.trained import keep_model
from linkage.linking import link
from linkage.models import LinkDecision, RegisterEvent
from linkage.registered.forgetting import forget_records
from linkage.reviewed.reviewing import Ground, Question, Verdict, decide, read_questions, words
from tests.stored_log import said


@pytest.fixture
def ring(settings: Settings) -> KeyRing:
    return create_ring(settings)


@pytest.fixture
def asked(settings: Settings, ring: KeyRing, records: pl.DataFrame, model: Model) -> list[Question]:
    """The queue after a first link."""
    admit(settings, ring, POLICE, FIRST, records.head(2000))
    admit(settings, ring, COUNCIL, FIRST, records.slice(2000, 1000))
    with transaction(settings) as connection:
        keep_model(connection, model, FIRST)
    link(settings, ring, FIRST)
    return queue(settings)


def queue(settings: Settings) -> list[Question]:
    with transaction(settings) as connection:
        return read_questions(connection)


def say(settings: Settings, one: Question, verdict: Verdict) -> None:
    with transaction(settings) as connection:
        decide(settings, connection, (one.record_id_l, one.record_id_r), verdict, Ground.PATTERN)


def together(settings: Settings, one: Question) -> bool:
    held = dict(register(settings).select("record_id", "person_id").iter_rows())
    return held[one.record_id_l] == held[one.record_id_r]


def first(asked: list[Question], *, joined: bool) -> Question:
    return next(one for one in asked if one.joined is joined)


def test_doubtful_pairs_are_asked_about_the_most_valuable_first(
    asked: list[Question], config: LinkageConfig, settings: Settings
) -> None:
    assert len(asked) > 5
    assert all(before.value >= after.value for before, after in pairwise(asked))
    assert all(config.review.from_ <= one.match_weight < config.review.to or one.held_by for one in asked)
    assert all(together(settings, one) is one.joined for one in asked)
    assert {one.joined for one in asked} == {True, False}


def test_the_bits_of_a_pair_add_up_to_its_weight(asked: list[Question]) -> None:
    for one in asked:
        total = sum(one.bits.values())
        assert one.match_weight == pytest.approx(min(total, one.match_weight) if one.held_by else total)


def test_one_question_stands_for_two_persons(asked: list[Question], settings: Settings) -> None:
    held = dict(register(settings).select("record_id", "person_id").iter_rows())
    persons = [frozenset((held[one.record_id_l], held[one.record_id_r])) for one in asked]
    assert len(persons) == len(set(persons))


def test_the_next_link_obeys_and_so_do_later_ones_by_another_model_too(
    asked: list[Question], settings: Settings, ring: KeyRing, records: pl.DataFrame, model: Model
) -> None:
    to_part, to_join = first(asked, joined=True), first(asked, joined=False)
    say(settings, to_part, Verdict.APART)
    say(settings, to_join, Verdict.SAME)
    estimated = link(settings, ring, FIRST).report
    assert (together(settings, to_part), together(settings, to_join)) == (False, True)
    with transaction(settings) as connection:
        before = all_reports(connection)[0].report
    assert estimated.precision.value >= before.precision.value  # what people decided is known, not doubted
    assert estimated.recall.value >= before.recall.value
    held = dict(register(settings).select("record_id", "person_id").iter_rows())
    parted = {held[to_part.record_id_l], held[to_part.record_id_r]}
    assert not any({held[one.record_id_l], held[one.record_id_r]} == parted for one in queue(settings))
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 500))
    link(settings, ring, SECOND)
    assert (together(settings, to_part), together(settings, to_join)) == (False, True)
    again = {(one.record_id_l, one.record_id_r) for one in queue(settings)}
    assert not again & {(one.record_id_l, one.record_id_r) for one in (to_part, to_join)}
    learned = json.loads(model.document)
    learned["parameters"]["forename"]["close"]["m"] /= 4
    another = Model(json.dumps(learned))
    with transaction(settings) as connection:
        keep_model(connection, another, SECOND)
    retrained = link(settings, ring, SECOND)
    assert (retrained.model_version, retrained.full) == (another.version, True)
    (drift,) = retrained.report.drift
    assert (drift.comparison, drift.level) == ("forename", "close")
    assert drift.now == pytest.approx(drift.before - 2, abs=0.02)
    assert (together(settings, to_part), together(settings, to_join)) == (False, True)


def test_a_sample_stands_behind_what_is_most_valuable(asked: list[Question], settings: Settings, ring: KeyRing) -> None:
    drawn = draw_sample(settings, ring, 20, seed=1).pairs
    link(settings, ring, FIRST)
    stands = [one.stratum is not None for one in queue(settings)]
    assert stands == sorted(stands)
    assert sum(stands) == drawn < len(stands)


def test_a_decision_leaves_persons_that_it_is_not_about_their_ids(
    asked: list[Question], settings: Settings, ring: KeyRing
) -> None:
    before, one = register(settings), first(asked, joined=False)
    say(settings, one, Verdict.SAME)
    link(settings, ring, FIRST)
    held = dict(before.select("record_id", "person_id").iter_rows())
    others = before.filter(~pl.col("person_id").is_in([held[one.record_id_l], held[one.record_id_r]]))
    after = register(settings).join(others.select("record_id"), on="record_id", how="semi")
    assert after.equals(others)


def test_a_decision_is_taken_back_and_the_model_decides_again(
    asked: list[Question], settings: Settings, ring: KeyRing
) -> None:
    before, one = register(settings), first(asked, joined=True)
    say(settings, one, Verdict.APART)
    link(settings, ring, FIRST)
    say(settings, one, Verdict.OPEN)
    link(settings, ring, FIRST)
    assert register(settings).drop("since").equals(before.drop("since"))
    assert [one.record_id_l for one in queue(settings)] == [one.record_id_l for one in asked]
    assert not {one.number for one in queue(settings)} & {one.number for one in asked}  # none is taken for another


def test_decisions_that_contradict_are_refused(asked: list[Question], settings: Settings) -> None:
    one = asked[0]
    say(settings, one, Verdict.SAME)
    say(settings, one, Verdict.APART)  # a change of mind is no contradiction
    with transaction(settings) as connection:
        (word,) = words(connection)
        assert word.verdict is Verdict.APART
        nobody = (one.record_id_l, "f" * 32)
        with pytest.raises(LinkageRefused, match="no link asked about it"):
            decide(settings, connection, nobody, Verdict.SAME, Ground.PATTERN)
        with pytest.raises(LinkageRefused, match="nobody decided it"):
            decide(settings, connection, nobody, Verdict.OPEN, Ground.PATTERN)


def test_a_chain_of_decisions_is_not_cut(asked: list[Question], settings: Settings) -> None:
    one, between = asked[0], "0" * 32
    row = {"record_id_l": between, "verdict": Verdict.SAME, "ground": Ground.SUBJECT, "actor": "user:x", "at": now()}
    with transaction(settings) as connection:
        ends = [row | {"record_id_r": end} for end in (one.record_id_l, one.record_id_r)]
        connection.execute(insert(LinkDecision), ends)
        with pytest.raises(LinkageRefused, match="contradicts what was decided of other pairs"):
            decide(settings, connection, (one.record_id_l, one.record_id_r), Verdict.APART, Ground.PATTERN)


def test_what_was_decided_is_logged_without_its_records(asked: list[Question], settings: Settings) -> None:
    say(settings, asked[0], Verdict.SAME)
    with transaction(settings) as connection:
        (entry,) = said(connection, action="linkage:pair:decision")
    assert entry["detail"] == {"ground": "pattern", "verdict": "same"}
    assert asked[0].record_id_l not in str(entry)


def test_erased_records_are_forgotten(asked: list[Question], settings: Settings) -> None:
    say(settings, asked[0], Verdict.SAME)
    with transaction(settings) as connection:
        forget_records(connection, [asked[0].record_id_l, asked[1].record_id_r])
        assert words(connection) == []
    assert [one.number for one in queue(settings)] == [one.number for one in asked[2:]]
    with transaction(settings) as connection:
        rested = select(RegisterEvent.evidence_record_id).where(RegisterEvent.levels.is_not(None))
        forget_records(connection, [connection.execute(rested.limit(1)).scalar_one()])
        assert connection.execute(rested.where(RegisterEvent.evidence_record_id.is_(None))).all() == []


def test_a_reviewer_sees_the_pattern_and_the_waterfall_and_decides(
    asked: list[Question], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("home", "database_url", "agreement", "commit"):
        monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(settings, name)))
    run = CliRunner().invoke
    listed = json.loads(run(app, ["--json", "--most", "3"]).output)
    assert [each["record_id_r"] for each in listed] == [each.record_id_r for each in asked[:3]]
    assert f"{len(asked) - 2} more are asked about" in run(app, ["--most", "2"]).output
    shown = run(app, ["show", "1"]).output
    assert all(name in shown for name in ("prior", "forename", "date_of_birth", asked[0].record_id_l))
    done = run(app, ["apart", "1", "--ground", "pattern"])
    assert (done.exit_code, "decided: apart" in done.output) == (0, True)
    (told,) = json.loads(run(app, ["decisions", "--json"]).output)
    assert (told["verdict"], told["actor"][:5]) == ("apart", "user:")  # a person decided, not the hub's service
    assert "Decided: apart" in run(app, ["show", "1"]).output
    assert "pair 1 was decided already (apart" in str(run(app, ["same", "1", "--ground", "pattern"]).exception)
    assert "asks about no pair 0" in str(run(app, ["same", "0", "--ground", "pattern"]).exception)
    assert run(app, ["reopen", "1", "--ground", "pattern"]).exit_code == 0
    assert "Nothing was decided" in run(app, ["decisions"]).output
