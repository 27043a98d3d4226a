"""``hub release public``: tables of counts that anybody may see."""

from pathlib import Path
from typing import Annotated, Any

import typer

from assessment.public.deciding import decide_public
from assessment.public.files import PAGE
from assessment.public.kept import PUBLISHED, PublicRelease, every
from assessment.public.publishing import build_public, missing_files, publish_public
from assessment.public.withdrawing import Withdrawal, has_notice, withdraw_public, withdrawals
from cli.deciding import Key, Officer, add_deciding
from cli.home import existing_home
from cli.show import AsJson, Period, as_json, console, table
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from publish.ordering import Officer as Ordering

app = typer.Typer(
    no_args_is_help=True, help="Tables of counts that anybody may see: build, decide on, publish, withdraw."
)
Name = Annotated[str, typer.Argument(help="A public release such as public-2026-Q3-v1.")]
Preview = Annotated[Path | None, typer.Option(help="Write the files into this folder, for whoever decides to look at.")]
Shown = Annotated[
    str, typer.Option("--reason", help="Why, in one sentence. It is logged and on the notice: name nobody.")
]


@app.command()
def build(period: Period, preview: Preview = None, as_json_: AsJson = False) -> None:
    """Make a quarter's tables from its published release, and keep their manifest for an officer to decide on."""
    if preview is not None and not preview.parent.is_dir():
        raise typer.BadParameter("it is no folder in one that exists", param_hint="--preview")
    with existing_home() as settings:
        release, files, same = build_public(settings, Quarter.parse(period), now().date())
    if preview is not None:
        preview.mkdir(exist_ok=True)
        for name, content in files.items():
            (preview / name).write_bytes(content)
    manifest = release.manifest
    if as_json_:
        as_json(manifest.model_dump(mode="json") | {"hash": manifest.hash, "unchanged": same})
        return
    word = "is the same as before" if same else "is built and awaits a decision"
    console.print(f"{release.name} {word}. Manifest {manifest.hash}.", soft_wrap=True)
    hidden = [[one.table, one.cells, one.small, one.beside] for one in manifest.protection]
    table("Protection", ["table", "counts that are not 0", "hidden: small", "hidden beside them"], hidden)


add_deciding(app, decide_public)


@app.command()
def publish(release: Name) -> None:
    """Publish an approved public release: a folder to be put on a web page. The decision is verified here."""
    with existing_home() as settings:
        published = publish_public(settings, release, now().date())
    console.print(f"{published.name} is published: {published.uri}", soft_wrap=True)


@app.command()
def withdraw(release: Name, officer: Officer, key: Key, reason: Shown) -> None:
    """As an information governance officer, put a notice in the place of figures that are out.

    Copies of them cannot be called back. Killed midway, run it again.
    """
    with existing_home() as settings:
        withdrawn = withdraw_public(settings, release, Ordering(officer, reason, key.read_bytes()))
    console.print(f"Withdrawn and logged: {withdrawn.name}. A notice is in its place: {withdrawn.uri}", soft_wrap=True)
    console.print("Put that folder on the web page in place of the old one.")


@app.command("list")
def list_releases(as_json_: AsJson = False) -> None:
    """Every public release, and whether its files are as they were published, or withdrawn, with the reason."""
    with existing_home() as settings, transaction(settings) as connection:
        found, withdrawn = every(connection), withdrawals(connection)
    rows = [_listed(one, withdrawn.get(one.name)) for one in found]
    if as_json_:
        as_json(rows)
        return
    columns = ["name", "state", "tables", "manifest hash", "damaged files", "withdrawn"]
    shown = [
        [one["name"], one["state"], ", ".join(one["kinds"]), one["hash"], ", ".join(one["damaged"]), one["withdrawn"]]
        for one in rows
    ]
    table("Public releases", columns, shown)


def _listed(one: PublicRelease, withdrawn: Withdrawal | None) -> dict[str, Any]:
    damaged = missing_files(one) if one.state == PUBLISHED else []
    if withdrawn is not None and not has_notice(one, withdrawn):
        damaged = [PAGE]
    why = f"{withdrawn.at.date()}: {withdrawn.reason}" if withdrawn else ""
    return {"name": one.name, "state": one.state, "kinds": list(one.manifest.kinds), "hash": one.manifest.hash,
            "damaged": damaged, "withdrawn": why}  # fmt: skip
