"""erasure: suppressed records, excluded persons, officers' orders, tables to be written anew"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("person", "founded_on_record", existing_type=sa.String(length=32), nullable=True, schema="hub")
    op.create_table(
        "suppressed",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_suppressed")),
        schema="hub",
    )
    op.create_table(
        "exclusion",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("ground", sa.String(length=10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "ground", name=op.f("pk_exclusion")),
        schema="hub",
    )
    op.create_table(
        "officer_order",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="hub/order/1"),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_officer_order")),
        schema="hub",
    )
    op.create_table(
        "unscrubbed",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_unscrubbed")),
        schema="hub",
    )


def downgrade() -> None:
    for table in ("unscrubbed", "officer_order", "exclusion", "suppressed"):
        op.drop_table(table, schema="hub")
    op.alter_column("person", "founded_on_record", existing_type=sa.String(length=32), nullable=False, schema="hub")
