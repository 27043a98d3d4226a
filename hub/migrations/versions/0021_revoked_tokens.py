"""revoked tokens of the interface"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revoked_token",
        sa.Column("token", sa.Text(), nullable=False, comment="SHA-256, as the log names the token"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_revoked_token")),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table("revoked_token", schema="hub")
