"""``hub database``: migrate the hub's tables, and write a new migration."""

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from alembic import command
from sqlalchemy import MetaData

from cli.home import existing_home
from cli.show import console
from hub.database import Base, alembic_config, migrate

app = typer.Typer(no_args_is_help=True, help="The hub's tables.")
PACKAGES_WITH_TABLES = (
    "agreement",
    "api",
    "assessment",
    "audit",
    "store",
    "ingest",
    "linkage",
    "disclosure",
    "publish",
    "reidentify",
    "rotation",
)


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="database")


def all_tables() -> MetaData:
    """Every table that a package declares in its models.py."""
    for package in PACKAGES_WITH_TABLES:
        import_module(f"{package}.models")
    return Base.metadata


@app.command("migrate")
def migrate_command() -> None:
    """Bring the tables to the newest version."""
    with existing_home() as settings:
        migrate(settings)
    console.print("The hub's tables are at the newest version.")


@app.command()
def revision(message: Annotated[str, typer.Argument(help="What the migration is for.")]) -> None:
    """For developers: write a migration from what the models and the database differ in."""
    with existing_home() as settings:
        migrate(settings)
        config = alembic_config(settings)
        config.attributes["metadata"] = all_tables()
        number = len(list((Path(config.get_main_option("script_location") or "") / "versions").glob("*.py"))) + 1
        command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04}")
