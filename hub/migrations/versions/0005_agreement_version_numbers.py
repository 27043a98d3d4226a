"""agreement version numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBERED = """
UPDATE hub.agreement_version AS known SET number = counted.number
FROM (SELECT hash, row_number() OVER (ORDER BY enacted_at, hash) AS number FROM hub.agreement_version) AS counted
WHERE known.hash = counted.hash
"""


def upgrade() -> None:
    told = "in the order in which they came into force, from 1"
    op.add_column("agreement_version", sa.Column("number", sa.Integer(), comment=told), schema="hub")
    op.execute("ALTER TABLE hub.agreement_version DISABLE TRIGGER audit_only_added")
    op.execute(_NUMBERED)
    op.execute("ALTER TABLE hub.agreement_version ENABLE TRIGGER audit_only_added")
    op.alter_column("agreement_version", "number", nullable=False, schema="hub")
    op.create_unique_constraint(op.f("uq_agreement_version_number"), "agreement_version", ["number"], schema="hub")


def downgrade() -> None:
    op.drop_column("agreement_version", "number", schema="hub")
