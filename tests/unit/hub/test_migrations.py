"""The migrations make exactly the tables that the packages declare."""

from alembic import command

from cli.database import all_tables
from hub.database import alembic_config
from hub.settings import Settings


def test_models_and_migrations_do_not_differ(settings: Settings) -> None:
    config = alembic_config(settings)
    config.attributes["metadata"] = all_tables()

    command.check(config)  # raises if a table, a column or an index differs
