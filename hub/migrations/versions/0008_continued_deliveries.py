"""deliveries that continue others, and when a circuit's trial was made"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("continues_id", sa.String(), nullable=True), schema="hub")
    op.add_column("delivery", sa.Column("watermark", sa.String(), nullable=True), schema="hub")
    op.create_foreign_key(
        op.f("fk_delivery_continues_id_delivery"),
        "delivery",
        "delivery",
        ["continues_id"],
        ["id"],
        source_schema="hub",
        referent_schema="hub",
    )
    op.add_column("partner_circuit", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True), schema="hub")


def downgrade() -> None:
    op.drop_column("partner_circuit", "tried_at", schema="hub")
    op.drop_constraint(op.f("fk_delivery_continues_id_delivery"), "delivery", schema="hub", type_="foreignkey")
    op.drop_column("delivery", "watermark", schema="hub")
    op.drop_column("delivery", "continues_id", schema="hub")
