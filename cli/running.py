"""``hub init``, ``hub up``, ``hub down`` and ``hub airflow``: making a home, and what runs in it."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.query import Filter, newest
from cli.home import existing_home, leaving_no_server, read_settings
from cli.runtime import airflow, configuration, processes
from cli.show import console
from hub import postgres
from hub.database import answering, migrate, transaction
from hub.errors import HubError
from hub.settings import PROJECT, Settings
from keys.bringing import import_ring, part_former_ring
from keys.home import create_ring, has_ring, log_signer, open_ring
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service

PARTNERS_FOLDER = Path(".partners")
PARTNERS_PATIENCE_S = 120.0
Keyring = Annotated[Path | None, typer.Option(help="In a new home use the keys of this file, not new ones.")]
SourceKeyring = Annotated[Path | None, typer.Option(help="Their source keys; else as they lie in a home beside it.")]


class PartnersFailed(HubError):
    """The simulated authorities did not come up."""


def add_to(root: typer.Typer) -> None:
    """Hang these into the root command."""
    root.command()(init)
    root.command()(up)
    root.command()(down)
    root.command("airflow", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(run_airflow)


def prepare(settings: Settings, keyring: Path | None = None, source_keyring: Path | None = None) -> None:
    """Make the home ready: tables, keys, and the log's entry on them. Run again, it finishes what was stopped.

    Every recipient of the agreement has its key from the start, so that a copy of the ring gives the same release.
    """
    recipients = load_agreement(settings).recipients
    migrate(settings)
    ring = _ring(settings, keyring, source_keyring)
    for recipient in recipients:
        ring.create(Purpose.RECIPIENT, recipient)
    with transaction(settings) as connection:
        held = {name.replace("/", "_"): version for name, version in ring.versions().items()}
        if _keys_logged(connection) != held:
            append(connection, _key_entry(settings, held, "brought along" if keyring else "made here"))
        checkpoint(connection, log_signer(settings, ring))


def _ring(settings: Settings, keyring: Path | None, source: Path | None) -> KeyRing:
    part_former_ring(settings)
    if has_ring(settings):
        return open_ring(settings, Service.CUSTODIAN)
    return import_ring(settings, keyring, source) if keyring else create_ring(settings)


def _keys_logged(connection: Connection) -> Mapping[str, int] | None:
    """The ring's keys and versions as the log last told them; None before the first time."""
    told = (entry.said for entry in newest(connection, Filter(action=Action.CREATE_KEY)))
    return next((said["detail"] for said in told if "recipient" not in said), None)


def _key_entry(settings: Settings, held: Mapping[str, int], how: str) -> Entry:
    return Entry(
        action=Action.CREATE_KEY,
        actor=settings.actor,
        justification=f"the keys of this home's ring, {how}",
        code_commit=settings.code_commit,
        detail=held,
    )


def init(
    keyring: Keyring = None,
    source_keyring: SourceKeyring = None,
    with_airflow: Annotated[
        bool, typer.Option("--airflow", help="Bring Airflow's own database up to date too.")
    ] = False,
) -> None:
    """Make the home: database tables, keys, and the first entry of the log."""
    settings = read_settings()
    with leaving_no_server(settings):
        prepare(settings, keyring, source_keyring)
    if with_airflow:
        _make_airflow_database(settings)
        _exec_airflow(settings, ["db", "migrate"])
    console.print(f"The home {settings.home} is ready.")


def _make_airflow_database(settings: Settings) -> None:
    if not settings.database_url:
        return  # the embedded server makes it when asked for it
    admin = create_engine(make_url(settings.database_url), isolation_level="AUTOCOMMIT")
    with answering(settings), admin.connect() as connection:
        if connection.execute(text("SELECT 1 FROM pg_database WHERE datname = 'airflow'")).first() is None:
            connection.execute(text("CREATE DATABASE airflow"))
    admin.dispose()


def up(
    partners: Annotated[bool, typer.Option(help="Start the simulated authorities of the last demo too.")] = True,
) -> None:
    """Start PostgreSQL and Airflow, and leave them running."""
    settings = read_settings()
    prepare(settings)
    if partners and (PARTNERS_FOLDER / "truth").exists():
        start_partners(settings)
    with console.status("Starting Airflow (about half a minute)"):
        airflow.start(settings)
    console.print(f"Airflow: {airflow.page(settings)}")
    users = ", ".join(configuration.ROLES)
    console.print(f"Users {users}; their passwords are in {configuration.passwords_file(settings)}")
    console.print("hub down stops everything.")


def down(quiet: Annotated[bool, typer.Option(help="Say nothing.")] = False) -> None:
    """Stop what hub up or hub demo left running. Erases nothing."""
    settings = read_settings()
    stopped = stop_all(settings) if settings.home.exists() else []
    if not quiet:
        console.print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


def stop_all(settings: Settings) -> list[str]:
    """Stop Airflow, the simulated authorities and the embedded PostgreSQL, in this order; names what ran."""
    stopped = ["Airflow"] if airflow.stop(settings) else []
    stopped += ["the simulated authorities"] if stop_partners(settings) else []
    stopped += ["PostgreSQL"] if postgres.stop(settings.home) else []
    return stopped


def run_airflow(context: typer.Context) -> None:
    """Run any airflow command with this home's configuration, such as: hub airflow dags list.

    The embedded PostgreSQL is left running; hub down stops it.
    """
    with existing_home() as settings:
        _exec_airflow(settings, context.args)


def _exec_airflow(settings: Settings, arguments: list[str]) -> None:
    """Become Airflow, so that signals reach it."""
    program = str(Path(sys.executable).parent / "airflow")
    os.execve(program, [program, *arguments], configuration.airflow_environment(settings))  # noqa: S606


def _partners_pid(settings: Settings) -> Path:
    return configuration.run_folder(settings) / "partners.pid"


def start_partners(settings: Settings, folder: Path = PARTNERS_FOLDER) -> None:
    """Start the simulated authorities as a process of their own, and wait until all six answer."""
    known = processes.recall(_partners_pid(settings))
    if known is not None and known.alive:
        return
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "partners", "serve", "--folder", str(folder), "--hub-home", str(settings.home)]
    log = configuration.run_folder(settings) / "partners.log"
    child = processes.start(
        command, settings.environment() | {"PYTHONPATH": str(PROJECT)}, _partners_pid(settings), log
    )
    until = time.monotonic() + PARTNERS_PATIENCE_S
    while not ready.exists():
        if not child.alive or time.monotonic() > until:
            raise PartnersFailed(
                "The simulated authorities did not start",
                where=str(log),
                why="they ended by themselves" if not child.alive else f"not ready after {PARTNERS_PATIENCE_S:.0f} s",
                fix="Read that file's last lines",
            )
        time.sleep(0.1)


def stop_partners(settings: Settings) -> bool:
    """Stop the simulated authorities; says whether they ran."""
    child = processes.recall(_partners_pid(settings))
    if child is None or not child.session():
        return False
    processes.stop(child, patience_s=20)
    _partners_pid(settings).unlink()
    return True
