"""The errors of re-keying.

HubError
└── RotationError
    ├── RotationRefused   stored tokens are not re-keyed: not asked for, or not stored as the hub knows them
    └── WordRefused       an officer's word on a rotation does not count
"""

from hub.errors import HubError


class RotationError(HubError):
    """Something about the re-keying of stored tokens was refused."""


class RotationRefused(RotationError):
    """Stored tokens are not re-keyed as things stand."""


class WordRefused(RotationError):
    """An officer's word on a rotation does not count; ``why`` begins with the number of the broken rule."""
