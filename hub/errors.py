"""The root of every error that the hub raises on purpose.

HubError
├── ConfigurationError    a file or a setting that an operator edits is wrong
│   └── EngineMissing     what the settings have work done by is not installed
├── DatabaseError         the database cannot be reached (transient)
└── (each package's own errors.py goes on from here)
"""

from datetime import datetime
from typing import ClassVar


class HubError(Exception):
    """One clear sentence for a person: what went wrong, where, why, and what to do.

    The four parts never hold a personal value: no field of a row, no token, no key.
    ``transient`` says whether the same act may succeed if it is tried again unchanged;
    Airflow's retry policy is made from it. ``again_at`` says from when on, where that is known: then a task is parked
    until that instant without a worker, and no try is counted.
    """

    transient: ClassVar[bool] = False

    def __init__(self, what: str, *, where: str, why: str, fix: str, again_at: datetime | None = None) -> None:
        self.what, self.where, self.why, self.fix, self.again_at = what, where, why, fix, again_at
        super().__init__(f"{what} in {where}: {why}. {fix}.")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by parts, because a task may hand its error to another process."""
        return (_rebuild, (type(self), self.what, self.where, self.why, self.fix, self.again_at))


def _rebuild(kind: type[HubError], what: str, where: str, why: str, fix: str, again_at: datetime | None) -> HubError:
    return kind(what, where=where, why=why, fix=fix, again_at=again_at)


class ConfigurationError(HubError):
    """A setting or a file under ``config/`` cannot be used as it stands."""


class EngineMissing(ConfigurationError):
    """Spark is asked for and not installed."""


class DatabaseError(HubError):
    """The hub's database cannot be reached. It may be back soon."""

    transient: ClassVar[bool] = True
