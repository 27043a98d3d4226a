"""``hub link events`` and ``hub link undo``: what changed in the register and why, and taking a change back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from cli.audit.acting import acting
from cli.home import existing_home
from cli.link_waterfall import COLUMNS, waterfall
from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from linkage.registered import undoing
from linkage.registered.changes import Kind
from linkage.reviewed.explained import Explained, explained
from linkage.reviewed.reviewing import Ground

_MAIN = (Kind.MERGED, Kind.SPLIT)
_SHORT = 12  # of 32 digits: enough to tell one from another on the screen
_SAID: Mapping[str, str] = {
    Kind.FOUNDED: "Person {person} was founded on record {record}.",
    Kind.RESTORED: "Person {person}, who had ended, is back with record {record}.",
    Kind.ENDED: "Person {person} has no record any more.",
    Kind.MERGED: "Person {other} was found to be person {person}.",
    Kind.SPLIT: "Of person {person} a part was found to be another: person {other}.",
    Kind.JOINED: "Record {record} was found to be of person {person}.",
    Kind.MOVED: "Record {record} went from person {other} to person {person}.",
    Kind.WITHDRAWN: "Record {record} of person {person} is delivered no more.",
}


def events(
    number: Annotated[int | None, typer.Argument(help="One event: what it rests on, comparison by comparison.")] = None,
    most: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20,
    kind: Annotated[list[Kind] | None, typer.Option(help="Of this kind; else merges and splits.")] = None,
    as_json_: AsJson = False,
) -> None:
    """List what changed in the register, the newest first; or show one change and the pair of records it rests on."""
    with existing_home() as settings, transaction(settings) as connection:
        if number is None:
            listed = undoing.newest_changes(connection, most, kind or _MAIN)
        else:
            listed = [undoing.change_of(connection, number)]
        found = [explained(connection, it) for it in listed]
    if as_json_:
        as_json([_whole(it) for it in found])
    elif number is not None:
        _show(found[0])
    elif not found:
        console.print("No person was merged or split yet." if kind is None else "There is no such change.")
    else:
        columns = ("event", "quarter", "kind", "person", "other or record", "bits", "model")
        table("Changes", columns, [_row(it.change) for it in found])
        console.print("What one rests on: hub link events EVENT.")


def _whole(found: Explained) -> dict[str, object]:
    """What a program is given: the levels by name, not as they are kept."""
    decided = [word.number for word in found.decided]
    return asdict(found.change) | {"levels": found.levels, "bits_by_comparison": found.bits, "decisions": decided}


def _row(each: undoing.Change) -> tuple[object, ...]:
    bits = "" if each.bits is None else f"{each.bits:+.1f}"
    ids = (each.person_id, each.other_id or each.record_id or "")
    return str(each.number), each.period, each.kind, *(it[:_SHORT] for it in ids), bits, (each.model_version or "")[:8]


def _show(found: Explained) -> None:
    it = found.change
    said = _SAID[it.kind].format(person=it.person_id, other=it.other_id, record=it.record_id or "(erased)")
    console.print(f"Event {it.number}, {it.kind} in {it.period}, {it.at:%Y-%m-%d %H:%M}.")
    console.print(said, soft_wrap=True)
    if it.bits is not None:
        console.print(f"It rests on records {it.record_id} and {it.evidence_record_id},", soft_wrap=True)
        console.print(f"which weigh {it.bits:+.1f} bits by model {(it.model_version or '')[:12]}.")
    else:
        console.print("No pair of records speaks for it.")
    if found.bits:
        table("What each comparison adds", COLUMNS, list(waterfall(found.bits, found.levels)))
        console.print("beyond: rare or common values, what goes together by chance, and ceilings.")
    for word in found.decided:
        console.print(f"Decision {word.number} of its records: {word.verdict}, by {word.actor}, on {word.ground}.")


def undo(
    number: Annotated[int, typer.Argument(help="The event's number: hub link events.")],
    ground: Annotated[Ground, typer.Option(help="What it rests on: the pattern, the authorities, or the subject.")],
) -> None:
    """Take a merge, a split or a join back. It is decided of the records, and the next link carries it out."""
    with existing_home() as settings, transaction(settings) as connection:
        reviewer = settings.model_copy(update={"actor": acting(settings)})
        pairs = undoing.undo(reviewer, connection, number, ground)
    console.print(f"Event {number} is taken back, by {pairs} decisions on pairs. The next link obeys: hub link run.")
