"""``hub retention``: what is kept until when, shredding what is due, and legal holds."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.audit.acting import acting
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from keys.home import open_ring
from keys.services import Service
from publish.ordering import Officer
from retention.due import Standing
from retention.holds import hold, release_hold
from retention.running import Done, everything_standing, run

app = typer.Typer(no_args_is_help=True, help="What is kept until when; shredding what is due; legal holds.")
On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="As if it were this day; run: not a future one.")
]
What = Annotated[str, typer.Argument(help="A delivery, a release, a feed, or: everything.")]
Name = Annotated[str, typer.Option("--officer", help="Your name as an appointed officer.")]
Key = Annotated[Path, typer.Option("--key", help="Your private key (PEM).", exists=True)]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one sentence. It is logged: name nobody.")]
Until = Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Its last day, within two years.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="retention")


@app.command("list")
def list_kept(on: On = None, as_json_: AsJson = False) -> None:
    """What is kept, and on which day it is due by the agreement; what a legal hold keeps."""
    with existing_home() as settings:
        day = on.date() if on else now().date()
        found = everything_standing(settings, day)
    _show(found, day.isoformat(), json=as_json_)


def _show(found: list[Standing], day: str, *, json: bool) -> None:
    rows = [[each.kept.name, str(each.kept.kind), each.kept.since, each.due_on, _held(each)] for each in found]
    if json:
        names = ("name", "kind", "kept_since", "due_on", "held")
        as_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    table(f"What is kept on {day}", ["what", "part", "since", "due on", "held"], rows)


def _held(each: Standing) -> str:
    return f"until {each.hold.until}: {each.hold.reason}" if each.hold else ""


@app.command("run")
def run_command(
    on: On = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be erased.")] = False,
    as_json_: AsJson = False,
) -> None:
    """Shred what is due: destroy its key, try every key that is left on its files, delete them, and log it.

    It cannot be undone. What a legal hold keeps is left.
    """
    with existing_home() as settings:
        day = on.date() if on else now().date()
        if dry_run:
            due = [each for each in everything_standing(settings, day) if each.due_on <= day]
            _show(due, day.isoformat(), json=as_json_)
            return
        if day > now().date():
            raise typer.BadParameter(
                "nothing is erased before its day; --dry-run shows what would be", param_hint="--on"
            )
        own = settings.model_copy(update={"actor": acting(settings)})
        done = run(own, open_ring(own, Service.RETENTION), day)
    if as_json_:
        as_json(done.__dict__)
    else:
        _tell(done)


def _tell(done: Done) -> None:
    console.print(
        f"Erased: {done.erased:,}. Held: {done.held:,}. Files deleted: {done.files:,}, on each of which "
        f"{done.keys_tried:,} keys were tried in vain. Persons forgotten: {done.persons:,}.",
        soft_wrap=True,
    )
    if done.tables_left:
        console.print(f"{done.tables_left:,} tables were in use; they are written anew by the next run.")


@app.command("hold")
def hold_command(what: What, officer: Name, key: Key, reason: Reason, until: Until) -> None:
    """As an information governance officer, keep something from being erased until a day."""
    with existing_home() as settings:
        laid = hold(settings, Officer(officer, reason, key.read_bytes()), what, until.date())
    console.print(f"Held and logged: {laid.on}, until {laid.until}.")


@app.command("release-hold")
def release_hold_command(what: What, officer: Name, key: Key, reason: Reason) -> None:
    """As an information governance officer, end every hold on something."""
    with existing_home() as settings:
        count = release_hold(settings, Officer(officer, reason, key.read_bytes()), what)
    console.print(f"Released and logged: {count} hold(s) on {what}.")
