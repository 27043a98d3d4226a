"""``hub assess``: the strategic needs assessment of a quarter, as a page that prints and its tables as files."""

from pathlib import Path
from typing import Annotated

import typer

from assessment.needs.report import PAGE
from assessment.needs.writing import write_assessment
from cli.home import existing_home
from cli.show import AsJson, Period, as_json, console
from hub.clock import now
from hub.periods import Quarter
from publish.database import ANALYSTS

Out = Annotated[Path | None, typer.Option(help="Folder to write into; else needs-assessment-QUARTER, here.")]
To = Annotated[str, typer.Option(help="The recipient that the release was made for.")]


def add_to(root: typer.Typer) -> None:
    """Hang this into the root command."""
    root.command()(assess)


def assess(period: Period, out: Out = None, recipient: To = ANALYSTS, as_json_: AsJson = False) -> None:
    """Write the strategic needs assessment of a quarter: a page that prints, and each table as CSV.

    It rests on the quarter's published release. Reading and writing are permitted and logged; every figure passes
    disclosure control.
    """
    quarter = Quarter.parse(period)
    with existing_home() as settings:
        folder = out or Path(f"needs-assessment-{quarter}")
        made = write_assessment(settings, quarter, recipient, folder, now().date())
    hidden = sum(one.small + one.beside for one in made.report.decisions)
    counts = sum(one.cells for one in made.report.decisions)
    if as_json_:
        told = {"release": made.release, "folder": str(made.folder), "files": list(made.files), "sha256": made.digest}
        says = {section.slug: list(section.says) for section in made.report.sections}
        as_json(told | {"counts": counts, "hidden": hidden, "says": says})
        return
    for section in made.report.sections:
        if section.says and section.slug not in {"scope", "methods"}:
            console.print(f"[bold]{section.title}[/bold]: {section.says[0]}", soft_wrap=True)
    console.print(
        f"{len(made.files)} files of {made.release} are in {made.folder}; {hidden} of {counts} counts are not shown.",
        soft_wrap=True,
    )
    console.print(f"Open {made.folder / PAGE}", soft_wrap=True)
