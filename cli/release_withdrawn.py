"""``hub release withdraw``: what was published is taken back, as far as it can be."""

from typing import Annotated

import typer

from cli.deciding import Key, Officer, Reason
from cli.home import existing_home
from cli.show import console
from publish.ordering import Officer as Ordering
from publish.taking_back import take_back


def withdraw(
    release: Annotated[str, typer.Argument(help="A published release such as 2026-Q3-v1.")],
    officer: Officer,
    key: Key,
    reason: Reason,
) -> None:
    """As an information governance officer, take a published release back: its schema, its files, the interface's rows.

    Killed midway, run it again.
    """
    with existing_home() as settings:
        gone = take_back(settings, release, Ordering(officer, reason, key.read_bytes()))
    console.print(f"Withdrawn and logged: {gone.name}. Have {gone.recipient} destroy their copies, and confirm it.",
                  soft_wrap=True)  # fmt: skip
