"""``hub release withdraw``: what was published is taken back, as far as it can be."""

from pathlib import Path
from typing import Annotated

import typer

from cli.home import existing_home
from cli.show import console
from publish.ordering import Officer
from publish.taking_back import take_back


def withdraw(
    release: Annotated[str, typer.Argument(help="A published release such as 2026-Q3-v1.")],
    officer: Annotated[str, typer.Option(help="Your name as an appointed officer.")],
    key: Annotated[Path, typer.Option(help="File of your private key (PEM).", exists=True)],
    reason: Annotated[str, typer.Option(help="Why, in one sentence. It is logged: name nobody.")],
) -> None:
    """As an information governance officer, take a published release back: its schema, its files, the interface's rows.

    Killed midway, run it again.
    """
    with existing_home() as settings:
        gone = take_back(settings, release, Officer(officer, reason, key.read_bytes()))
    console.print(f"Withdrawn and logged: {gone.name}. Have {gone.recipient} destroy their copies, and confirm it.",
                  soft_wrap=True)  # fmt: skip
