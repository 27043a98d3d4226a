"""Splink's own settings, made from the hub's configuration and a model's parameters."""

from collections.abc import Mapping
from typing import Any

from linkage.config import DIFFERENT, LinkageConfig
from linkage.paired.features import NUMBER
from linkage.paired.language import blocking_sql, comparison_sql


def splink_settings(config: LinkageConfig, prior: float, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Splink's settings for this configuration, with the m and u given for {comparison: {level: {m, u}}}."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": NUMBER,
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": [blocking_sql(rule) for rule in config.blocking if _known(rule)],
        "comparisons": [_comparison(config, name, parameters.get(name, {})) for name in config.comparisons],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "max_iterations": 50,
        "em_convergence": 0.0005,
        "linker_uid": "hub",
    }


def _comparison(config: LinkageConfig, name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    comparison = config.comparisons[name]
    unknown = {
        "sql_condition": comparison_sql(comparison.unknown),
        "label_for_charts": "unknown",
        "is_null_level": True,
    }
    levels = [
        _level(label, comparison_sql(level.when), level.m, level.frequency, parameters.get(label, {}))
        for label, level in comparison.levels.items()
    ]
    rest = _level(DIFFERENT, "ELSE", comparison.different, None, parameters.get(DIFFERENT, {}))
    return {"output_column_name": name, "comparison_levels": [unknown, *levels, rest]}


def _level(label: str, sql: str, m: float, frequency: str | None, given: Mapping[str, float]) -> dict[str, Any]:
    level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label, "m_probability": given.get("m", m)}
    if "u" in given:
        level["u_probability"] = given["u"]
    if frequency:
        level |= {"tf_adjustment_column": frequency, "tf_adjustment_weight": 1.0}
    return level


def _known(rule: str) -> bool:
    """Whether SQL has words for it: it has none for ``near`` and ``rare``, which are of linkage.paired.blocking."""
    return "near(" not in rule and "rare(" not in rule
