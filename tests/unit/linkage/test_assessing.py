"""What a link's report says of itself, held to truth that is known; and what people say of a random sample of pairs."""

import json

import numpy as np
import polars as pl
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from cli.link import app
from hub.database import transaction
from hub.settings import Settings
from keys.home import create_ring
from keys.ring import KeyRing
from linkage.assessed.drawing import draw_sample
from linkage.assessed.kept_reports import all_reports
from linkage.assessed.sampling import reviewed
from linkage.assessed.shares import Told, share, times, wilson
from linkage.errors import LinkageRefused
from linkage.learned.model import Model
from linkage.learned.trained import keep_model
from linkage.linking import link
from linkage.models import LinkQuestion
from linkage.reviewed.reviewing import Ground, Verdict, decide, read_questions
from tests.unit.linkage.test_linking import COUNCIL, FIRST, POLICE, SECOND, admit


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Pairs that match with the chance that the model says: of 400 such sets some 95 % lie within the interval."""
    chance, within = np.random.default_rng(5), 0
    for _ in range(400):
        likely = chance.beta(20, 1, 500)
        right = (chance.random(500) < likely).mean()
        found = share(Told(float(likely.sum()), 500.0, float((likely * (1 - likely)).sum())))
        within += found.low <= right <= found.high
    assert 0.9 <= within / 400 <= 0.99


def test_no_share_leaves_nought_to_one() -> None:
    for value in (0.0, 0.3, 1.0):
        for count in (0.5, 10, 1e9):
            found = wilson(value, count)
            assert 0 <= found.low <= found.value <= found.high <= 1
    both = times(wilson(0.9, 100), wilson(1.0, 50))
    assert both.low < both.value == 0.9 < both.high


@pytest.fixture
def linked(settings: Settings, records: pl.DataFrame, model: Model) -> KeyRing:
    """Records of two authorities, linked."""
    ring = create_ring(settings)
    with transaction(settings) as connection:
        keep_model(connection, model, FIRST)
    admit(settings, ring, POLICE, FIRST, records.head(2000))
    admit(settings, ring, COUNCIL, FIRST, records.slice(2000, 1000))
    link(settings, ring, FIRST)
    return ring


def test_a_report_is_kept_with_each_link_and_compared_with_the_one_before(
    settings: Settings, linked: KeyRing, records: pl.DataFrame
) -> None:
    homeless = pl.lit(None, pl.String).alias("token_postcode")
    admit(settings, linked, POLICE, SECOND, records.slice(3000, 300).with_columns(homeless))
    link(settings, linked, SECOND)
    with transaction(settings) as connection:
        first, second = (it.report for it in all_reports(connection))
    assert (first.records, second.records) == (3000, 3300)
    assert first.shift is None
    assert second.shift is not None
    assert 0 < second.shift < 0.25
    assert second.recall.value == pytest.approx(second.within.value * second.reach.value, abs=1e-5)
    assert {group.name for group in second.groups if group.kind == "authorities"} == {
        "council, council", "council, police", "police, police",
    }  # fmt: skip
    missing = {(it.feed, it.field): it.share for it in second.missing}
    assert missing[POLICE, "postcode"] == pytest.approx(0.26, abs=0.05)
    assert [(it.feed, it.field) for it in second.lacking] == [(POLICE, "postcode")]
    assert second.reach_before == first.reach.value
    assert missing[POLICE, "nhs_number"] == 1.0  # the agreement does not let the police feed be linked by it
    behind = {
        f"{name}/{it.kind}/{it.name}": getattr(second, name if name == "precision" else "within").value - share_.value
        for it in second.groups
        for name in ("precision", "recall")
        if (share_ := getattr(it, name)) and it.pairs is not None and it.pairs >= 100
    }
    furthest = max(behind, key=lambda group: behind[group])
    assert second.behind == furthest.replace(", ", "+").replace(" ", "_")
    assert second.gap == pytest.approx(behind[furthest], abs=1e-6)
    assert second.gap > 0
    hidden = [group for group in second.groups if group.pairs is None]  # few stand for them
    assert all(group.pairs is None or group.pairs >= second.smallest for group in second.groups)
    assert all(group.precision is None and group.recall is None and group.records is None for group in hidden)
    assert all(group.pairs % 5 == 0 for group in second.groups if group.pairs is not None)


def test_people_who_judge_a_sample_measure_what_the_model_only_believes(
    settings: Settings, linked: KeyRing, labelled: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    person = dict(labelled[1].iter_rows())
    drawn = draw_sample(settings, linked, 120, seed=3)
    assert drawn.of > drawn.pairs >= 60
    with transaction(settings) as connection:
        sampled = [it for it in read_questions(connection) if it.stratum]
        assert len(sampled) == drawn.pairs
        for it in sampled:
            same = person[it.record_id_l] == person[it.record_id_r]
            verdict = Verdict.SAME if same else Verdict.APART
            decide(settings, connection, (it.record_id_l, it.record_id_r), verdict, Ground.PATTERN)
    again = link(settings, linked, FIRST)
    found = again.report.reviewed
    assert found is not None
    assert found.pairs == drawn.pairs
    assert found.precision.low <= 1.0 == found.precision.high or found.precision.value > 0.95
    assert found.recall.low < found.recall.value <= found.recall.high
    assert found.recall.value > 0.9
    with transaction(settings) as connection:
        said = reviewed(connection, again.model_version)
        assert said is not None
        assert found.recall.value == pytest.approx(said.recall.value * again.report.reach.value, abs=1e-5)
        connection.execute(update(LinkQuestion).values(model_version="0" * 64))
    assert link(settings, linked, FIRST).report.reviewed is None  # the sample is of another model's persons


def test_no_sample_is_drawn_before_a_link(settings: Settings) -> None:
    with pytest.raises(LinkageRefused, match="Link the quarter first"):
        draw_sample(settings, create_ring(settings), 50, seed=1)


def test_the_report_on_the_screen_as_json_and_as_a_page(
    linked: KeyRing, settings: Settings, records: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("home", "database_url", "agreement", "commit"):
        monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(settings, name)))
    run = CliRunner().invoke
    told = run(app, ["report", "--json"]).output
    assert json.loads(told)["records"] == 3000
    assert "In the whole" in run(app, ["report"]).output
    assert "2026-Q2" in run(app, ["report", "--list"]).output
    page = settings.home / "report.html"
    assert run(app, ["report", "--page", str(page)]).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "How right the linkage of 2026-Q2 is" in text
    assert "http" not in text
    for shown in (text, told):
        assert not any(one in shown for column in ("record_id", "token_surname") for one in records[column].head(400))
    full = json.loads(run(app, ["run", "2026-Q2", "--full", "--json"]).output)
    assert (full["full"], full["agreement"]["share"], full["agreement"]["differing"]) == (True, 1.0, [])
    assert "in 1.000000 of" in run(app, ["run", "2026-Q2", "--full"]).output
