"""``hub incident``: how right it is that the events of several authorities are one incident."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.home import existing_home
from cli.show import AsJson, Period, as_json, console
from hub.periods import Quarter
from publish.incident_truth import evaluate_incidents

app = typer.Typer(no_args_is_help=True, help="Events of several authorities that are one incident, counted once.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="incident")


@app.callback()
def incident() -> None:
    """Events of several authorities that are one incident, counted once.

    One assault may be known to the police, the hospital and the youth offending team. A release's table incident says
    which of their events belong together; the rules stand in config/incidents.yaml.
    """


@app.command()
def truth(
    period: Period,
    file: Annotated[Path, typer.Argument(help="CSV: feed, source_reference, true_incident_id.", exists=True)],
    as_json_: AsJson = False,
) -> None:
    """For a synthetic borough: compare the incidents of a quarter with what truly happened."""
    with existing_home() as settings:
        found = evaluate_incidents(settings, Quarter.parse(period), file)
    if as_json_:
        as_json(asdict(found))
        return
    console.print(
        f"{found.events:,} events of {found.incidents_true:,} incidents, {found.of_several_true:,} of which several "
        f"events tell of; {found.incidents_found:,} incidents found, {found.of_several_found:,} of several events."
    )
    console.print(
        f"Precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f} over pairs of events; "
        f"{found.whole:.4f} of the incidents were found as they are."
    )
