"""circuits of partners"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_circuit",
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_ground", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("authority", name=op.f("pk_partner_circuit")),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table("partner_circuit", schema="hub")
