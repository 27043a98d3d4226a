"""``hub release``: build a candidate, decide on it, publish it, read it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from cli import release_public
from cli.deciding import add_deciding
from cli.home import existing_home, sign_log
from cli.release_compared import difference, rebuild
from cli.release_withdrawn import withdraw
from cli.show import AsJson, Period, as_json, console, table
from hub.clock import now
from hub.periods import Quarter
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from publish.candidate import build_candidate
from publish.database import ANALYSTS
from publish.deciding import decide
from publish.parquet import to_parquet
from publish.publication import publish
from publish.reading import read_release
from publish.releases import releases
from publish.showing import show_all

app = typer.Typer(no_args_is_help=True, help="The linked dataset: candidates, decisions, publication.")
Name = Annotated[str, typer.Argument(help="A release such as 2026-Q3-v1.")]
Table = Annotated[str, typer.Argument(help="One of its tables: person, event or involvement.")]
Purpose = Annotated[str, typer.Option(help="What for: a purpose of the agreement, such as strategy.")]
Columns = Annotated[str | None, typer.Option(help="Only these columns, with commas between them.")]
To = Annotated[str, typer.Option(help="The recipient that it was released to, for whom you read it.")]
Out = Annotated[Path | None, typer.Option(help="Write FILE.csv or FILE.parquet instead of printing CSV.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    app.command()(difference)
    app.command()(rebuild)
    app.command()(withdraw)
    app.add_typer(release_public.app, name="public")
    root.add_typer(app, name="release")


@app.command()
def build(period: Period) -> None:
    """Build and seal the candidate of a quarter from what is linked."""
    with existing_home() as settings:
        made = build_candidate(settings, open_ring(settings, Service.PUBLISH), Quarter.parse(period))
    word = "is the same as before" if made.unchanged else "is built and awaits a decision"
    console.print(f"{made.release} {word}. Manifest {made.manifest_hash}.")


def _decide(settings: Settings, release: str, **said: Any) -> None:
    decide(settings, release, **said)
    sign_log(settings)


add_deciding(app, _decide)


@app.command("publish")
def publish_command(release: Name) -> None:
    """Publish an approved candidate. The decision is verified here, whatever was clicked elsewhere."""
    with existing_home() as settings:
        published = publish(settings, open_ring(settings, Service.PUBLISH), release)
    console.print(f"{published.release} is published: {published.uri}, PostgreSQL schema {published.schema}.")


@app.command("list")
def list_releases(as_json_: AsJson = False) -> None:
    """Every release with its state and hash."""
    with existing_home() as settings:
        found = releases(settings)
    if as_json_:
        as_json([{"name": r.name, "state": r.state, "hash": r.manifest_hash, "uri": r.uri} for r in found])
        return
    table("Releases", ["name", "state", "manifest hash"], [[r.name, r.state, r.manifest_hash] for r in found])


@app.command()
def read(
    release: Name,
    table: Table,
    purpose: Purpose,
    columns: Columns = None,
    recipient: To = ANALYSTS,
    out: Out = None,
) -> None:
    """Read a table of a published release, or export it to a file. The reading is permitted and logged first."""
    write = _writer(out)
    with existing_home() as settings:
        wanted = columns.split(",") if columns is not None else None
        rows = read_release(settings, release, recipient, purpose, table, wanted, on=now().date())
    write(rows)


@app.command()
def grants() -> None:
    """Make what each recipient may read in PostgreSQL anew, as after the parties signed another agreement."""
    with existing_home() as settings:
        shown = show_all(settings, open_ring(settings, Service.PUBLISH))
    for recipient, number in shown.items():
        console.print(f"The role {recipient} reads {number} releases, as the agreement grants it.")


def _writer(out: Path | None) -> Callable[[pl.DataFrame], None]:
    """What takes the rows; a file that cannot be written in its form is wrong use, told before anything is read."""
    if out is None:
        return lambda rows: print(rows.write_csv(), end="")
    if out.suffix not in {".csv", ".parquet"} or not out.parent.is_dir():
        raise typer.BadParameter("it is no FILE.csv or FILE.parquet in a folder that exists", param_hint="--out")

    def write(rows: pl.DataFrame) -> None:
        out.write_bytes(to_parquet(rows) if out.suffix == ".parquet" else rows.write_csv().encode())
        console.print(f"{rows.height:,} rows are in {out}.")

    return write
