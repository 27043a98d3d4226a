"""``hub areas``: population and deprivation of the borough's small areas, from the official files."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from cli.show import console, table
from hub.settings import Settings
from schemas.area_boundaries import read_boundaries, write_boundaries
from schemas.area_figures import figures_path, load_area_table, load_figures
from schemas.areas import load_areas
from schemas.official_figures import merged, read_official
from schemas.reference import write_reference

app = typer.Typer(no_args_is_help=True, help="Population and deprivation of the borough's small areas.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="areas")


@app.callback()
def areas() -> None:
    """Population and deprivation of the borough's small areas.

    A release's table area is made of them. What is shipped is made up for the demonstration and says so in every row.
    """


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="File 7 of the indices, or estimates of small areas.", exists=True)],
    year: Annotated[int | None, typer.Option(help="Of the index or the estimates, if the file does not say.")] = None,
) -> None:
    """Take the borough's figures from an official file, in place of those known before; made-up figures go.

    Deprivation: English Indices of Deprivation, File 7 (CSV). Population: mid-year estimates of small areas by single
    year of age, of the Office for National Statistics (XLSX or CSV). Needs no home.
    """
    config = Settings().config
    borough = load_areas(config).table["lsoa_code"]
    taken = read_official(file, borough, year)
    path = figures_path(config)
    write_reference(path, merged(load_figures(config), taken, borough))
    console.print(
        f"{taken.subject.capitalize()} of {taken.year} for {taken.areas.height} of {len(borough)} small areas: {path}",
        soft_wrap=True,
    )
    if taken.areas.height < len(borough):
        console.print("The others stay blank: the file is by the small areas of another census.")


@app.command()
def boundaries(
    file: Annotated[Path, typer.Argument(help="GeoJSON of the small areas of 2021, with LSOA21CD.", exists=True)],
) -> None:
    """Take the lines around the borough's small areas from the official file, for the map of the needs assessment.

    Lower layer Super Output Areas (December 2021) Boundaries, of the Office for National Statistics. Needs no home.
    """
    config = Settings().config
    found = read_boundaries(file, load_areas(config).table["lsoa_code"])
    console.print(f"The boundaries of {len(found)} small areas: {write_boundaries(config, found)}", soft_wrap=True)


@app.command()
def show() -> None:
    """What is known of each ward, and of how many small areas."""
    made = load_area_table(Settings().config)
    small = made.filter(kind="lsoa")
    for subject in ("population", "deprivation"):
        sources = small[f"{subject}_source"].drop_nulls().unique().sort().to_list()
        known = small.height - small[f"{subject}_source"].null_count()
        console.print(f"{subject}: {known} of {small.height} small areas; {'; '.join(sources) or 'nothing is loaded'}")
    if made["synthetic"].any():
        console.print("[bold]Figures are made up for the demonstration.[/bold]")
    worst = small.group_by("ward_code").agg(pl.col("deprivation_decile").min().alias("lowest"))
    wards = made.filter(kind="ward").join(worst, on="ward_code", how="left").sort("name")
    rows = wards.select("name", "population", "population_10_24", "lowest").rows()
    shown = [tuple("" if cell is None else cell for cell in row) for row in rows]
    table("Wards", ["ward", "residents", "aged 10-24", "lowest decile"], shown)
