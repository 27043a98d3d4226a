"""turned source key: under which versions a delivery came, and which are refused"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("admission", sa.Column("source_keys", sa.String(), nullable=True), schema="hub")
    op.create_table(
        "source_end",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_source_end")),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table("source_end", schema="hub")
    op.drop_column("admission", "source_keys", schema="hub")
