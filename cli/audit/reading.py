"""``hub audit list`` and ``hub audit show``."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from audit.query import Filter, Kept, entries, entry
from audit.working_time import LONDON
from cli.audit.filters import filtered
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from hub.database import transaction

Number = Annotated[int, typer.Argument(help="The entry's number, as hub audit list shows it.", min=0)]
Limit = Annotated[int, typer.Option(help="How many, newest first.", min=1)]
Before = Annotated[int | None, typer.Option(help="Older than this entry: the next page.", min=0)]
SHOWN = ("number", "when (London)", "who", "what", "about", "rows", "outcome")


def add_to(app: typer.Typer) -> None:
    """Hang these into the noun."""
    app.command("list")(filtered(list_entries))
    app.command("show")(show)


def list_entries(*, wanted: Filter, limit: Limit = 50, before: Before = None, as_json_: AsJson = False) -> None:
    """Entries of the log, newest first."""
    with existing_home() as settings, transaction(settings) as connection:
        found = entries(connection, wanted, before=before, limit=limit + 1)
    found, more = found[:limit], found[limit:]
    if as_json_:
        as_json([said(kept) for kept in found])
        return
    table("Log", SHOWN, [row(kept) for kept in found])
    if more:
        console.print(f"\nOlder ones: --before {found[-1].index}")


def said(kept: Kept) -> dict[str, Any]:
    """An entry for a program to read: its number, and what it says."""
    return {"index": kept.index, **kept.said}


def row(kept: Kept) -> list[object]:
    """An entry as a line of a table."""
    told = kept.said
    about = told.get("release") or told.get("feed") or told.get("period") or ""
    when = f"{kept.at.astimezone(LONDON):%Y-%m-%d %H:%M:%S}"
    rows = f"{told['rows']:,}" if "rows" in told else ""
    return [str(kept.index), when, told["actor"], told["action"], about, rows, told["outcome"]]


def show(number: Number, as_json_: AsJson = False) -> None:
    """The whole of one entry."""
    with existing_home() as settings, transaction(settings) as connection:
        found = entry(connection, number)
    if as_json_:
        as_json(said(found))
        return
    drawn = Table(title=f"Entry {number}", title_justify="left", title_style="bold", box=None, show_header=False)
    drawn.add_column(style="bold")
    drawn.add_column(overflow="fold")
    for name, value in lines(found.said):
        drawn.add_row(name, Text(value))
    console.print(drawn)


def lines(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What an entry says, a name and a value a line."""
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", f"{of:,}" if type(of) is int else str(of)) for inner, of in value.items())
        elif isinstance(value, list):
            yield name, ", ".join(value)
        else:
            yield name, str(value)
