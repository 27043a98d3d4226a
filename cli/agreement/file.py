"""Which agreement a command is about: the hub's own, or a file that is named."""

from pathlib import Path
from typing import Annotated

import typer

from agreement.model import Agreement
from agreement.policy import load_agreement, read_agreement
from hub.settings import Settings

File = Annotated[Path | None, typer.Option("--agreement", help="The agreement's file; else the one the hub obeys.")]


def agreement_in(settings: Settings, file: Path | None) -> Agreement:
    """The agreement in a file that is named, else the hub's own; raises ConfigurationError."""
    return read_agreement(file) if file else load_agreement(settings)
