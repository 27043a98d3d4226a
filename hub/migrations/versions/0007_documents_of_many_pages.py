"""documents of many pages, and receipts"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    no = sa.text("false")
    op.add_column("page", sa.Column("more", sa.Boolean(), nullable=False, server_default=no), schema="hub")
    op.alter_column("page", "more", server_default=None, schema="hub")
    op.add_column("delivery", sa.Column("receipt", sa.String(), nullable=True), schema="hub")


def downgrade() -> None:
    op.drop_column("delivery", "receipt", schema="hub")
    op.drop_column("page", "more", schema="hub")
