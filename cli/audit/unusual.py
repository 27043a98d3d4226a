"""``hub audit digest``: what a reviewer should look at first."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import typer

from audit.digest import digest
from audit.errors import FilterRefused
from audit.working_time import LONDON
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.database import transaction

Day = Annotated[str | None, typer.Argument(help="A day such as 2026-10-05; yesterday, if it is left out.")]


def add_to(app: typer.Typer) -> None:
    """Hang this into the noun."""
    app.command("digest")(digest_command)


def digest_command(day: Day = None, as_json_: AsJson = False) -> None:
    """What was unusual on one day in London, a sentence each, with the numbers of the entries."""
    with existing_home() as settings, transaction(settings) as connection:
        found = digest(connection, _day(day))
    if as_json_:
        as_json(asdict(found))
        return
    console.print(f"{found.day}: {found.entries:,} entries, {len(found.findings)} to look at.")
    rows = [[f.rule.name, f.sentence, _numbers(f.entries)] for f in found.findings]
    if rows:
        table("", ["rule", "what", "entries"], rows)


def _day(text: str | None) -> date:
    if text is None:
        return now().astimezone(LONDON).date() - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FilterRefused(
            "There is no such day", where="the day asked for", why="it is not a date", fix="Write it as 2026-10-05"
        ) from None


def _numbers(entries: tuple[int, ...], most: int = 5) -> str:
    named = ", ".join(map(str, entries[:most]))
    return f"{named} and {len(entries) - most} more" if len(entries) > most else named
