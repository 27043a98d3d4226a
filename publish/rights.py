"""Who may read a release in PostgreSQL: a role for each recipient, with the rows and columns that it is granted.

The role bears the recipient's name and cannot log in. Whoever administers the server lets persons in by making them
members of it: ``CREATE ROLE anna LOGIN IN ROLE partnership_analysts``. All happens in the caller's transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from agreement.errors import AgreementRefusal
from agreement.grants import Portion, portions
from agreement.model import Agreement
from agreement.policy import permit_rows
from publish.errors import PublicationRefused
from publish.manifest import Manifest

MANIFEST_TABLE = "manifest"
_POLICY = sql.Identifier("as_agreed")
_ROLES_ARE_MADE_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('the roles of recipients', 0))"
_TEXT = {  # a column as the agreement writes its values, whatever form the reader's session gives dates
    "date": "to_char({}, 'YYYY-MM-DD')",
    "timestamp with time zone": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
}


@dataclass(frozen=True)
class Shown:
    """A release that is published: the schema that holds it, and what it says of itself."""

    schema: str
    manifest: Manifest


def shown_columns(agreement: Agreement, manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """The columns of each of a release's tables that its recipient is granted by an agreement, and the manifest's.

    A table with none is left out. All are if the release holds rows that the recipient may not see any more
    (``permit_rows``), or nothing is granted.
    """
    granted = portions(agreement, manifest.recipient)
    try:
        permit_rows(agreement, manifest.recipient, {part.name: part.portion.rows for part in manifest.tables})
    except AgreementRefusal:
        return {}
    held = {part.name: granted.get(part.name, Portion((), ())).columns for part in manifest.tables}
    seen = {part.name: tuple(c for c in part.columns if c in held[part.name]) for part in manifest.tables}
    left = {table: columns for table, columns in seen.items() if columns}
    return left and left | {MANIFEST_TABLE: ("release", "manifest_hash", "manifest")}


def make_role(cursor: psycopg.Cursor[Any], recipient: str) -> None:
    """The recipient's role, made if there is none.

    1. It cannot log in, owns nothing and is a member of nothing.
    2. One that is there already is no superuser and does not pass by row-level security.

    Raises PublicationRefused for (2), and where the hub may not make roles.
    """
    cursor.execute(_ROLES_ARE_MADE_ONE_BY_ONE)
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [recipient])
    known = cursor.fetchone()
    if known is None:
        try:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(recipient)))  # (1)
        except InsufficientPrivilege:
            fix = f"Have its administrator run: CREATE ROLE {recipient} NOLOGIN"
            raise _unfit(recipient, "there is none, and the hub may not make one", fix) from None
    elif known[0]:  # (2)
        raise _unfit(recipient, "it passes by the rights of tables", f"ALTER ROLE {recipient} NOSUPERUSER NOBYPASSRLS")


def grant(cursor: psycopg.Cursor[Any], shown: Shown, agreement: Agreement) -> None:
    """Give a release's recipient what the agreement grants of it now, and nothing more.

    1. What was granted before is taken back first, so that a narrower agreement leaves nothing.
    2. Of each table the columns that are granted, and no others; and the manifest.
    3. Of its rows those that pass the grant's filters, as long as the agreement is in its term.
    """
    role, schema = sql.Identifier(shown.manifest.recipient), sql.Identifier(shown.schema)
    _take_back(cursor, schema, role)  # (1)
    columns = shown_columns(agreement, shown.manifest)
    if not columns:
        return
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
    granted = portions(agreement, shown.manifest.recipient)
    for table, names in columns.items():
        place = sql.Identifier(shown.schema, table)
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        cursor.execute(sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(listed, place, role))  # (2)
        rows = granted[table].rows if table in granted else {}
        _narrow(cursor, shown.schema, table, role, agreement=agreement, rows=rows)  # (3)


def show(cursor: psycopg.Cursor[Any], shown: Shown, agreement: Agreement, views: str) -> None:
    """Point the views of a schema at a release, each with the columns that the recipient is granted of its table.

    A view reads with the rights of whoever asks it, so that it gives nothing that the tables do not.
    """
    role, schema = sql.Identifier(shown.manifest.recipient), sql.Identifier(views)
    cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
    cursor.execute("SELECT table_name FROM information_schema.views WHERE table_schema = %s", [views])
    for (view,) in cursor.fetchall():
        cursor.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(views, view)))
    columns = shown_columns(agreement, shown.manifest)
    for table, names in (
        {**columns, MANIFEST_TABLE: ("release", "manifest_hash", "manifest")} if columns else {}
    ).items():
        view, source = sql.Identifier(views, table), sql.Identifier(shown.schema, table)
        listed = sql.SQL(", ").join(map(sql.Identifier, names))
        made = sql.SQL("CREATE VIEW {} WITH (security_invoker = true) AS SELECT {} FROM {}")
        cursor.execute(made.format(view, listed, source))
        cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(view, role))
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))


def _take_back(cursor: psycopg.Cursor[Any], schema: sql.Identifier, role: sql.Identifier) -> None:
    for what in ("ALL ON ALL TABLES IN SCHEMA", "ALL ON SCHEMA"):
        cursor.execute(sql.SQL("REVOKE {} {} FROM {}").format(sql.SQL(what), schema, role))


def _narrow(
    cursor: psycopg.Cursor[Any],
    schema: str,
    table: str,
    role: sql.Identifier,
    *,
    agreement: Agreement,
    rows: Mapping[str, tuple[str, ...]],
) -> None:
    place = sql.Identifier(schema, table)
    cursor.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(place))
    cursor.execute(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(_POLICY, place))
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s",
        [schema, table],
    )
    types = dict(cursor.fetchall())
    term = sql.SQL("(now() AT TIME ZONE 'UTC')::date BETWEEN {}::date AND {}::date").format(
        sql.Literal(agreement.commences_on.isoformat()), sql.Literal(agreement.expires_on.isoformat())
    )
    passed = [_passes(column, types[column], values) for column, values in rows.items() if column in types]
    made = sql.SQL("CREATE POLICY {} ON {} FOR SELECT TO {} USING ({})")
    cursor.execute(made.format(_POLICY, place, role, sql.SQL(" AND ").join([term, *passed])))


def _passes(column: str, kind: str, values: tuple[str, ...]) -> sql.Composed:
    written = sql.SQL(_TEXT.get(kind, "{}::text")).format(sql.Identifier(column))
    return sql.SQL("{} = ANY({}::text[])").format(written, sql.Literal(list(values)))


def _unfit(recipient: str, why: str, fix: str) -> PublicationRefused:
    return PublicationRefused(
        "The recipient's role cannot be used", where=f"the database role {recipient}", why=why, fix=fix
    )
