"""What the log refuses.

HubError
└── AuditError
    ├── EntryRefused       an entry does not have the form that the log keeps
    ├── CheckpointRefused  a checkpoint cannot be read or is not signed by a known key
    ├── EntryUnknown       the log has no entry of that number
    ├── FilterRefused      entries are asked for by something that the log does not know
    ├── ExportRefused      an export cannot be written where it is asked for
    ├── ProofRefused       a proof is asked for that cannot be: the log is not so long
    ├── WitnessUnreachable a witness does not answer (transient)
    ├── WitnessRefused     a witness does not cosign the log, or what it answers is not its cosignature
    └── LogDamaged         what is stored contradicts itself: nothing may be added, or an entry cannot be read
"""

from typing import ClassVar

from hub.errors import HubError


class AuditError(HubError):
    """The log cannot do what it was asked."""


class EntryRefused(AuditError):
    """An entry is not in the form that the log keeps, or could hold a personal value."""


class CheckpointRefused(AuditError):
    """A checkpoint is not a signed note of this log."""


class EntryUnknown(AuditError):
    """The log has no entry of that number."""


class FilterRefused(AuditError):
    """Entries are asked for by a value that no entry can have."""


class ExportRefused(AuditError):
    """An export is not written: it would write over something, or has nothing to stand on."""


class ProofRefused(AuditError):
    """A proof is asked for about entries that are not in the log."""


class WitnessUnreachable(AuditError):
    """A witness does not answer. It may be back soon."""

    transient: ClassVar[bool] = True


class WitnessRefused(AuditError):
    """A witness does not cosign the log, or what it answers is not its cosignature."""


class LogDamaged(AuditError):
    """What is stored contradicts itself: adding to it would hide that, and reading it would tell what was not said."""
