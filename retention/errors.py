"""The errors of retention.

HubError
└── RetentionError
    └── HoldRefused     a legal hold cannot be laid or released like this
"""

from hub.errors import HubError


class RetentionError(HubError):
    """Something about keeping and erasing was refused."""


class HoldRefused(RetentionError):
    """A hold that names nothing, or lasts too long, or is not there."""
