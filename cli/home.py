"""What every command does first and last: read the settings, find the home, leave nothing running by accident."""

from collections.abc import Iterator
from contextlib import contextmanager

from audit.log import checkpoint
from cli.runtime import airflow
from cli.settings import read_settings
from hub import postgres
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.home import has_ring, log_signer, open_ring
from keys.services import Service

__all__ = ["existing_home", "leaving_no_server", "read_settings", "sign_log"]


@contextmanager
def existing_home() -> Iterator[Settings]:
    """The settings of a home that was made before, for one command; ends as ``leaving_no_server``.

    Raises ConfigurationError where there is none, so that a mistyped HUB_HOME makes no second, empty hub.
    """
    settings = read_settings()
    if not (settings.database_url or has_ring(settings)):
        raise ConfigurationError(
            "There is no hub",
            where=str(settings.home),
            why="nobody made one there",
            fix="Run hub init to make it, or correct HUB_HOME",
        )
    with leaving_no_server(settings):
        yield settings


@contextmanager
def leaving_no_server(settings: Settings) -> Iterator[None]:
    """At the end of the block, stop the embedded PostgreSQL unless Airflow or another process uses it."""
    try:
        yield
    finally:
        if not airflow.running(settings):
            postgres.stop_if_last(settings.home)


def sign_log(settings: Settings) -> None:
    """Sign the log as it stands, so that the act just done is under a checkpoint."""
    with transaction(settings) as connection:
        checkpoint(connection, log_signer(settings, open_ring(settings, Service.ENGINEER)))
