"""A release as PostgreSQL tables: a schema of its own, and views that show the newest one.

All of it happens on the connection that is handed in, so it is kept or dropped with the caller's
transaction. Rows go in by binary COPY, made from Arrow. Who may read them: ``publish.rights``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import psycopg
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql
from sqlalchemy import Connection

from agreement.model import Agreement
from publish import rights
from publish.errors import PublicationRefused
from publish.manifest import Manifest
from publish.parquet import arrow_schema, batches, scan
from publish.rights import MANIFEST_TABLE, Shown

ROWS_PER_COPY = 100_000
ANALYSTS = "partnership_analysts"
_TYPES: Mapping[object, sql.SQL] = {
    pl.String: sql.SQL("text"),
    pl.Boolean: sql.SQL("boolean"),
    pl.Date: sql.SQL("date"),
    pl.Datetime: sql.SQL("timestamptz"),
    pl.Int8: sql.SQL("smallint"),
    pl.Int16: sql.SQL("smallint"),
    pl.Int32: sql.SQL("integer"),
    pl.Int64: sql.SQL("bigint"),
    pl.UInt32: sql.SQL("bigint"),
    pl.Float64: sql.SQL("double precision"),
}
_OTHERS = """
    SELECT DISTINCT coalesce(role.rolname, 'everybody')
    FROM (
        SELECT nspowner AS owner, (aclexplode(nspacl)).grantee FROM pg_namespace WHERE nspname = %(schema)s
        UNION ALL
        SELECT relowner, (aclexplode(relacl)).grantee FROM pg_class WHERE relnamespace = %(schema)s::text::regnamespace
    ) AS granted
    LEFT JOIN pg_roles AS role ON role.oid = granted.grantee
    WHERE granted.grantee <> granted.owner AND role.rolname IS DISTINCT FROM %(recipient)s
    ORDER BY 1
"""


def schema_name(release: str) -> str:
    """The schema of a release: ``2026-Q3-v1`` becomes ``release_2026_q3_v1``."""
    return "release_" + release.lower().replace("-", "_")


def current_schema(recipient: str) -> str:
    """The schema of the views on a recipient's newest release: ``current`` for the partnership's analysts."""
    return "current" if recipient == ANALYSTS else f"current_{recipient}"


def load(
    connection: Connection,
    manifest: Manifest,
    tables: Mapping[str, bytes],
    meanings: Mapping[str, Mapping[str, str]],
) -> None:
    """Make the release's schema and fill it: its tables, and ``manifest`` with the manifest itself.

    ``tables`` are in Parquet. ``meanings`` gives each one's columns a comment. A schema left there by hand is replaced.
    Raises PublicationRefused if others than the recipient could read it (see ``_require_private``).
    """
    name = schema_name(manifest.release)
    with _cursor(connection) as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        for table, content in tables.items():
            columns = scan(content).collect_schema()
            _create(cursor, name, table, columns)
            _copy(cursor, name, table, content, list(columns))
            _comment(cursor, name, table, list(columns), meanings[table])
        _manifest(cursor, name, manifest)
        _require_private(cursor, name, manifest.recipient)


def open_to(connection: Connection, agreement: Agreement, releases: Sequence[Manifest], recipient: str) -> None:
    """Give a recipient's role what the agreement grants of its published releases, oldest first, and no more.

    The views show the newest; there are none where there is no release. Raises as ``rights.make_role``.
    """
    views = current_schema(recipient)
    with _cursor(connection) as cursor:
        rights.make_role(cursor, recipient)
        shown = [Shown(schema_name(manifest.release), manifest) for manifest in releases]
        for each in shown:
            rights.grant(cursor, each, agreement)
            _require_private(cursor, each.schema, recipient)
        if shown:
            rights.show(cursor, shown[-1], agreement, views)
            _require_private(cursor, views, recipient)
    if not shown:
        drop_schema(connection, views)


def drop(connection: Connection, release: str) -> None:
    """Drop the schema of a release, and every view on it."""
    drop_schema(connection, schema_name(release))


def drop_schema(connection: Connection, schema: str) -> None:
    """Drop a schema with all in it, if there is one."""
    with _cursor(connection) as cursor:
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise PublicationRefused(
            "The release cannot be loaded",
            where="the database",
            why="its driver is not psycopg",
            fix="Use postgresql+psycopg",
        )
    return driver.cursor()


def _require_private(cursor: psycopg.Cursor[Any], schema: str, recipient: str) -> None:
    """Nobody is granted anything of the schema but its owner and a role of the recipient's name.

    The hub itself grants nothing. But a server can be set up to grant every new table to somebody (ALTER DEFAULT
    PRIVILEGES), and this asks the server who can read the very tables that were made.
    """
    cursor.execute(_OTHERS, {"schema": schema, "recipient": recipient})
    others = [name for (name,) in cursor.fetchall()]
    if others:
        raise PublicationRefused(
            "The release cannot be loaded",
            where=f"the privileges of the schema {schema}",
            why="the server lets others than the recipient read it: " + ", ".join(others),
            fix="Revoke their default privileges (ALTER DEFAULT PRIVILEGES ... REVOKE)",
        )


def _create(cursor: psycopg.Cursor[Any], schema: str, table: str, columns: pl.Schema) -> None:
    stated = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), _type(table, name, kind)) for name, kind in columns.items()
    )
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(schema, table), stated))


def _type(table: str, column: str, kind: pl.DataType) -> sql.SQL:
    if kind.base_type() not in _TYPES:
        raise PublicationRefused(
            "A column cannot be loaded",
            where=f"{table}.{column}",
            why=f"{kind} has no PostgreSQL type here",
            fix="Change its contract",
        )
    return _TYPES[kind.base_type()]


def _copy(cursor: psycopg.Cursor[Any], schema: str, table: str, content: bytes, columns: Sequence[str]) -> None:
    """Binary COPY takes half the work of text on both sides, and leaves no text to be quoted right.

    FREEZE: the table is of this transaction, so that no later reader has to mark its rows as committed.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary, FREEZE)").format(sql.Identifier(schema, table), names)
    encoder = ArrowToPostgresBinaryEncoder(arrow_schema(content))
    with cursor.copy(copy) as sink:
        sink.write(encoder.write_header())
        for batch in batches(content, ROWS_PER_COPY):
            sink.write(encoder.write_batch(batch))
        sink.write(encoder.finish())


def _comment(
    cursor: psycopg.Cursor[Any], schema: str, table: str, columns: list[str], meanings: Mapping[str, str]
) -> None:
    for column in columns:
        comment = sql.SQL("COMMENT ON COLUMN {} IS {}")
        cursor.execute(comment.format(sql.Identifier(schema, table, column), sql.Literal(meanings[column])))


def _manifest(cursor: psycopg.Cursor[Any], schema: str, manifest: Manifest) -> None:
    table = sql.Identifier(schema, MANIFEST_TABLE)
    cursor.execute(sql.SQL("CREATE TABLE {} (release text, manifest_hash text, manifest jsonb)").format(table))
    row = [manifest.release, manifest.hash, manifest.canonical().decode()]
    cursor.execute(sql.SQL("INSERT INTO {} VALUES (%s, %s, %s)").format(table), row)
