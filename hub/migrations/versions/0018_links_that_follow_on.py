"""links that follow on: what is kept between links, a link's quality, and sampled pairs"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_state",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("data_key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_link_state")),
        schema="hub",
    )
    op.create_table(
        "link_quality",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_link_quality")),
        schema="hub",
    )
    op.add_column("link_question", sa.Column("stratum", sa.Text(), nullable=True), schema="hub")
    op.add_column("link_question", sa.Column("stratum_pairs", sa.BigInteger(), nullable=True), schema="hub")


def downgrade() -> None:
    op.drop_column("link_question", "stratum_pairs", schema="hub")
    op.drop_column("link_question", "stratum", schema="hub")
    op.drop_table("link_quality", schema="hub")
    op.drop_table("link_state", schema="hub")
