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
    "council.antisocial_behaviour": """
        CREATE TABLE antisocial_behaviour (
            incident_reference text PRIMARY KEY, incident_at timestamp, reported_at timestamp, category text,
            incident_type text, location_type text, young_people boolean, alcohol boolean, drugs boolean,
            weapon_seen boolean, action_taken text, easting integer, northing integer, ward_code text, period text)""",
    "council.children_in_need": """
        CREATE TABLE children_in_need (
            "EpisodeID" integer PRIMARY KEY, "LAchildID" text, "UPN" text, "Forename" text, "Surname" text,
            "PersonBirthDate" text, "GenderCurrent" text, "Ethnicity" text, "Postcode" text, "UPRN" text,
            "CINreferralDate" date, "ReferralSource" text, "PrimaryNeedCode" text, "CINclosureDate" date,
            "ReasonForClosure" text, "AssessmentFactors" text, "CPPstartDate" date, "InitialCategoryOfAbuse" text,
            period text)""",
    "council.looked_after": """
        CREATE TABLE looked_after (
            "EPISODE" integer PRIMARY KEY, "CHILD" text, "UPN" text, "FORENAME" text, "SURNAME" text, "DOB" text,
            "SEX" text, "ETHNIC" text, "HOME_POST" text, "DECOM" date, "RNE" text, "LS" text, "CIN" text, "PLACE" text,
            "DEC" date, "REC" text, period text)""",
    "council.exploitation": """
        CREATE TABLE exploitation_referrals (
            referral_id text PRIMARY KEY, referral_date date, referrer text, exploitation_type text,
            county_lines boolean, gang_associated boolean, missing_episodes integer, risk_level text, panel_date date,
            panel_outcome text, child_forename text, child_surname text, child_date_of_birth text, child_gender text,
            child_ethnicity text, child_postcode text, child_uprn text, support_kind text, support_start_date date,
            support_end_date date, support_outcome text, period text)""",
    "council.nrm_referrals": """
        CREATE TABLE nrm_referrals (
            nrm_reference text PRIMARY KEY, referral_date date, first_responder text, exploitation_type text,
            exploited_as text, county_lines boolean, reasonable_grounds text, reasonable_grounds_date date,
            conclusive_grounds text, conclusive_grounds_date date, forename text, surname text, date_of_birth text,
            gender text, ethnicity text, postcode text, uprn text, period text)""",
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
        tables = sql.SQL(", ").join(sql.Identifier(_name(statement)) for statement in _TABLES.values())
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(tables))
        for feed, statement in _TABLES.items():
            connection.execute(statement)
            for path in extracts_held(folder, feed).values():
                _copy(connection, _name(statement), path)
        connection.execute(f"DO $$ BEGIN CREATE ROLE {READER} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(READER), sql.Literal(secret)))
        connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(tables, sql.Identifier(READER)))


def _name(statement: str) -> str:
    """The table that a statement creates."""
    return statement.split()[2]


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
