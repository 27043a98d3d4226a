"""``hub agreement check`` and ``diff``: what an agreement breaks, and what another version of it would change."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from agreement.check import check_agreement
from agreement.diff import Change, Effect, differences
from agreement.policy import read_agreement
from agreement.rules import in_force
from agreement.violation import Violation
from cli.agreement.file import File, agreement_in
from cli.home import read_settings
from cli.show import AsJson, as_json, console
from hub.clock import now
from hub.feeds import load_feeds
from schemas.published import MODELS, meanings
from schemas.registry import contract_for

Old = Annotated[Path, typer.Argument(help="The file of the version that is in force.")]
New = Annotated[Path, typer.Argument(help="The file of the version that is proposed.")]
_HEADS = {
    Effect.MORE: "More would flow, or less would protect it",
    Effect.LESS: "Less would flow, or more would protect it",
    Effect.OTHER: "What moves nothing by itself",
}
_MARKS = {Effect.MORE: "+", Effect.LESS: "-", Effect.OTHER: " "}


def add_to(app: typer.Typer) -> None:
    """Hang these into the noun."""
    app.command()(check)
    app.command()(diff)


def check(agreement: File = None, as_json_: AsJson = False) -> None:
    """Check the agreement against the law's rules and every contract; exit 1 if anything is wrong."""
    settings = read_settings()
    text = agreement_in(settings, agreement)
    contracts = {name: contract_for(name) for name in load_feeds(settings.config)}
    tables = {table: meanings(table) for table in MODELS}
    found = (*check_agreement(text, contracts, tables), *in_force(text, now().date()))
    if as_json_:
        as_json({"agreement": text.id, "hash": text.hash, "violations": [asdict(violation) for violation in found]})
    elif found:
        _show_violations(found)
    else:
        console.print(f"{text.title} ({text.id} {text.version}) is in force and breaks no rule.", soft_wrap=True)
        console.print(f"Its hash is {text.hash}.", soft_wrap=True)
    if found:
        raise typer.Exit(1)


def _show_violations(found: Sequence[Violation]) -> None:
    for violation in found:
        console.print(f"[bold]{violation.clause}[/bold] in {violation.where}", soft_wrap=True)
        console.print(f"    why:     {violation.why}", soft_wrap=True)
        console.print(f"    change:  {violation.fix}", soft_wrap=True)
    console.print(f"{len(found)} in all.")


def diff(old: Old, new: New, as_json_: AsJson = False) -> None:
    """Say in plain English what a new version would change: what would newly flow first, and to whom."""
    before, after = read_agreement(old), read_agreement(new)
    found = differences(before, after)
    if as_json_:
        as_json({"old": before.hash, "new": after.hash, "changes": [asdict(change) for change in found]})
        return
    console.print(f"From version {before.version} (hash {before.hash})", soft_wrap=True)
    console.print(f"to   version {after.version} (hash {after.hash})", soft_wrap=True)
    for effect, head in _HEADS.items():
        _show(head, [change for change in found if change.effect is effect])
    if not found:
        console.print("Both are the same text.")


def _show(head: str, changes: Sequence[Change]) -> None:
    if changes:
        console.print(f"\n[bold]{head}[/bold]")
    for change in changes:
        console.print(f"{_MARKS[change.effect]} {change.sentence}", markup=False, soft_wrap=True)
