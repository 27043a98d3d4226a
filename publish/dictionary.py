"""The data dictionary of the published tables, written from their contracts. Pure."""

from collections.abc import Mapping
from typing import Any

from schemas.published import MODELS, meanings, published_schema

TITLE = """# Data dictionary

The tables of a release, as Parquet files and as PostgreSQL tables of the same names. A release holds those columns
that the agreement grants its recipient. This page is written from the contracts in `schemas/published.py`
(`python -m publish.dictionary`); a test fails when it is out of date.

Ids are made under the recipient's own key: they join the tables of all releases to one recipient, and nothing else.
Instants are in UTC. An empty cell means: not known, or not stated by the feed.
"""
HEADER = "| column | type | meaning |\n| --- | --- | --- |\n"
_WORDS: Mapping[str, str] = {
    "String": "text",
    "Int64": "whole number",
    "Float64": "number",
    "Boolean": "true or false",
    "Date": "date",
}


def dictionary() -> str:
    """The whole page, in Markdown."""
    return TITLE + "".join(_section(table) for table in MODELS)


def _section(table: str) -> str:
    columns, said = published_schema(table).columns, meanings(table)
    rows = (f"| `{name}` | {_type(columns[name])} | {_meaning(said[name], columns[name])} |\n" for name in columns)
    return f"\n## {table}\n\n{MODELS[table].__doc__}\n\n{HEADER}{''.join(rows)}"


def _type(column: Any) -> str:
    name = str(column.dtype)
    return "instant" if name.startswith("Datetime") else _WORDS[name]


def _meaning(text: str, column: Any) -> str:
    codes = [value for check in column.checks if check.name == "isin" for value in check.statistics["allowed_values"]]
    listed = f" One of: {', '.join(map(str, codes))}." if codes else ""
    return f"{text}.{listed}".replace("..", ".").replace("|", "/")


if __name__ == "__main__":
    print(dictionary(), end="")
