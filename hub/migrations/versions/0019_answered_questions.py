"""answered questions: what a recipient was told in counts"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered_question",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the question"),
        sa.Column("question", sa.Text(), nullable=False, comment="canonical JSON"),
        sa.Column("shown", sa.Text(), nullable=False, comment="JSON: the values of by of each count that was shown"),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_answered_question")),
        sa.UniqueConstraint(
            "recipient", "release", "digest", name=op.f("uq_answered_question_recipient_release_digest")
        ),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table("answered_question", schema="hub")
