"""agreement versions"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_version",
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 of text, in hex"),
        sa.Column("agreement", sa.Text(), nullable=False, comment="the text's id"),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False, comment="canonical JSON (RFC 8785), without signatures"),
        sa.Column("signatures", sa.LargeBinary(), nullable=False, comment="canonical JSON of the six signatures"),
        sa.Column(
            "enacted_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when something was first done under it",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint("agreement", "version", name=op.f("uq_agreement_version_agreement_version")),
        schema="hub",
    )
    op.execute(
        "CREATE TRIGGER audit_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.agreement_version "
        "FOR EACH STATEMENT EXECUTE FUNCTION hub.audit_only_added()"
    )


def downgrade() -> None:
    op.drop_table("agreement_version", schema="hub")
