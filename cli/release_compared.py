"""``hub release difference`` and ``hub release rebuild``: a release beside another version, and beside itself."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from keys.home import open_ring
from keys.services import Service
from publish.comparing import compare_releases
from publish.difference import Difference, TableDifference
from publish.manifest_changes import Change
from publish.rebuilding import Rebuilt
from publish.rebuilding import rebuild as build_again

Older = Annotated[str, typer.Argument(help="The published release that was corrected, such as 2026-Q3-v1.")]
Newer = Annotated[str, typer.Argument(help="Its later version, a candidate or published, such as 2026-Q3-v2.")]
Name = Annotated[str, typer.Argument(help="A release such as 2026-Q3-v1.")]


def difference(old: Older, new: Newer, as_json_: AsJson = False) -> None:
    """What a later version of a release has otherwise: rows by count, inputs, and what it was made by. It is logged."""
    with existing_home() as settings:
        found = compare_releases(settings, open_ring(settings, Service.PUBLISH), old, new)
    if as_json_:
        as_json(asdict(found))
        return
    _show(found)


def rebuild(release: Name, as_json_: AsJson = False) -> None:
    """Build a release again from what is stored, keep nothing, and say which tables come out as its manifest states."""
    with existing_home() as settings:
        found = build_again(settings, open_ring(settings, Service.PUBLISH), release)
    if as_json_:
        as_json(asdict(found) | {"same": found.same})
    else:
        _show_rebuilt(found)
    if found.different:
        raise typer.Exit(1)


def _show(found: Difference) -> None:
    columns = ["table", f"rows in {found.old}", f"in {found.new}", "added", "removed", "changed"]
    table("Rows", columns, [_row(one) for one in found.tables])
    for one in found.tables:
        for word, names in ("new", one.columns_added), ("gone", one.columns_removed):
            if names:
                console.print(f"{one.table}: {word} columns {', '.join(names)}.")
    if found.ids:
        console.print(f"Ids of the two cannot be compared: {found.ids}.")
    _show_changes("Inputs", found.inputs, (found.old, found.new))
    _show_changes("Made by", found.made_by, (found.old, found.new))


def _row(one: TableDifference) -> list[object]:
    rows = ["none" if number is None else number for number in (one.old_rows, one.new_rows)]
    if one.rows is None:
        return [one.table, *rows, one.why_not or "", "", ""]
    changed = "by whole rows" if one.rows.changed is None else one.rows.changed
    return [one.table, *rows, one.rows.added, one.rows.removed, changed]


def _show_changes(title: str, changes: Sequence[Change], names: tuple[str, str]) -> None:
    if changes:
        table(title, ["what", *names], [[one.what, one.old, one.new] for one in changes])
    else:
        console.print(f"{title}: the same.")


def _show_rebuilt(found: Rebuilt) -> None:
    if not found.different:
        console.print(f"{found.release}: all {len(found.equal)} tables come out byte for byte as its manifest states.")
    else:
        console.print(f"{found.release}: not as its manifest states: {', '.join(found.different)}.")
        if found.equal:
            console.print(f"Equal: {', '.join(found.equal)}.")
    if found.changes:
        _show_changes("What is otherwise than when it was built", found.changes, ("then", "now"))
    elif found.different:
        console.print("The manifests state no reason: the code, or what is stored, was changed by hand.")
