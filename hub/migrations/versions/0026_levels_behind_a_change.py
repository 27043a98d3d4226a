"""levels behind a change: how the pair agrees that an event of the register rests on"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("register_event", sa.Column("levels", sa.Text(), nullable=True), schema="hub")


def downgrade() -> None:
    op.drop_column("register_event", "levels", schema="hub")
