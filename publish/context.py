"""The published tables factor and intervention under the recipient's ids. Pure: frames in, frames out."""

import polars as pl

from factors.deriving import area_factors, interventions, person_factors
from factors.meeting import Told
from factors.model import FactorRules
from publish.recipient_ids import RecipientIds, keyed

_NAMED = "intervention|{}|{}|{}"  # longer than an event's id, so that none is another's under the one key


def factor_table(told: Told, areas: pl.DataFrame, rules: FactorRules, ids: RecipientIds) -> pl.DataFrame:
    """Factors of persons by what feeds tell, and of small areas by the table area, in order of all columns."""
    of_persons = keyed(keyed(person_factors(told, rules), "person_id", ids.person), "event_id", ids.event)
    made = pl.concat([of_persons, area_factors(areas, rules)])
    return made.sort("person_id", "area_code", "factor", "feed", nulls_last=True)


def intervention_table(told: Told, rules: FactorRules, ids: RecipientIds) -> pl.DataFrame:
    """Interventions by what feeds tell, in order of their ids."""
    found = interventions(told, rules)
    named = pl.format(_NAMED, "intervention", "event_id", "person_id").alias("intervention_id")
    made = keyed(found.with_columns(named), "intervention_id", ids.event)
    return keyed(keyed(made, "person_id", ids.person), "event_id", ids.event).sort("intervention_id")
