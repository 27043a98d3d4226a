"""``hub audit``: verify the log."""

from dataclasses import asdict

import typer

from audit.checkpoint import Verifier
from audit.verify import Verification, verify
from cli.home import existing_home
from cli.show import AsJson, as_json, console
from hub.database import transaction
from hub.settings import Settings
from keys.home import open_ring
from keys.purposes import Purpose

app = typer.Typer(no_args_is_help=True, help="The log of every act, which nobody can change unseen.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="audit")


def verify_log(settings: Settings) -> Verification:
    """Recompute the whole log and check every checkpoint."""
    verifier = Verifier.of(open_ring(settings).signer(Purpose.AUDIT))
    with transaction(settings) as connection:
        return verify(connection, verifier)


@app.command("verify")
def verify_command(as_json_: AsJson = False) -> None:
    """Recompute every hash and check every signature; exit 1 if anything does not fit."""
    with existing_home() as settings:
        found = verify_log(settings)
    if as_json_:
        as_json(asdict(found) | {"verified": found.verified})
    elif found.verified:
        console.print(
            f"The log is whole: {found.size:,} entries, {found.checkpoints:,} signed checkpoints, "
            f"{found.unsigned:,} entries since the last."
        )
    for problem in found.problems if not as_json_ else ():
        console.print(problem)
    if not found.verified:
        raise typer.Exit(1)
