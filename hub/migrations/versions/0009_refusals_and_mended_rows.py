"""why a delivery was refused whole, and which deliveries hold mended rows alone"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refusal",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["hub.delivery.id"], name=op.f("fk_refusal_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_refusal")),
        schema="hub",
    )
    op.create_table(
        "mended",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["hub.delivery.id"], name=op.f("fk_mended_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_mended")),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table("mended", schema="hub")
    op.drop_table("refusal", schema="hub")
