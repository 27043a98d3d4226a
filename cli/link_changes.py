"""``hub link events`` and ``hub link undo``: what changed in the register and why, and taking a change back."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.audit.acting import acting
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from linkage.registered import undoing
from linkage.registered.changes import Kind
from linkage.reviewed.reviewing import Ground

_MAIN = (Kind.MERGED, Kind.SPLIT)


def events(
    most: Annotated[int, typer.Option(help="How many to list.")] = 20,
    kind: Annotated[list[Kind] | None, typer.Option(help="Of this kind; else merges and splits.")] = None,
    as_json_: AsJson = False,
) -> None:
    """List what changed in the register, the newest first, with the pair of records that each change rests on."""
    with existing_home() as settings, transaction(settings) as connection:
        found = undoing.newest_changes(connection, most, kind or _MAIN)
    if as_json_:
        as_json([asdict(each) for each in found])
        return
    if not found:
        console.print("No person was merged or split yet." if kind is None else "There is no such change.")
        return
    columns = ("event", "quarter", "kind", "person", "other", "bits", "model")
    table("Changes", columns, [_row(each) for each in found])


def _row(each: undoing.Change) -> tuple[object, ...]:
    bits = "" if each.bits is None else f"{each.bits:+.1f}"
    model = (each.model_version or "")[:12]
    return each.number, each.period, each.kind, each.person_id, each.other_id or each.record_id or "", bits, model


def undo(
    number: Annotated[int, typer.Argument(help="The event's number: hub link events.")],
    ground: Annotated[Ground, typer.Option(help="What it rests on: the pattern, the authorities, or the subject.")],
) -> None:
    """Take a merge, a split or a join back. It is decided of the records, and the next link carries it out."""
    with existing_home() as settings, transaction(settings) as connection:
        reviewer = settings.model_copy(update={"actor": acting(settings)})
        pairs = undoing.undo(reviewer, connection, number, ground)
    console.print(f"Event {number} is taken back, by {pairs} decisions on pairs. The next link obeys: hub link run.")
