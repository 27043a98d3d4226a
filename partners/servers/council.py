"""The council's database: a real PostgreSQL, its tables loaded from the extracts, a role that may only read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from hub import postgres
from partners.layout import extracts_held
from partners.servers.credentials import password
from partners.servers.offer import Offer

READER = "hub_reader"
_TABLES = {
    "council.exclusions": """
        CREATE TABLE exclusions (
            exclusion_id text PRIMARY KEY, upn text, forename text, surname text, date_of_birth text, gender text,
            ethnicity text, postcode text, uprn text, school_urn integer, category text, reason text,
            start_date date, sessions integer, sen_provision text, period text)""",
    "council.marac": """
        CREATE TABLE marac_referrals (
            referral_id text PRIMARY KEY, meeting_date date, referring_agency text, repeat_case boolean,
            children_count integer, victim_forename text, victim_surname text, victim_date_of_birth text,
            victim_gender text, victim_ethnicity text, victim_postcode text, victim_uprn text, period text)""",
}


@asynccontextmanager
async def serve(folder: Path) -> AsyncIterator[Offer]:
    """Run the database with the extracts of every quarter in it, until the block ends."""
    secret = password(folder, "council_database_password")
    url = make_url(await asyncio.to_thread(postgres.start, folder / "council", "council"))
    try:
        await asyncio.to_thread(_load, url, folder, secret)
        await asyncio.to_thread(_demand_password, url, folder / "council" / "postgres")
        address = URL.create(url.drivername, READER, database=url.database, query=url.query).render_as_string()
        endpoints = dict.fromkeys(_TABLES, address)
        pid = int((folder / "council" / "postgres" / "postmaster.pid").read_text().split()[0])
        yield Offer("council PostgreSQL", address, endpoints, {"council_database_password": secret}, pid)
    finally:
        await asyncio.to_thread(postgres.stop, folder / "council")


def _connect(url: URL, autocommit: bool = False) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=autocommit
    )


def _load(url: URL, folder: Path, secret: str) -> None:
    with _connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS exclusions, marac_referrals")
        for feed, statement in _TABLES.items():
            connection.execute(statement)
            for path in extracts_held(folder, feed).values():
                _copy(connection, statement.split()[2], path)
        connection.execute(f"DO $$ BEGIN CREATE ROLE {READER} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(secret)))
        connection.execute(f"GRANT SELECT ON exclusions, marac_referrals TO {READER}")


def _copy(connection: "psycopg.Connection[tuple[object, ...]]", table: str, path: Path) -> None:
    """Load a CSV file whose header names the table's columns in order."""
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER match)").format(sql.Identifier(table))
    with connection.cursor().copy(statement) as copy, path.open("rb") as file:
        while block := file.read(1 << 20):
            copy.write(block)


def _demand_password(url: URL, data: Path) -> None:
    """Have the reading role prove itself; the embedded server trusts every other local user."""
    rule = f"local council {READER} scram-sha-256\n"
    rules = data / "pg_hba.conf"
    content = rules.read_text(encoding="utf-8")
    if not content.startswith(rule):
        rules.write_text(rule + content, encoding="utf-8")
    with _connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
