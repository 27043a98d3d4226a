"""withdrawn and remembered: what was told of releases that are not there any more"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "public_release",
        sa.Column("told", sa.Text(), nullable=True, comment="JSON: of each table that was out its cells as they stood"),
        schema="hub",
    )
    op.create_table(
        "remembered_release",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="the recipient's: the key of its units' marks"),
        sa.Column("units", sa.LargeBinary(), nullable=False, comment="Parquet: group, mark of a unit"),
        sa.Column("cells", sa.LargeBinary(), nullable=False, comment="Parquet: question, cell, group"),
        sa.Column("remembered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "release", name=op.f("pk_remembered_release")),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table("remembered_release", schema="hub")
    op.drop_column("public_release", "told", schema="hub")
