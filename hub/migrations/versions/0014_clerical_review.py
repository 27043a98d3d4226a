"""clerical review: pairs that a link asks about, and what reviewers decided"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_question",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_id_l", sa.String(length=32), nullable=False),
        sa.Column("record_id_r", sa.String(length=32), nullable=False),
        sa.Column("feed_l", sa.Text(), nullable=False),
        sa.Column("feed_r", sa.Text(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("match_weight", sa.Float(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("bits", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=True),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("model_version", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_link_question")),
        schema="hub",
    )
    op.create_table(
        "link_decision",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("record_id_l", sa.String(length=32), nullable=False),
        sa.Column("record_id_r", sa.String(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=5), nullable=False),
        sa.Column("ground", sa.String(length=11), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_link_decision")),
        schema="hub",
    )
    op.create_index(op.f("ix_link_decision_record_id_l"), "link_decision", ["record_id_l"], unique=False, schema="hub")


def downgrade() -> None:
    op.drop_table("link_decision", schema="hub")
    op.drop_table("link_question", schema="hub")
