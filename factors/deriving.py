"""Factors and interventions from what feeds tell. Pure: frames in, frames out, ids as they came.

Nothing is guessed: a factor is there because an event states it, from that event's day on. That nobody stated it does
not mean that it is not there, so there are no rows that say no.
"""

from collections.abc import Iterator

import polars as pl

from factors.meeting import Told, stated
from factors.model import FactorRule, FactorRules, Stating
from schemas.published_context import OUTCOMES, STRENGTHS

FACTOR = {
    "person_id": pl.String(), "area_code": pl.String(), "factor": pl.String(), "level": pl.String(),
    "direction": pl.String(), "strength": pl.String(), "known_from": pl.Date(), "last_stated_on": pl.Date(),
    "statements": pl.Int64(), "feed": pl.String(), "event_id": pl.String(),
}  # fmt: skip
INTERVENTION = {
    "person_id": pl.String(), "intervention": pl.String(), "kind": pl.String(), "prevention": pl.String(),
    "provider": pl.String(), "offered_on": pl.Date(), "started_on": pl.Date(), "ended_on": pl.Date(),
    "outcome": pl.String(), "feed": pl.String(), "event_id": pl.String(),
}  # fmt: skip


def person_factors(told: Told, rules: FactorRules) -> pl.DataFrame:
    """One row a person, factor and feed, in the columns of ``FACTOR``; ids are of the type that they came in.

    1. It is known from the day of the first event that states it; where several are asked for, of the last of these.
    2. Its strength is as the last event states it that states one.
    3. Its event is the last that states it.
    """
    made = [_of_persons(told, name, rule) for name, rule in rules.factors.items()]
    return pl.concat([pl.DataFrame(schema=FACTOR | told.ids), *made])


def _of_persons(told: Told, name: str, rule: FactorRule) -> pl.DataFrame:
    statements = [found for evidence in rule.evidence for found in _statements(told, evidence)]
    if not statements:
        return pl.DataFrame(schema=FACTOR | told.ids)
    ordered = pl.concat(statements).sort("day", "event_id", "strength", nulls_last=True)
    found = ordered.group_by("person_id", "feed").agg(
        pl.col("from").min().alias("known_from"),  # (1)
        pl.col("day").last().alias("last_stated_on"),
        pl.col("event_id").n_unique().cast(pl.Int64).alias("statements"),
        pl.col("strength").drop_nulls().last(),  # (2)
        pl.col("event_id").last(),  # (3)
    )
    of_rule = {"factor": name, "level": rule.level, "direction": rule.direction, "area_code": None}
    return found.with_columns(pl.lit(value, pl.String).alias(column) for column, value in of_rule.items()).select(
        pl.col(column).cast(kind) for column, kind in (FACTOR | told.ids).items()
    )


def _statements(told: Told, evidence: Stating) -> Iterator[pl.DataFrame]:
    """Each event that states it: person_id, feed, event_id, ``day``, ``strength``, and ``from`` when it is known."""
    met = told.meeting(evidence)
    if met is None:
        return
    strength = stated(met, evidence.strength, pl.String())
    rows = met.select(
        "person_id",
        "feed",
        "event_id",
        day="occurred_on",
        strength=pl.when(strength.is_in(STRENGTHS)).then(strength),
    )
    if evidence.at_least == 1:
        yield rows.with_columns(pl.col("day").alias("from"))
        return
    rows = rows.sort("day", "event_id").with_columns(pl.int_range(pl.len()).over("person_id").alias("before"))
    reached = pl.col("day").filter(pl.col("before") == evidence.at_least - 1).first().over("person_id")
    yield rows.with_columns(reached.alias("from")).filter(pl.col("from").is_not_null()).drop("before")


def area_factors(areas: pl.DataFrame, rules: FactorRules) -> pl.DataFrame:
    """One row a small area and factor, in the columns of ``FACTOR``; ``areas`` are rows of the table area."""
    made = [pl.DataFrame(schema=FACTOR)]
    for name, rule in rules.area_factors.items():
        figure = pl.col(rule.column)
        least = figure >= rule.at_least if rule.at_least is not None else pl.lit(value=True)
        most = figure <= rule.at_most if rule.at_most is not None else pl.lit(value=True)
        found = areas.filter((pl.col("kind") == "lsoa") & least & most)
        since = pl.date(pl.col("deprivation_year"), 1, 1)
        of_rule = {"factor": name, "level": rule.level, "direction": rule.direction}
        rows = found.select("area_code", known_from=since, last_stated_on=since, statements=pl.lit(1, pl.Int64))
        blank = (pl.lit(of_rule.get(column), kind).alias(column) for column, kind in FACTOR.items())
        made.append(
            rows.with_columns(each for each in blank if each.meta.output_name() not in rows.columns).select(*FACTOR)
        )
    return pl.concat(made)


def interventions(told: Told, rules: FactorRules) -> pl.DataFrame:
    """One row an intervention, event and person, in the columns of ``INTERVENTION``."""
    made = [pl.DataFrame(schema=INTERVENTION | told.ids)]
    for name, rule in rules.interventions.items():
        for evidence in rule.evidence:
            met = told.meeting(evidence)
            if met is None:
                continue
            outcome = stated(met, evidence.outcome, pl.String())
            made.append(
                met.select(
                    "person_id",
                    pl.lit(name).alias("intervention"),
                    stated(met, evidence.kind, pl.String()).alias("kind"),
                    pl.lit(evidence.prevention or rule.prevention).alias("prevention"),
                    pl.lit(evidence.provider or evidence.feed.partition(".")[0]).alias("provider"),
                    pl.col("occurred_on").alias("offered_on"),
                    stated(met, evidence.started_on, pl.Date()).alias("started_on"),
                    stated(met, evidence.ended_on, pl.Date()).alias("ended_on"),
                    pl.when(outcome.is_in(OUTCOMES)).then(outcome).alias("outcome"),
                    "feed",
                    "event_id",
                )
            )
    found = pl.concat(made)
    return found.unique(["person_id", "intervention", "event_id"], keep="first", maintain_order=True)
