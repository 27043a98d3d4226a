"""middle of tiles: the roots of each 16 hashes beside them, so that a proof hashes a tenth

A partial tile has those of the hashes that it has.
"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    said = "roots of each 16 whole hashes, one after the other"
    op.add_column("audit_tile", sa.Column("middle", sa.LargeBinary(), nullable=True, comment=said), schema="hub")
    op.execute("ALTER TABLE hub.audit_tile ALTER COLUMN middle SET STORAGE EXTERNAL")  # hashes do not compress
    connection = op.get_bind()
    without = sa.text("SELECT level, index, hashes FROM hub.audit_tile WHERE middle IS NULL LIMIT 1000")
    fill = sa.text("UPDATE hub.audit_tile SET middle = :middle WHERE level = :level AND index = :index")
    while rows := connection.execute(without).all():
        connection.execute(
            fill, [{"level": level, "index": index, "middle": _middle(hashes)} for level, index, hashes in rows]
        )
    op.alter_column("audit_tile", "middle", nullable=False, schema="hub")


def downgrade() -> None:
    op.drop_column("audit_tile", "middle", schema="hub")


def _middle(hashes: bytes) -> bytes:
    """The roots of each 16 hashes of 32 bytes (RFC 9162 section 2.1.1)."""
    for _ in range(4):
        pairs = range(0, len(hashes) - 63, 64)
        hashes = b"".join(sha256(b"\x01" + hashes[at : at + 64]).digest() for at in pairs)
    return hashes
