"""Who acts when a person uses the command: the log must name a person, not the service (DPA 2018 s.62(3))."""

import os
import pwd

from audit.unusual import SERVICE
from hub.settings import Settings


def acting(settings: Settings) -> str:
    """The setting ``actor`` if it names a person, else the user whom the operating system knows."""
    return f"user:{_user()}" if settings.actor.startswith(SERVICE) else settings.actor


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run as a number that has no name
        return str(os.getuid())
