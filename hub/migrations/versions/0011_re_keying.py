"""re-keying of stored tokens

What was admitted before was admitted under the first version of the hub key: no other could be made while records lay
under it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("admission", sa.Column("hub_version", sa.Integer(), nullable=False, server_default="1"), schema="hub")
    op.alter_column("admission", "hub_version", server_default=None, schema="hub")
    op.create_table(
        "rotation",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="hub/rotation/1"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rotation")),
        schema="hub",
    )
    op.create_table(
        "rotation_word",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False, comment="hub/rotation-word/1"),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["rotation"], ["hub.rotation.digest"], name=op.f("fk_rotation_word_rotation_rotation")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rotation_word")),
        schema="hub",
    )
    op.create_index(op.f("ix_rotation_word_rotation"), "rotation_word", ["rotation"], schema="hub")


def downgrade() -> None:
    op.drop_table("rotation_word", schema="hub")
    op.drop_table("rotation", schema="hub")
    op.drop_column("admission", "hub_version", schema="hub")
