"""``hub harm``: weights of harm by offence, from a table that the partnership supplies."""

from pathlib import Path
from typing import Annotated

import typer

from cli.show import console
from hub.settings import Settings
from schemas.harm import harm_path, load_harm
from schemas.harm_loading import read_weights
from schemas.offences import load_offences
from schemas.reference import write_reference

app = typer.Typer(no_args_is_help=True, help="How much harm each offence is, by weights that the partnership loads.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="harm")


@app.callback()
def harm() -> None:
    """How much harm each offence is, by weights that the partnership loads.

    With them the table event has a column harm. None are shipped: the Cambridge Crime Harm Index and the weights of the
    Crime Severity Score are their makers'.
    """


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV with a heading, a row an offence code or class.", exists=True)],
    unit: Annotated[str, typer.Option(help="What a weight counts, such as days.")],
    source: Annotated[str, typer.Option(help="Whose weights they are, such as: Cambridge Crime Harm Index 2020.")],
    code_column: Annotated[str, typer.Option(help="The file's name of the code.")] = "offence_code",
    weight_column: Annotated[str, typer.Option(help="The file's name of the weight.")] = "weight",
) -> None:
    """Take weights from a CSV, in place of those loaded before; nothing is taken if a row is wrong. Needs no home."""
    config = Settings().config
    weights = read_weights(file, (code_column, weight_column), unit, source, load_offences(config))
    write_reference(harm_path(config), weights)
    console.print(f"{weights.height:,} weights in {unit}: {harm_path(config)}", soft_wrap=True)
    show()


@app.command()
def show() -> None:
    """Whose weights are loaded, and how many offence codes they reach."""
    config = Settings().config
    known = load_harm(config)
    if known is None:
        console.print("No weights are loaded, so no event has harm.")
        return
    codes = load_offences(config).filter("valid")["offence_code"]
    given = known.weights["offence_code"].implode()
    reached = int((codes.is_in(given) | codes.str.head(3).is_in(given)).sum())
    console.print(f"{known.source}, in {known.unit} ({known.sha256[:12]}).")
    console.print(f"{reached:,} of {len(codes):,} offence codes have a weight; an event of another code has no harm.")
