"""A hub with a quarter that is published to the analysts: crimes of some years, and youth cases with mentoring."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.unit.publish.small_hub import INSTANT, Q3, Hub, an_id

PUBLIC = {"purposes": ["needs-assessment"], "tables": ["quarter", "needs"], "smallest_count": 8, "round_to": 5}
FEEDS = ("police.recorded_crime", "yot.cases")
_CODES = ("005/01", "008/06", "034/10", "105/01", "045/10", "092/01")
_WARDS = ("E05013928", "E05013936")
_AREAS = ("E01002916", "E01002915")


def crimes(seed: int, number: int, children: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Police crimes of nine quarters, each with a child of these as its suspect."""
    rng = np.random.default_rng(seed)
    days = [date(2024, 7, 1) + timedelta(days=int(day)) for day in rng.integers(0, 820, number)]
    who, place = rng.integers(0, children, number), rng.integers(0, 2, number)
    events = pl.DataFrame(
        {
            "event_id": [an_id("e", n) for n in range(number)],
            "feed": FEEDS[0],
            "event_type": "crime",
            "occurred_on": days,
            "occurred_at": [
                datetime(day.year, day.month, day.day, int(hour), tzinfo=UTC)
                for day, hour in zip(days, rng.integers(0, 24, number), strict=True)
            ],
            "offence_code": [_CODES[n] for n in rng.choice(6, number, p=[0.3, 0.2, 0.2, 0.15, 0.1, 0.05])],
            "lsoa_code": [_AREAS[n] for n in place],
            "ward_code": [_WARDS[n] for n in place],
            "place_type": "street",
        },
        schema_overrides={"occurred_at": INSTANT},
    )  # fmt: skip
    parts = {"event_id": events["event_id"], "record_id": [an_id("a", n) for n in who], "feed": FEEDS[0]}
    return events, pl.DataFrame({**parts, "role": "suspect", "sex": "male", "ethnic_group": "white",
                                 "birth_year": [2010] * number})  # fmt: skip


def cases(children: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A youth case for each child, half of them with mentoring."""
    at = [date(2025, 3, 1) + timedelta(days=n % 60) for n in range(children)]
    given = [n % 2 == 0 for n in range(children)]
    events = pl.DataFrame(
        {
            "event_id": [an_id("d", n) for n in range(children)],
            "feed": FEEDS[1],
            "event_type": "youth justice case",
            "occurred_on": at,
        }
    )
    started = [day + timedelta(days=14) if one else None for day, one in zip(at, given, strict=True)]
    parts = pl.DataFrame(
        {
            "event_id": events["event_id"],
            "record_id": [an_id("b", n) for n in range(children)],
            "feed": FEEDS[1],
            "role": "child",
            "sex": "male",
            "ethnic_group": "white",
            "birth_year": [2010] * children,
            "reoffending_likelihood": "medium",
            "intervention_kind": ["mentoring" if one else None for one in given],
            "intervention_started_on": started,
        },
        schema_overrides={"intervention_started_on": pl.Date(), "intervention_kind": pl.String()},
    )
    return events, parts


def fill(hub: Hub, number: int = 900, children: int = 80) -> Hub:
    """Admit both feeds, and find each child's records in them."""
    hub.deliver(FEEDS[0], Q3, *crimes(1, number, children))
    hub.deliver(FEEDS[1], Q3, *cases(children))
    hub.link({f"child {n}": [f"a{n}", f"b{n}"] for n in range(children)}, FEEDS)
    return hub


def agree_public(terms: dict[str, Any]) -> None:
    """Let the public be given both kinds of tables."""
    terms["public"] = PUBLIC
