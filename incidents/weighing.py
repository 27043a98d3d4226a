"""How likely two events are one incident. Pure: frames in, frames out.

Source: Fellegi & Sunter 1969, A Theory for Record Linkage: with independent comparisons the log odds that a pair
matches are those beforehand plus log2(m / u) of each.
"""

from collections.abc import Callable, Mapping
from math import log2

import polars as pl

from incidents.pairs import BLANK, Events, crimes_by, pairs_in_window, side_by_side
from incidents.rules import COUNTED, IncidentRules, Level, Teller

_MINUTES = {"quarter hour": 15, "hour": 60, "six hours": 360}
_KNIVES = ("knife",)


def weighed(pairs: pl.DataFrame, crimes: Events, told: Events, teller: Teller, rules: IncidentRules) -> pl.DataFrame:
    """The pairs with ``probability`` that they are one incident, and the level of each comparison under its name.

    1. Beforehand, so many pairs of those near in time are one incident as the stated overlap makes.
    2. Each comparison adds its bits; a level that is not stated, and a value that is missing, adds none.
    """
    both = side_by_side(pairs, crimes, told, ("occurred_on", *BLANK))
    both = both.join(_persons(pairs, crimes, told, teller, rules), on=["crime", "told"], how="left")
    both = both.join(
        crimes_by(crimes, rules, "lsoa_code").rename({"chance": "place chance"}), on="lsoa_code", how="left"
    )
    found = [name for name in teller.comparisons if name != "person"]
    both = both.with_columns(_LEVELS[name](rules).alias(name) for name in found)
    bits = [_bits(name, levels) for name, levels in teller.comparisons.items()]
    weight = pl.sum_horizontal(pl.lit(_beforehand(crimes, told, teller, rules)), *bits)  # (1) (2)
    probability = (1 / (1 + pl.lit(2.0).pow(-weight))).round(6)
    return both.select("crime", "told", *teller.comparisons, probability=probability).sort("crime", "told")


def _beforehand(crimes: Events, told: Events, teller: Teller, rules: IncidentRules) -> float:
    """The log odds, in bits, that a pair near in time is one incident; even at the most."""
    pairs = pairs_in_window(crimes, told, rules.window_days)
    expected = teller.overlap * min(crimes.events.height, told.events.height)
    share = min(expected / max(pairs, 1), 0.5)
    return log2(share / (1 - share))


def _bits(name: str, levels: Mapping[str, Level]) -> pl.Expr:
    found = pl.lit(0.0)
    for level, stated in levels.items():
        u = pl.col(f"{name} chance") if stated.u == COUNTED else pl.lit(float(stated.u))
        found = pl.when(pl.col(name) == level).then((stated.m / u).log(2)).otherwise(found)
    return found.fill_null(0.0)


def _persons(pairs: pl.DataFrame, crimes: Events, told: Events, teller: Teller, rules: IncidentRules) -> pl.DataFrame:
    """Of each pair: the part of the first stated role that its persons have in common, or ``another``; and its chance.

    Nothing where the crime has nobody in such a part, or the other event nobody at all.
    """
    roles = pl.DataFrame({"role": teller.roles, "rank": range(len(teller.roles))})
    chances = crimes_by(crimes, rules, "person_id").rename({"chance": "person chance"})
    parts = crimes.parts.join(roles, on="role").join(chances, on="person_id").rename({"event_id": "crime"})
    others = told.parts.select(told="event_id", person_id="person_id").unique()
    common = pairs.join(parts, on="crime").join(others, on=["told", "person_id"])
    first = common.sort("crime", "told", "rank", "person chance", "person_id").unique(
        ["crime", "told"], keep="first", maintain_order=True
    )
    known = pairs.join(parts, on="crime", how="semi").join(others, on="told", how="semi")
    found = known.join(first.select("crime", "told", "role", "person chance"), on=["crime", "told"], how="left")
    return found.select("crime", "told", "person chance", person=pl.col("role").fill_null("another"))


def _time(_: IncidentRules) -> pl.Expr:
    """By the minute where both state a time; else by the day."""
    minutes = (pl.col("occurred_at") - pl.col("occurred_at_told")).dt.total_minutes().abs()
    same_day = minutes.is_null() & (pl.col("occurred_on") == pl.col("occurred_on_told"))
    near = pl.coalesce(pl.when(minutes <= most).then(pl.lit(name)) for name, most in _MINUTES.items())
    return pl.when(same_day).then(pl.lit("day")).otherwise(near.fill_null(pl.lit("apart")))


def _place(_: IncidentRules) -> pl.Expr:
    areas = pl.col("lsoa_code").is_not_null() & pl.col("lsoa_code_told").is_not_null()
    return (
        pl.when(pl.col("lsoa_code") == pl.col("lsoa_code_told"))
        .then(pl.lit("small area"))
        .when(pl.col("ward_code") == pl.col("ward_code_told"))
        .then(pl.lit("ward"))
        .when(areas)
        .then(pl.lit("elsewhere"))
    )


def _kind(rules: IncidentRules) -> pl.Expr:
    code = pl.col("offence_code")
    harms = code.is_in(list(rules.bodily_harm)) | code.str.slice(0, 3).is_in(list(rules.bodily_harm))
    return pl.when(harms).then(pl.lit("bodily harm")).when(code.is_not_null()).then(pl.lit("other"))


def _offence(_: IncidentRules) -> pl.Expr:
    one, other = pl.col("offence_code"), pl.col("offence_code_told")
    known = one.is_not_null() & other.is_not_null()
    return (
        pl.when(one == other)
        .then(pl.lit("same"))
        .when(one.str.slice(0, 3) == other.str.slice(0, 3))
        .then(pl.lit("class"))
        .when(known)
        .then(pl.lit("other"))
    )


def _knife(_: IncidentRules) -> pl.Expr:
    """Whether each tells of a knife: the crime by its flag or its weapon, the other by how the patient was attacked."""
    one = pl.coalesce(pl.col("knife"), pl.col("weapon").is_in(_KNIVES))
    other = pl.col("assault_method_told").is_in(_KNIVES)
    known = one.is_not_null() & other.is_not_null()
    words = pl.when(one & other).then(pl.lit("both")).when(one | other).then(pl.lit("one")).otherwise(pl.lit("neither"))
    return pl.when(known).then(words)


_LEVELS: Mapping[str, Callable[[IncidentRules], pl.Expr]] = {
    "time": _time, "place": _place, "kind": _kind, "offence": _offence, "knife": _knife,
}  # fmt: skip
