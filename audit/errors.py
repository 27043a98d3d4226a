"""What the log refuses.

HubError
└── AuditError
    ├── EntryRefused       an entry does not have the form that the log keeps
    ├── CheckpointRefused  a checkpoint cannot be read or is not signed by a known key
    └── LogDamaged         the log's head does not fit what is stored, so nothing may be added
"""

from hub.errors import HubError


class AuditError(HubError):
    """The log cannot do what it was asked."""


class EntryRefused(AuditError):
    """An entry is not in the form that the log keeps, or could hold a personal value."""


class CheckpointRefused(AuditError):
    """A checkpoint is not a signed note of this log."""


class LogDamaged(AuditError):
    """What is stored contradicts itself; adding to it would hide that."""
