"""Columns of the published tables that the hub makes itself; all others come from a feed's fields."""

from collections.abc import Mapping

INCIDENT = frozenset(
    {
        "events", "feeds", "authorities", "persons", "score", "occurred_on", "first_at", "last_at", "lsoa_code",
        "ward_code", "offence_code", "told_again",
    }
)  # fmt: skip
"""Columns of an incident: all are made of the events that are left, so incidents are narrowed by narrowing events."""
MEETS = frozenset({"violence_kind", "definition_clauses"})
"""Columns of an event that say what of the definition of serious violence it meets, by who takes part too."""
_FACTOR = frozenset(
    {
        "person_id", "area_code", "factor", "level", "direction", "strength", "known_from", "last_stated_on",
        "statements", "feed", "event_id",
    }
)  # fmt: skip
_INTERVENTION = frozenset(
    {
        "intervention_id", "person_id", "intervention", "kind", "prevention", "provider", "offered_on", "started_on",
        "ended_on", "outcome", "feed", "event_id",
    }
)  # fmt: skip
_DECILES = frozenset(
    f"{of}_decile"
    for of in (
        "deprivation", "income", "employment", "education", "health", "crime", "housing", "environment",
        "child_poverty",
    )
)  # fmt: skip
_AREA = frozenset(
    {
        "area_code", "kind", "name", "ward_code", "population", "population_10_24", "population_year",
        "population_source", "deprivation_year", "deprivation_source", "synthetic", *_DECILES,
    }
)  # fmt: skip
_RELEASE = frozenset(
    {
        "quarter", "feed", "authority", "state", "deliveries", "rows_received", "rows_accepted", "rows_quarantined",
        "accepted_share", "quarter_rows", "partnership", "recipient", "agreement_id", "agreement_version",
        "agreement_hash", "code_commit", "records", "persons", "linkage_precision", "linkage_precision_low",
        "linkage_precision_high", "linkage_recall", "linkage_recall_low", "linkage_recall_high", "definition_hash",
        "incident_rules_hash", "factors_hash", "harm_unit", "harm_source",
    }
)  # fmt: skip
HUB_COLUMNS: Mapping[str, frozenset[str]] = {
    "person": frozenset({"person_id", "age_band", "authorities", "events", "first_seen_on", "last_seen_on"}),
    "event": frozenset({"event_id", "incident_id", "feed", "event_type", "persons", "harm", *MEETS}),
    "involvement": frozenset({"event_id", "person_id", "feed", "authority", "role"}),
    "incident": INCIDENT | {"incident_id"},
    "factor": _FACTOR,
    "intervention": _INTERVENTION,
    "area": _AREA,
    "person_history": frozenset({"former_id", "person_id", "change", "changed_in"}),
    "release": _RELEASE,
}
"""By table."""
MADE_LAST: Mapping[str, frozenset[str]] = {"event": MEETS | {"persons", "harm"}, "incident": INCIDENT}
"""Columns that are made of the rows that are left, and so cannot say which are."""
