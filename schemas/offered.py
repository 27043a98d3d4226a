"""Columns that say of an intervention what it is, when it began and ended, and what came of it; and their rule.

Every feed that tells of one has these four, under names of its own. Older deliveries lack them.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from schemas import codes
from schemas.columns import Rows, column, rule
from schemas.readings import code, day


def kind(source: str, known: Mapping[str, str], meaning: str = "Intervention that the person was offered") -> Any:
    """What the intervention is, by a code list."""
    return column(source, code(known), meaning, person=True, nullable=True, may_be_missing=True)


def started_on(source: str) -> Any:
    """When it began."""
    meaning = "When the intervention began; blank where it did not"
    return column(source, day(), meaning, person=True, nullable=True, may_be_missing=True, may_lie_ahead=True)


def ended_on(source: str) -> Any:
    """When it ended."""
    meaning = "When the intervention ended or is to end"
    return column(source, day(), meaning, person=True, nullable=True, may_be_missing=True, may_lie_ahead=True)


def outcome(source: str) -> Any:
    """What came of it."""
    reading = code(codes.INTERVENTION_OUTCOME)
    return column(source, reading, "What came of the intervention", person=True, nullable=True, may_be_missing=True)


class Offered(Rows):
    """The rule that holds wherever an intervention is told of."""

    @rule("intervention_ended_on")
    def _intervention_ends_after_it_begins() -> pl.Expr:
        """An intervention does not end before it begins."""
        return pl.col("intervention_ended_on") >= pl.col("intervention_started_on")
