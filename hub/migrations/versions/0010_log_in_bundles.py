"""log in bundles

Packs the log's entries into bundles of up to 256. What did not fit its columns before is still found afterwards: such an
entry is a bundle of its own, with the terms and the instant that its columns said. No package of the hub is imported: a
migration stays as it was when it ran.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from backports import zstd

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WIDTH = 256
PAGE = 64 * WIDTH
COPIES = ("action", "actor", "outcome", "feed", "delivery", "period", "release", "recipient", "purpose")
FOUND_BY = ["at", "action", "actor", "feed", "period", "release", "recipient", "purpose"]
Row = dict[str, Any]


def upgrade() -> None:
    op.create_table(
        "audit_bundle",
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False, comment="of its entries"),
        sa.Column("size", sa.SmallInteger(), nullable=False, comment="how many entries"),
        sa.Column("earliest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.Text()), nullable=False, comment="name=value, in order"),
        sa.Column(
            "entries",
            sa.LargeBinary(),
            nullable=False,
            comment="canonical JSON (RFC 8785), a line each; Zstandard (RFC 8878), then CRC-32",
        ),
        sa.PrimaryKeyConstraint("first", name=op.f("pk_audit_bundle")),
        schema="hub",
    )
    op.execute("ALTER TABLE hub.audit_bundle ALTER COLUMN entries SET STORAGE EXTERNAL")  # they are packed already
    _pack()
    op.create_index(
        op.f("ix_audit_bundle_terms"),
        "audit_bundle",
        ["terms"],
        unique=False,
        schema="hub",
        postgresql_using="gin",
        postgresql_with={"fastupdate": False},
    )
    op.create_index(
        op.f("ix_audit_bundle_earliest_at_latest_at"),
        "audit_bundle",
        ["earliest_at", "latest_at"],
        unique=False,
        schema="hub",
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 64, "autosummarize": True},
    )
    _guard("audit_bundle")
    op.drop_constraint(op.f("fk_audit_disclosed_entry_audit_entry"), "audit_disclosed", schema="hub")
    op.drop_table("audit_entry", schema="hub")


def downgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False, comment="canonical JSON (RFC 8785)"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=name not in {"action", "actor", "outcome"}) for name in COPIES),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_audit_entry")),
        schema="hub",
    )
    _unpack()
    op.create_index(
        "ix_audit_entry_filters",
        "audit_entry",
        FOUND_BY,
        unique=False,
        schema="hub",
        postgresql_using="brin",
        postgresql_ops=dict.fromkeys(FOUND_BY[1:], "text_bloom_ops(n_distinct_per_range=32)"),
        postgresql_with={"pages_per_range": 64, "autosummarize": True},
    )
    _guard("audit_entry")
    op.create_foreign_key(
        op.f("fk_audit_disclosed_entry_audit_entry"),
        "audit_disclosed",
        "audit_entry",
        ["entry"],
        ["index"],
        source_schema="hub",
        referent_schema="hub",
    )
    op.drop_table("audit_bundle", schema="hub")


def _guard(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER audit_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON hub.{table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION hub.audit_only_added()"
    )


def _pack() -> None:
    names = ", ".join(("index", "entry", "at", *COPIES))
    query = sa.text(
        f"SELECT {names} FROM hub.audit_entry "  # noqa: S608
        "WHERE CAST(:after AS bigint) IS NULL OR index > :after ORDER BY index LIMIT :page"
    )
    kept = sa.text(
        "INSERT INTO hub.audit_bundle (first, size, earliest_at, latest_at, terms, entries) "
        "VALUES (:first, :size, :earliest_at, :latest_at, :terms, :entries)"
    )
    after: int | None = None
    while rows := op.get_bind().execute(query, {"after": after, "page": PAGE}).mappings().all():
        op.get_bind().execute(kept, [_bundle(some) for some in _grouped(list(map(_read, rows)))])
        after = rows[-1]["index"]


def _read(row: sa.RowMapping) -> Row:
    """A row with the table that the entry says, and whether its columns say what the entry says."""
    read = {**row, "entry": bytes(row["entry"]), "at": row["at"].astimezone(UTC), "table": None, "fits": False}
    try:
        said = json.loads(read["entry"])
        copied = {name: said.get(name) for name in (*COPIES, "at")}
        table = said.get("table")
    except (ValueError, AttributeError):
        return read
    right = {name: row[name] for name in COPIES} | {"at": read["at"].isoformat(timespec="microseconds")[:-6] + "Z"}
    return read | {"table": table if isinstance(table, str) else None, "fits": copied == right}


def _grouped(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows that follow one another within a tile and fit; each that does not fit alone."""
    some: list[Row] = []
    for row in rows:
        follows = some and row["index"] == some[-1]["index"] + 1 and row["index"] % WIDTH
        if some and not (follows and row["fits"] and some[-1]["fits"]):
            yield some
            some = []
        some.append(row)
    yield some


def _bundle(rows: Sequence[Row]) -> Row:
    frame = zstd.compress(b"\n".join(row["entry"] for row in rows), 1)
    return {
        "first": rows[0]["index"],
        "size": len(rows),
        "earliest_at": min(row["at"] for row in rows),
        "latest_at": max(row["at"] for row in rows),
        "terms": sorted({term for row in rows for term in _terms(row)}),
        "entries": frame + zlib.crc32(frame).to_bytes(4),
    }


def _terms(row: Row) -> Iterator[str]:
    for name in (*COPIES, "table"):
        if row[name] is not None and name != "purpose":
            yield f"{name}={row[name]}"
    if row["feed"] is not None:
        yield f"authority={row['feed'].partition('.')[0]}"
    if row["purpose"] is not None:
        yield from (f"purpose={purpose}" for purpose in row["purpose"].split(", "))
    yield f"did={row['action']} {row['actor']}"


def _unpack() -> None:
    names = ("index", "entry", "at", *COPIES)
    kept = sa.text(
        f"INSERT INTO hub.audit_entry ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"  # noqa: S608
    )
    query = sa.text("SELECT first, entries FROM hub.audit_bundle WHERE first > :after ORDER BY first LIMIT 256")
    after = -(2**63)
    while bundles := op.get_bind().execute(query, {"after": after}).all():
        op.get_bind().execute(kept, [row for first, packed in bundles for row in _rows(first, bytes(packed))])
        after = bundles[-1].first


def _rows(first: int, packed: bytes) -> Iterator[Row]:
    for index, entry in enumerate(zstd.decompress(packed[:-4]).split(b"\n"), first):
        said = json.loads(entry)
        copies = {name: said.get(name) for name in COPIES}
        yield {"index": index, "entry": entry, "at": datetime.fromisoformat(said["at"])} | copies
