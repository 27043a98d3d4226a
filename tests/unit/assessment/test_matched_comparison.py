"""The evaluation of an intervention where the truth is known: whom it compares, how often its intervals are right."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from assessment.evaluation import Evaluation, Verdict, evaluate, judged
from assessment.matching import Balance
from assessment.occasions import occasions
from assessment.regression import Ratio
from tests.cases import cases

UNTIL = date(2026, 9, 30)
FIRST = date(2024, 1, 1)
Tables = dict[str, pl.DataFrame]


def borough(seed: int, effect: float, children: int = 360, often: float = 0.5) -> Tables:
    """Children with one case each; those at greater risk are given "boxing" more often. Acts are Poisson's."""
    rng = np.random.default_rng(seed)
    risk = rng.gamma(1.5, often, children)  # acts of violence a quarter
    case_on = rng.integers(365, 600, children)
    past = [np.sort(rng.uniform(0, day, rng.poisson(rate * day / 91))) for rate, day in zip(risk, case_on, strict=True)]
    rating = np.digitize([len(days) for days in past] + rng.normal(0, 2, children), (3, 7))
    given = rng.random(children) < np.array([0.2, 0.4, 0.6])[rating]
    start = case_on + rng.integers(7, 28, children)
    rows: list[tuple[str, str, date, str, str | None]] = []
    for child in range(children):
        after = rng.uniform(start[child], 1004, rng.poisson(risk[child] * (1004 - start[child]) / 91 * 3))
        rate = (effect if given[child] else 1.0) / 3
        kept = after[rng.random(len(after)) < rate]
        acts = [int(day) for day in (*past[child], *kept)]
        rows += [
            (f"{child}/{n}", f"p{child}", FIRST + timedelta(days=day), "suspect", None) for n, day in enumerate(acts)
        ]
        said = ("low", "medium", "high")[rating[child]]
        rows.append((f"case {child}", f"p{child}", FIRST + timedelta(days=int(case_on[child])), "child", said))
    names = ("event_id", "person_id", "occurred_on", "role", "reoffending_likelihood")
    told = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()) | {"occurred_on": pl.Date()}, orient="row")
    act = pl.col("role") == "suspect"
    feed = pl.when(act).then(pl.lit("police.recorded_crime")).otherwise(pl.lit("yot.cases"))
    kind = pl.when(act).then(pl.lit("actual bodily harm"))
    had = [child for child in range(children) if given[child]]
    return {
        "person": pl.DataFrame({"person_id": [f"p{n}" for n in range(children)], "birth_year": 2009, "sex": "male"}),
        "event": told.select("event_id", "occurred_on", violence_kind=kind, feed=feed),
        "involvement": told.select("event_id", "person_id", "role", "reoffending_likelihood", feed=feed),
        "intervention": pl.DataFrame(
            {
                "person_id": [f"p{child}" for child in had],
                "event_id": [f"case {child}" for child in had],
                "intervention": "boxing",
                "feed": "yot.cases",
                "offered_on": [FIRST + timedelta(days=int(case_on[child])) for child in had],
                "started_on": [FIRST + timedelta(days=int(start[child])) for child in had],
            },
            schema_overrides=dict.fromkeys(("person_id", "event_id"), pl.String())
            | dict.fromkeys(("offered_on", "started_on"), pl.Date()),
        ),
    }


def told(seed: int, effect: float, often: float = 0.5) -> Evaluation:
    return evaluate(borough(seed, effect, often=often), "boxing", UNTIL)


def test_the_interval_holds_the_true_effect_as_often_as_it_says() -> None:
    """Where acts are rare: where many have more than two in a quarter, an effect is told smaller than it is."""
    many, true = cases(200), 0.6
    found = [told(seed, true, often=0.2) for seed in range(many)]
    held = sum(one.effect.low <= true <= one.effect.high for one in found)
    assert held >= many * 0.95 - 2.6 * (many * 0.95 * 0.05) ** 0.5


def test_no_effect_is_found_where_there_is_none() -> None:
    many = cases(200)
    found = [one.verdict for one in (told(1000 + seed, 1.0) for seed in range(many))]
    assert sum(verdict in (Verdict.HELPED, Verdict.HARMED) for verdict in found) <= max(1, 0.05 * many)
    crude = [told(1000 + seed, 1.0).crude for seed in range(5)]
    assert all(one.low > 1 for one in crude)  # what a comparison would say that looks at nobody's past


@pytest.mark.parametrize(("effect", "verdict"), [(0.4, Verdict.HELPED), (2.0, Verdict.HARMED)])
def test_a_great_help_and_a_great_harm_are_found(effect: float, verdict: Verdict) -> None:
    assert {told(seed, effect).verdict for seed in range(4)} == {verdict}


def test_what_came_between_the_start_and_the_next_quarter_does_not_count() -> None:
    rows = occasions(borough(1, 1.0), "boxing", UNTIL)
    assert (rows["begins_on"] > rows["index_on"]).all()
    assert rows["begins_on"].dt.day().unique().to_list() == [1]
    assert rows["ends_on"].max() == UNTIL + timedelta(days=1)
    assert rows["quarters"].max() <= 8.1


def test_who_was_given_something_is_compared_until_then_and_never_afterwards() -> None:
    tables = borough(1, 1.0)
    child = tables["intervention"]["person_id"][0]
    started = tables["intervention"]["started_on"][0]
    early = pl.DataFrame({"event_id": ["early"], "occurred_on": [started - timedelta(days=200)], "feed": ["yot.cases"]})
    late = early.with_columns(event_id=pl.lit("late"), occurred_on=pl.lit(started + timedelta(days=100)))
    part = pl.DataFrame({"event_id": ["early", "late"], "person_id": child, "role": "child", "feed": "yot.cases"})
    more = {
        "event": pl.concat([tables["event"], early, late], how="diagonal"),
        "involvement": pl.concat([tables["involvement"], part], how="diagonal"),
    }
    rows = occasions(tables | more, "boxing", UNTIL).filter(pl.col("person_id") == child)
    assert sorted(rows.select("event_id", "treated").rows(), key=str) == [
        (tables["intervention"]["event_id"][0], 1),
        ("early", 0),
    ]
    assert rows.filter(pl.col("event_id") == "early")["ends_on"].item() == started


def test_where_who_had_it_can_be_told_from_the_rest_there_is_no_ratio() -> None:
    """A handful, so alike among themselves that the adjustment tells the two sides apart, or says nothing twice."""
    for children in (6, 12, 25, 40):
        for seed in range(6):
            found = evaluate(borough(seed, 1.0, children), "boxing", UNTIL)
            assert found.verdict in (Verdict.CANNOT_BE_TOLD, Verdict.NO_EVIDENCE)


def test_what_a_service_gives_everybody_counts_as_nothing() -> None:
    tables = borough(1, 0.4)
    cases_ = tables["involvement"].filter(pl.col("role") == "child").join(tables["event"], on="event_id")
    disposal = cases_.select("person_id", "event_id", intervention=pl.lit("disposal"), feed=pl.lit("yot.cases"),
                             offered_on="occurred_on", started_on="occurred_on")  # fmt: skip
    given = pl.concat([tables["intervention"], disposal.select(tables["intervention"].columns)])
    alone = evaluate(tables, "boxing", UNTIL)
    assert evaluate(tables | {"intervention": given}, "boxing", UNTIL).verdict is Verdict.CANNOT_BE_TOLD
    both = evaluate(tables | {"intervention": given}, "boxing", UNTIL, usual=["disposal"])
    assert (both.effect, both.verdict) == (alone.effect, Verdict.HELPED)


def test_too_few_with_an_intervention_is_said_and_no_effect_made_up() -> None:
    found = evaluate(borough(1, 1.0), "an intervention nobody had", UNTIL)
    assert (found.verdict, found.persons.height, found.treated.persons) == (Verdict.CANNOT_BE_TOLD, 0, 0)
    assert not found.effect.told


@pytest.mark.parametrize(
    ("treated", "unlike", "effect", "expected"),
    [
        (19, 0.0, Ratio(0.3, 0.2, 0.4, 0.0), Verdict.CANNOT_BE_TOLD),  # too few, however great the effect
        (200, 0.26, Ratio(0.3, 0.2, 0.4, 0.0), Verdict.CANNOT_BE_TOLD),  # not alike after matching
        (200, 0.0, Ratio(1.0, 0.4, 1.7, 0.9), Verdict.CANNOT_BE_TOLD),  # both a great help and a great harm
        (200, 0.0, Ratio(1.0, 0.8, 1.25, 0.9), Verdict.NO_EVIDENCE),
        (200, 0.0, Ratio(1.3, 1.02, 1.6, 0.03), Verdict.NO_EVIDENCE),  # once in thirty times by chance
        (200, 0.0, Ratio(0.8, 0.6, 0.98, 0.03), Verdict.NO_EVIDENCE),
        (200, 0.0, Ratio(1.4, 1.1, 1.8, 0.009), Verdict.HARMED),
        (200, 0.0, Ratio(0.6, 0.4, 0.9, 0.009), Verdict.HELPED),
    ],
)
def test_the_verdict_says_no_more_than_the_interval(
    treated: int, unlike: float, effect: Ratio, expected: Verdict
) -> None:
    assert judged(treated, [Balance("age", 0.5, unlike)], effect)[0] is expected
