"""An officer's decision on a candidate, whoever is to receive it: the commands approve and refuse."""

from pathlib import Path
from typing import Annotated, Protocol

import typer

from cli.home import existing_home
from cli.show import console
from hub.settings import Settings
from publish.decision import Verdict

Candidate = Annotated[str, typer.Argument(help="The release that is decided on, as build named it.")]
Officer = Annotated[str, typer.Option(help="Your name as registered.")]
Key = Annotated[Path, typer.Option(help="File of your private key (PEM).", exists=True)]
Reason = Annotated[str, typer.Option(help="Why, in one sentence. It is logged: name nobody.")]


class Deciding(Protocol):
    """Records and logs a decision on a release."""

    def __call__(
        self, settings: Settings, release: str, /, *, verdict: Verdict, reason: str, officer: str, key: bytes
    ) -> object:
        """Raises what the decision is refused for."""


def add_deciding(app: typer.Typer, decide: Deciding) -> None:
    """Hang the two commands into a noun."""

    @app.command()
    def approve(release: Candidate, officer: Officer, key: Key, reason: Reason) -> None:
        """As an information governance officer, sign an approval of this very candidate."""
        record(release, Verdict.APPROVE, officer, key, reason)

    @app.command()
    def refuse(release: Candidate, officer: Officer, key: Key, reason: Reason) -> None:
        """As an information governance officer, sign a refusal."""
        record(release, Verdict.REFUSE, officer, key, reason)

    def record(release: str, verdict: Verdict, officer: str, key: Path, reason: str) -> None:
        with existing_home() as settings:
            decide(settings, release, verdict=verdict, reason=reason, officer=officer, key=key.read_bytes())
        console.print(f"Recorded and logged: {officer} signed {verdict} for {release}.")
