"""What the key ring refuses.

HubError
└── KeyRingError
    ├── KeyRingMissing   there is no key ring where one is expected
    ├── KeyRingExists    a key ring would be overwritten
    ├── KeyRingExposed   other users of the machine could read the key ring
    ├── KeyRingLocked    the passphrase does not open it, or it was changed by another hand
    ├── KeyNotHeld       the ring has no key of that purpose, name or version
    └── WrapRefused      a wrapped key does not open: another key, another context, or altered bytes
"""

from hub.errors import HubError


class KeyRingError(HubError):
    """The key ring cannot do what it was asked."""


class KeyRingMissing(KeyRingError):
    """There is no key ring where one is expected."""


class KeyRingExists(KeyRingError):
    """A key ring is already there, and to replace it would lose what it opens."""


class KeyRingExposed(KeyRingError):
    """Other users of the machine could read the key ring."""


class KeyRingLocked(KeyRingError):
    """The passphrase does not open the key ring, or its file was changed."""


class KeyNotHeld(KeyRingError):
    """The ring does not hold the key that was asked for."""


class WrapRefused(KeyRingError):
    """A wrapped data key does not open under this ring and context."""
