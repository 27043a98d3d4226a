"""public releases: what was given to the public, and the decisions on it"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_release",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("manifest_hash", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False, comment="hub/public/1, canonical JSON"),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_public_release")),
        sa.UniqueConstraint("quarter", "version", name=op.f("uq_public_release_quarter_version")),
        schema="hub",
    )
    op.create_table(
        "public_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["release"], ["hub.public_release.name"], name=op.f("fk_public_decision_release_public_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_decision")),
        schema="hub",
    )
    op.create_index(op.f("ix_public_decision_release"), "public_decision", ["release"], schema="hub")


def downgrade() -> None:
    op.drop_index(op.f("ix_public_decision_release"), table_name="public_decision", schema="hub")
    op.drop_table("public_decision", schema="hub")
    op.drop_table("public_release", schema="hub")
