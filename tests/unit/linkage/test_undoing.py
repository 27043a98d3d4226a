"""A change of the register is taken back by a person: the next link obeys, every later one too, and it is logged."""

import polars as pl
import pytest
from typer.testing import CliRunner

from cli.link import app
from hub.database import transaction
from hub.settings import Settings
from keys.ring import KeyRing
from linkage.errors import LinkageRefused
from linkage.linking import link
from linkage.registered.changes import Kind
from linkage.registered.undoing import newest_changes, undo
from linkage.reviewed.explained import explained
from linkage.reviewed.reviewing import Ground, Verdict, decide, read_questions, words
from tests.stored_log import said
from tests.unit.linkage.test_following import ring  # noqa: F401
from tests.unit.linkage.test_linking import FIRST, POLICE, SECOND, admit, register


def person_of(settings: Settings, record: str) -> str:
    return dict(register(settings).select("record_id", "person_id").iter_rows())[record]


def test_a_join_is_taken_back_and_stays_so(
    settings: Settings,
    ring: KeyRing,  # noqa: F811
    records: pl.DataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    admit(settings, ring, POLICE, FIRST, records.head(700))
    link(settings, ring, FIRST)
    admit(settings, ring, POLICE, SECOND, records.slice(700, 60))
    link(settings, ring, SECOND)
    with transaction(settings) as connection:
        joined = next(it for it in newest_changes(connection, 500, (Kind.JOINED,)) if it.bits and it.bits > 5)
        assert joined.evidence_record_id
        assert joined.model_version
        with pytest.raises(LinkageRefused, match="Undo a merge, a split or a join"):
            undo(settings, connection, newest_changes(connection, 1, (Kind.FOUNDED,))[0].number, Ground.PATTERN)
    others = register(settings).filter(pl.col("person_id") == joined.person_id)["record_id"].to_list()
    for name in ("home", "database_url", "agreement", "commit"):
        monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(settings, name)))
    run = CliRunner().invoke
    assert str(joined.number) in run(app, ["events", "--kind", "joined", "--most", "500", "--json"]).output
    shown = run(app, ["events", str(joined.number)]).output
    assert all(it in shown for it in (joined.record_id, joined.evidence_record_id, "date_of_birth", "beyond"))
    assert "none has the number 0" in str(run(app, ["events", "0"]).exception)
    done = run(app, ["undo", str(joined.number), "--ground", "authorities"])
    assert (done.exit_code, "is taken back" in done.output) == (0, True)
    for full in (False, True, False):
        after = link(settings, ring, SECOND, full=full)
        own = person_of(settings, joined.record_id)
        assert own != joined.person_id
        assert {person_of(settings, it) for it in others if it != joined.record_id} == {joined.person_id}
        assert after.full is full
    with transaction(settings) as connection:
        (entry,) = said(connection, action="linkage:pair:decision")
        assert (entry["detail"]["undoes"], entry["detail"]["event"]) == ("joined", joined.number)
        (split,) = newest_changes(connection, 1, (Kind.SPLIT,))
        assert (split.other_id, split.bits) == (own, joined.bits)  # shown is what speaks against it
        assert explained(connection, split).levels == explained(connection, joined).levels
        undo(settings, connection, split.number, Ground.SUBJECT)
    link(settings, ring, SECOND)
    # what was undone can be done again; of two persons founded in one quarter, the smaller id stays
    assert len({person_of(settings, it) for it in others}) == 1
    assert person_of(settings, joined.record_id) in {joined.person_id, own}


def test_a_merge_is_taken_back_and_both_persons_are_as_they_were(
    settings: Settings,
    ring: KeyRing,  # noqa: F811
    records: pl.DataFrame,
) -> None:
    admit(settings, ring, POLICE, FIRST, records.head(400))
    link(settings, ring, FIRST)
    before = register(settings).select("record_id", "person_id").sort("record_id")
    with transaction(settings) as connection:
        pair = next(it for it in read_questions(connection) if not it.joined)
        decide(settings, connection, (pair.record_id_l, pair.record_id_r), Verdict.SAME, Ground.AUTHORITIES)
    link(settings, ring, FIRST)
    merged = person_of(settings, pair.record_id_l)
    assert merged == person_of(settings, pair.record_id_r)
    with transaction(settings) as connection:
        (event,) = newest_changes(connection, 10, (Kind.MERGED,))
        assert (event.person_id, pair.joined) == (merged, False)
        why = explained(connection, event)
        assert {event.record_id, event.evidence_record_id} <= set(before["record_id"])
        assert sum(why.bits.values()) == pytest.approx(event.bits)
        assert [(it.verdict, it.ground) for it in why.decided] == [(Verdict.SAME, Ground.AUTHORITIES)]
        first = [it.number for it in words(connection)]
        with pytest.raises(LinkageRefused, match="contradicts"):  # the decision that made it stands
            undo(settings, connection, event.number, Ground.AUTHORITIES)
        decide(settings, connection, (pair.record_id_l, pair.record_id_r), Verdict.OPEN, Ground.AUTHORITIES)
        undo(settings, connection, event.number, Ground.AUTHORITIES)
        assert len(first) == 1
        with pytest.raises(LinkageRefused, match="decided already"):
            undo(settings, connection, event.number, Ground.AUTHORITIES)
    for full in (False, True):
        link(settings, ring, FIRST, full=full)
        after = register(settings).select("record_id", now="person_id").join(before, on="record_id")
        sides = after.group_by("person_id").agg(pl.col("now").n_unique())
        assert sides["person_id"].len() == after["now"].n_unique()
        assert sides["now"].max() == 1  # nobody is torn apart, and nobody is joined
        assert person_of(settings, pair.record_id_l) != person_of(settings, pair.record_id_r)
