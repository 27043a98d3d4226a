"""requests for re-identification, officers' words on them, and what is sealed to authorities"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

REQUEST = "reidentification_request"
WORD = "reidentification_word"
ENVELOPE = "reidentification_envelope"


def upgrade() -> None:
    op.create_table(
        REQUEST,
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("target_under", sa.Text(), nullable=True),
        sa.Column("target_id", sa.Text(), nullable=True),
        sa.Column("target_salt", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, comment="asked, refused, fulfilled"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f(f"pk_{REQUEST}")),
        schema="hub",
    )
    op.create_table(
        WORD,
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["request"], [f"hub.{REQUEST}.digest"], name=op.f(f"fk_{WORD}_request_{REQUEST}")),
        sa.PrimaryKeyConstraint("digest", name=op.f(f"pk_{WORD}")),
        schema="hub",
    )
    op.create_index(op.f(f"ix_{WORD}_request"), WORD, ["request"], unique=False, schema="hub")
    op.create_table(
        ENVELOPE,
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["request"], [f"hub.{REQUEST}.digest"], name=op.f(f"fk_{ENVELOPE}_request_{REQUEST}")),
        sa.PrimaryKeyConstraint("request", "authority", name=op.f(f"pk_{ENVELOPE}")),
        schema="hub",
    )


def downgrade() -> None:
    op.drop_table(ENVELOPE, schema="hub")
    op.drop_table(WORD, schema="hub")
    op.drop_table(REQUEST, schema="hub")
