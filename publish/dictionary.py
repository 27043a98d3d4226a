"""The data dictionary of the published tables, written from their contracts. Pure."""

from typing import Any

from schemas.described import type_words, values
from schemas.published import MODELS, meanings, published_schema

TITLE = """# Data dictionary

The tables of a release, as Parquet files and as PostgreSQL tables of the same names. A release holds those columns
that the agreement grants its recipient. This page is written from the contracts in `schemas/published.py`
(`python -m publish.dictionary`); a test fails when it is out of date.

Ids are made under the recipient's own key: they join the tables of all releases to one recipient, and nothing else.
Instants are in UTC. An empty cell means: not known, or not stated by the feed.
"""
HEADER = "| column | type | meaning |\n| --- | --- | --- |\n"


def dictionary() -> str:
    """The whole page, in Markdown."""
    return TITLE + "".join(_section(table) for table in MODELS)


def _section(table: str) -> str:
    columns, said = published_schema(table).columns, meanings(table)
    rows = (f"| `{name}` | {type_words(columns[name])} | {_meaning(said[name], columns[name])} |\n" for name in columns)
    return f"\n## {table}\n\n{MODELS[table].__doc__}\n\n{HEADER}{''.join(rows)}"


def _meaning(text: str, column: Any) -> str:
    codes = values(column)
    listed = f" One of: {', '.join(codes)}." if codes else ""
    return f"{text}.{listed}".replace("..", ".").replace("|", "/")


if __name__ == "__main__":
    print(dictionary(), end="")
