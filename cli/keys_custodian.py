"""The rings in the hand of the person at the terminal, whom the log then names."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli.audit.acting import acting
from cli.home import existing_home
from hub.settings import Settings
from keys.home import open_ring
from keys.ring import KeyRing
from keys.services import Service


@contextmanager
def custodian() -> Iterator[tuple[Settings, KeyRing]]:
    """The settings with the person at the terminal as the actor, and the rings in that person's hand."""
    with existing_home() as settings:
        own = settings.model_copy(update={"actor": acting(settings)})
        yield own, open_ring(own, Service.CUSTODIAN)
