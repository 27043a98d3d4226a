"""A published column in plain words: its type, its unit, and the values it can have. Pure."""

from collections.abc import Mapping
from typing import Any

_TYPES: Mapping[str, str] = {
    "String": "text",
    "Int64": "whole number",
    "Float64": "number",
    "Boolean": "true or false",
    "Date": "date",
}
_UNITS: Mapping[str, str] = {
    "occurred_at": "UTC", "first_at": "UTC", "last_at": "UTC",
    "authorities": "authorities", "events": "events", "persons": "persons", "records": "records",
    "statements": "events", "deliveries": "deliveries", "birth_year": "calendar year", "sessions_missed": "half days",
    "children_count": "children", "offence_gravity": "score, 1 to 8", "population": "residents",
    "population_10_24": "residents", "harm": "release.harm_unit", "score": "share, 0 to 1",
    "accepted_share": "share, 0 to 1", "missing_episodes": "episodes", "age_band": "years",
}  # fmt: skip
_ENDINGS: Mapping[str, str] = {
    "_decile": "tenth, 1 to 10", "_year": "calendar year", "_rows": "rows", "_1_year": "per cent",
    "_2_year": "per cent",
}  # fmt: skip
_BEGINNINGS: Mapping[str, str] = {"linkage_": "share, 0 to 1", "rows_": "rows"}


def type_words(column: Any) -> str:
    """The type of a column."""
    name = str(column.dtype)
    return "instant" if name.startswith("Datetime") else _TYPES[name]


def unit(name: str) -> str:
    """What a column's values count or measure; nothing of words and codes."""
    if name in _UNITS:
        return _UNITS[name]
    ended = [words for ending, words in _ENDINGS.items() if name.endswith(ending)]
    begun = [words for beginning, words in _BEGINNINGS.items() if name.startswith(beginning)]
    return next(iter([*begun, *ended[::-1]]), "")


def values(column: Any) -> list[str]:
    """The values of a column that its contract lists."""
    lists = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
    return list(dict.fromkeys(str(value) for listed in lists for value in listed))
