"""``python -m partners.faults``: trials in which partners fail and the hub is killed."""

from pathlib import Path
from typing import Annotated

import typer

from partners.faults.runs import run
from partners.faults.summary import summary


def main(
    runs: Annotated[int, typer.Option(help="How many trials.")] = 100,
    seed: Annotated[int, typer.Option(help="The first trial's seed; each other has the next.")] = 0,
    workers: Annotated[int, typer.Option(help="How many trials at once; most of their time they wait.")] = 1,
    kept: Annotated[
        Path | None, typer.Option(help="Write each trial down here; those that are there already are not run again.")
    ] = None,
) -> None:
    """Fail in every way that partners fail, kill the hub meanwhile, and look whether a row was lost or doubled."""
    found = run(range(seed, seed + runs), workers, kept)
    for line in summary(found):
        typer.echo(line)
    raise typer.Exit(any(told.wrong for told in found))


if __name__ == "__main__":
    typer.run(main)
