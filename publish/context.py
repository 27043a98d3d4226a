"""The published tables factor and intervention under the recipient's ids. Pure: frames in, frames out."""

from collections.abc import Mapping

import polars as pl

from factors.deriving import area_factors, interventions, person_factors
from factors.meeting import Told
from factors.model import FactorRules
from publish.numbered import EVENT, PERSON, Names, Numbered
from publish.recipient_ids import RecipientIds, keyed

_NAMED = "intervention|{}|{}|{}"  # longer than an event's id, so that none is another's under the one key
Turned = Mapping[str, tuple[Names, pl.Series]]
"""Of event_id and person_id: the recipient's ids, and of each number of the hub's own the one that it has there."""


def factor_table(told: Told, areas: pl.DataFrame, rules: FactorRules, to: Turned) -> Numbered:
    """Factors of persons by what feeds tell, and of small areas by the table area, in order of all columns."""
    of_persons = _turned(person_factors(told, rules), to)
    of_areas = area_factors(areas, rules).cast({EVENT: pl.UInt32, PERSON: pl.UInt32})
    made = Numbered(pl.concat([of_persons.rows, of_areas]), of_persons.names)
    return made.sorted(PERSON, "area_code", "factor", "feed")


def intervention_table(
    told: Told, rules: FactorRules, own: Mapping[str, Names], to: Turned, ids: RecipientIds
) -> Numbered:
    """Interventions by what feeds tell, in order of their ids."""
    found = interventions(told, rules)
    texts = Numbered(found.select("intervention", EVENT, PERSON), own).text
    named = keyed(texts.select(id=pl.format(_NAMED, "intervention", EVENT, PERSON)), "id", ids.event)["id"]
    return _turned(found.with_columns(named.alias("intervention_id")), to).sorted("intervention_id")


def _turned(frame: pl.DataFrame, to: Turned) -> Numbered:
    return Numbered(frame).turned(EVENT, to[EVENT]).turned(PERSON, to[PERSON])
