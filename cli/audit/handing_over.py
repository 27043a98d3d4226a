"""``hub audit export``: hand the log, or a part of it, to somebody."""

from pathlib import Path
from typing import Annotated

import typer

from agreement.policy import load_agreement
from agreement.witnesses import quorum
from audit.export import Format, Request, export
from audit.query import Filter
from cli.audit.acting import acting
from cli.audit.filters import filtered
from cli.home import existing_home
from cli.show import console
from keys.home import log_signer, open_ring
from keys.services import Service

Folder = Annotated[Path, typer.Argument(help="A folder that is not there yet.")]
As = Annotated[
    Format, typer.Option("--format", help="jsonl can be verified from outside; csv and parquet are to read.")
]
To = Annotated[str | None, typer.Option("--to", help="Who receives it; you, if it is left out.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, as the log shall say it.")]


def add_to(app: typer.Typer) -> None:
    """Hang this into the noun."""
    app.command("export")(filtered(export_command))


def export_command(
    folder: Folder,
    *,
    wanted: Filter,
    format_: As = Format.JSONL,
    to: To = None,
    reason: Reason = "review of the log",
) -> None:
    """Write entries to a folder, and log that they were handed over."""
    with existing_home() as settings:
        actor = acting(settings)
        asked = Request(
            wanted=wanted,
            format=format_,
            actor=actor,
            recipient=to or actor,
            justification=reason,
            quorum=quorum(load_agreement(settings)),
        )
        done = export(settings, log_signer(settings, open_ring(settings, Service.OFFICER)), folder, asked)
    console.print(f"{done.entries:,} of {done.size:,} entries are in {done.folder}; entry {done.logged:,} says so.")
    if format_ is Format.JSONL:
        console.print("It is verified by witness/verify_log.py, which needs the log's key from your own records.")
