"""Run the hub's migrations. Called by hub.database.migrate, or by alembic when one is written."""

from alembic import context
from sqlalchemy import create_engine, pool, text

SCHEMA = "hub"

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.connect() as connection:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=lambda name, kind, _: kind != "schema" or name == SCHEMA,
    )
    with context.begin_transaction():
        context.run_migrations()
