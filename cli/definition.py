"""``hub definition``: what the partnership means by serious violence, and what each offence code is by it."""

from collections.abc import Mapping
from typing import Annotated

import polars as pl
import typer

from cli.show import AsJson, as_json, console
from definition.errors import DefinitionRefused
from definition.model import Definition, load_definition
from definition.placing import placed
from hub.settings import Settings
from schemas.offences import load_offences

app = typer.Typer(no_args_is_help=True, help="What the partnership means by serious violence, code by code.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="definition")


@app.command()
def check(as_json_: AsJson = False) -> None:
    """Hold the definition against the whole list of offence codes: each is of a kind, of an area, or refused and why.

    Needs no home. Run it after every edit of config/definition.yaml.
    """
    definition, found = _placed()
    counts = _counts(found)
    if as_json_:
        as_json({"definition": definition.id, "hash": definition.hash, "codes": found.height, **counts})
        return
    console.print(f"{definition.title} ({definition.id}, {definition.hash[:12]}): {found.height:,} offence codes.")
    for name, codes in counts["placed"].items():
        console.print(f"  {codes:>5,}  {name}")
    console.print(f"  {sum(counts['refused'].values()):>5,}  refused, for {len(counts['refused'])} reasons")


@app.command()
def code(offence: Annotated[str, typer.Argument(help="Class and subclass, as 008/06.")]) -> None:
    """What one offence code is, and why."""
    _, found = _placed()
    rows = found.filter(pl.col("offence_code") == offence)
    if rows.is_empty():
        raise DefinitionRefused(
            "The offence code is not known",
            where="the Home Office's list (config/reference/offences.csv)",
            why="it has no such class and subclass",
            fix="Write it as CCC/SS, such as 008/06",
        )
    _, outcome, name, why = rows.row(0)
    console.print(f"{offence}: refused, since {why}." if why else f"{offence}: {outcome} {name}.")


def _placed() -> tuple[Definition, pl.DataFrame]:
    config = Settings().config
    definition = load_definition(config)
    return definition, placed(definition, load_offences(config))


def _counts(found: pl.DataFrame) -> Mapping[str, dict[str, int]]:
    by = {column: found.drop_nulls(column).group_by(column, maintain_order=True).len() for column in ("name", "why")}
    return {"placed": dict(by["name"].iter_rows()), "refused": dict(by["why"].iter_rows())}
