"""``python -m partners``: make a synthetic borough, and serve its six authorities' systems."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.errors import HubError
from hub.periods import Quarter
from hub.settings import Settings
from partners.agreement import agree as agree_on
from partners.extracts import write_extracts
from partners.servers.mesh_environment import install
from partners.servers.serve import Plan, serve_until_told

app = typer.Typer(
    help="Six simulated partner systems with a synthetic population.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # it would show local values
)
Folder = Annotated[Path, typer.Option(help="Folder that holds all that the partners have.")]


@app.command()
def generate(
    people: Annotated[int, typer.Option(help="How many people live in the borough.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people and files.")] = 1,
    quarter: Annotated[list[str] | None, typer.Option(help="A quarter to write; may be given again.")] = None,
    folder: Folder = Path(".partners"),
) -> None:
    """Write each authority's extracts, and apart from them the truth about who is who."""
    quarters = [Quarter.parse(name) for name in quarter or ["2026-Q3"]]
    counts = write_extracts(folder.absolute(), people, seed, quarters)
    for feed, rows in counts.rows.items():
        typer.echo(f"{feed}: {rows} rows")
    typer.echo(f"{counts.known} of {counts.people} people are known to an authority, {counts.known_to_two} to several")


@app.command()
def agree(
    draft: Annotated[Path, typer.Option(help="The agreement that the hub proposes.", exists=True)],
    folder: Folder = Path(".partners"),
    hub_home: Annotated[Path, typer.Option(help="Home of the hub that is given the signed agreement.")] = Path(".hub"),
) -> None:
    """Put each authority's keys into an agreement and have all six sign it."""
    typer.echo(f"Signed by all six: {agree_on(folder.absolute(), draft, hub_home.absolute())}")


@app.command()
def setup() -> None:
    """Install the MESH sandbox into an environment of its own."""
    typer.echo(f"The MESH sandbox is installed: {asyncio.run(install(Settings()))}")


@app.command()
def serve(
    folder: Folder = Path(".partners"),
    hub_home: Annotated[Path, typer.Option(help="Home of the hub that is told where the servers are.")] = Path(".hub"),
    only: Annotated[
        list[str] | None, typer.Option(help="Serve only this one, such as fire; may be given again.")
    ] = None,
    base_port: Annotated[int, typer.Option(help="First port to take; 0 takes free ones.")] = 0,
    delay_ms: Annotated[int, typer.Option(help="Milliseconds that each page of the REST servers takes longer.")] = 0,
    replay: Annotated[Path | None, typer.Option(help="Genuine street crime, gzipped JSON lines.")] = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM. Once ready.json is in the folder, all servers answer."""
    plan = Plan(
        folder=folder.absolute(),
        hub_home=hub_home.absolute(),
        servers=frozenset(only or ()),
        base_port=base_port,
        delay_s=delay_ms / 1000,
        replay=replay,
    )
    asyncio.run(serve_until_told(plan, typer.echo))


def main() -> None:
    """Run the command; a refusal is one sentence and exit 1."""
    try:
        app()
    except HubError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
