"""index of moves: of the register's events only those are looked up by person that moved a record

Every event was in the index, though only the moves are asked for by person (linkage.registered.former_ids, undoing), and
there is one of those for thousands of others. To write 10,000 events touched as many pages of it, of which the first
change after a checkpoint is logged whole: a quarter of what a link had PostgreSQL log.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_register_event_person_id"), table_name="register_event", schema="hub")
    op.create_index(
        "ix_register_event_moved",
        "register_event",
        ["person_id"],
        unique=False,
        schema="hub",
        postgresql_where=sa.text("kind = 'moved'"),
    )


def downgrade() -> None:
    op.drop_index("ix_register_event_moved", table_name="register_event", schema="hub")
    op.create_index(op.f("ix_register_event_person_id"), "register_event", ["person_id"], unique=False, schema="hub")
