"""log tree and witnesses

Builds the tiles of the Merkle tree from the entries that are stored; the hash that stood beside each entry goes. No
package of the hub is imported: a migration stays as it was when it ran.
"""

from collections.abc import Iterator
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDED = ("audit_entry", "audit_checkpoint", "audit_cosignature", "audit_disclosed")

FOUND_BY = ("action", "actor", "at", "feed", "release")


def upgrade() -> None:
    _make_tables()
    _change_tables()
    op.execute("ALTER TABLE hub.audit_tile ALTER COLUMN hashes SET STORAGE EXTERNAL")  # hashes do not compress
    _build_tiles()
    _date_checkpoints()
    op.drop_column("audit_entry", "leaf_hash", schema="hub")
    _guard()


def downgrade() -> None:
    for table in GUARDED:
        op.execute(f"DROP TRIGGER audit_only_added ON hub.{table}")
    op.execute("DROP FUNCTION hub.audit_only_added()")
    op.add_column(
        "audit_entry",
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=True, comment="SHA-256(0x00 || entry)"),
        schema="hub",
    )
    op.execute(r"UPDATE hub.audit_entry SET leaf_hash = sha256('\x00'::bytea || entry)")
    op.alter_column("audit_entry", "leaf_hash", nullable=False, schema="hub")
    op.drop_index("ix_audit_entry_filters", table_name="audit_entry", schema="hub")
    for name in FOUND_BY:
        op.create_index(op.f(f"ix_audit_entry_{name}"), "audit_entry", [name], unique=False, schema="hub")
    op.drop_column("audit_checkpoint", "at", schema="hub")
    op.drop_column("audit_head", "statements", schema="hub")
    for table in ("audit_disclosed", "audit_subject", "audit_verification", "audit_cosignature", "audit_tile"):
        op.drop_table(table, schema="hub")


def _make_tables() -> None:
    op.create_table(
        "audit_tile",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "hashes", sa.LargeBinary(), nullable=False, comment="SHA-256 hashes one after the other, 256 in a whole one"
        ),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_audit_tile")),
        schema="hub",
    )
    op.create_table(
        "audit_cosignature",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column(
            "line", sa.Text(), nullable=False, comment="one signature line of a signed note, type cosignature/v1"
        ),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="not signed; held by audit_head.statements",
        ),
        sa.ForeignKeyConstraint(
            ["number"], ["hub.audit_checkpoint.number"], name=op.f("fk_audit_cosignature_number_audit_checkpoint")
        ),
        sa.PrimaryKeyConstraint("number", "witness", name=op.f("pk_audit_cosignature")),
        schema="hub",
    )
    op.create_table(
        "audit_verification",
        sa.Column("number", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("witnessed", sa.BigInteger(), nullable=True, comment="null: no quorum was asked for"),
        sa.Column("problems", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_verification")),
        schema="hub",
    )
    op.create_table(
        "audit_subject",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(salt) = 32", name=op.f("ck_audit_subject_salt_of_32_bytes")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_audit_subject")),
        schema="hub",
    )
    op.create_table(
        "audit_disclosed",
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "commitments", sa.LargeBinary(), nullable=False, comment="32 bytes each, sorted, one after the other"
        ),
        sa.ForeignKeyConstraint(
            ["entry"], ["hub.audit_entry.index"], name=op.f("fk_audit_disclosed_entry_audit_entry")
        ),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_audit_disclosed")),
        schema="hub",
    )


def _change_tables() -> None:
    op.add_column(
        "audit_checkpoint",
        sa.Column("at", sa.DateTime(timezone=True), nullable=True, comment="not signed; held by audit_head.statements"),
        schema="hub",
    )
    op.add_column(
        "audit_head",
        sa.Column(
            "statements",
            sa.LargeBinary(),
            nullable=True,
            comment="exclusive or of the SHA-256 of each row of audit_checkpoint and audit_cosignature",
        ),
        schema="hub",
    )
    for name in FOUND_BY:
        op.drop_index(op.f(f"ix_audit_entry_{name}"), table_name="audit_entry", schema="hub")
    filters = ["at", "action", "actor", "feed", "period", "release", "recipient", "purpose"]
    op.create_index(
        "ix_audit_entry_filters",
        "audit_entry",
        filters,
        unique=False,
        schema="hub",
        postgresql_using="brin",
        postgresql_ops=dict.fromkeys(filters[1:], "text_bloom_ops(n_distinct_per_range=32)"),
        postgresql_with={"pages_per_range": 64, "autosummarize": True},
    )


def _build_tiles() -> None:
    """Level 0 from the entries, and each further level from the whole tiles of the one below."""
    op.execute(
        r"""
        INSERT INTO hub.audit_tile (level, index, hashes)
        SELECT 0, index / 256, string_agg(sha256('\x00'::bytea || entry), ''::bytea ORDER BY index)
        FROM hub.audit_entry GROUP BY index / 256
        """
    )
    level = 0
    while _build_level(level):
        level += 1


def _build_level(below: int) -> int:
    """Put together the roots of the whole tiles of a level; says how many there were."""
    count = 0
    for first, hashes in _grouped_roots(below):
        tile = {"level": below + 1, "index": first // 256, "hashes": hashes}
        op.get_bind().execute(
            sa.text("INSERT INTO hub.audit_tile (level, index, hashes) VALUES (:level, :index, :hashes)"), tile
        )
        count += len(hashes) // 32
    return count


def _grouped_roots(level: int) -> Iterator[tuple[int, bytes]]:
    """The roots of 256 whole tiles at a time, with the number of the first."""
    first = 0
    query = sa.text(
        "SELECT hashes FROM hub.audit_tile WHERE level = :level AND index >= :first AND index < :first + 256 "
        "AND length(hashes) = 8192 ORDER BY index"
    )
    while roots := [_root(row.hashes) for row in op.get_bind().execute(query, {"level": level, "first": first})]:
        yield first, b"".join(roots)
        first += 256


def _root(hashes: bytes) -> bytes:
    row = [hashes[start : start + 32] for start in range(0, len(hashes), 32)]
    while len(row) > 1:
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def _date_checkpoints() -> None:
    """Date each checkpoint by the newest entry that it covers, and put the digest of all into the head."""
    bind = op.get_bind()
    op.execute(
        """
        UPDATE hub.audit_checkpoint AS point SET at = coalesce(
            (SELECT entry.at FROM hub.audit_entry AS entry WHERE entry.index = point.size - 1), now())
        """
    )
    digest = 0
    for row in bind.execute(
        sa.text("SELECT number, size, note, at AT TIME ZONE 'UTC' AS at FROM hub.audit_checkpoint")
    ):
        said = f"checkpoint\n{row.number}\n{row.size}\n{row.at.isoformat(timespec='microseconds')}Z\n{row.note}"
        digest ^= int.from_bytes(sha256(said.encode()).digest())
    bind.execute(sa.text("UPDATE hub.audit_head SET statements = :digest"), {"digest": digest.to_bytes(32)})
    op.alter_column("audit_checkpoint", "at", nullable=False, schema="hub")
    op.alter_column("audit_head", "statements", nullable=False, schema="hub")


def _guard() -> None:
    """Refuse to change or remove what is only ever added."""
    op.execute(
        """
        CREATE FUNCTION hub.audit_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'Add an entry that corrects the one that is wrong.';
        END $$
        """
    )
    for table in GUARDED:
        op.execute(
            f"CREATE TRIGGER audit_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION hub.audit_only_added()"
        )
