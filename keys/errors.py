"""What the key ring refuses.

HubError
└── KeyRingError
    ├── KeyRingMissing      there is no key ring where one is expected
    ├── KeyRingExists       a key ring would be overwritten
    ├── KeyRingExposed      other users of the machine could read the key ring
    ├── KeyRingLocked       what was given does not open the key ring, or it was changed by another hand
    ├── KeyRingMixed        a key lies in a ring that must not hold it
    ├── KeyRingUnreachable  the service that holds the key ring does not answer (transient)
    ├── KeyNotHeld          the ring has no key of that purpose, name or version
    ├── KeyRetired          the key was retired: nothing opens under it any more
    ├── KeyInUse            a key still protects something, so it is neither retired nor turned
    ├── KeyNotGranted       no grant lets this service use this key for this
    ├── GrantRefused        a grant cannot be written as asked
    ├── SealedKeyRefused    a sealed copy of a key does not open, or cannot be made
    └── WrapRefused         a wrapped key does not open: another key, another context, or altered bytes
"""

from typing import ClassVar

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
    """What was given does not open the key ring, or the ring was changed."""


class KeyRingMixed(KeyRingError):
    """A key lies in a ring that must not hold it: source keys lie apart from the hub's."""


class KeyRingUnreachable(KeyRingError):
    """The service that holds the key ring does not answer. It may be back soon."""

    transient: ClassVar[bool] = True


class KeyNotHeld(KeyRingError):
    """The ring does not hold the key that was asked for."""


class KeyRetired(KeyRingError):
    """The key was retired, and its material destroyed."""


class KeyInUse(KeyRingError):
    """A key still protects something that would be lost, or would no longer link."""


class KeyNotGranted(KeyRingError):
    """No grant lets this service use this key for this."""


class GrantRefused(KeyRingError):
    """A grant cannot be written as it was asked for."""


class SealedKeyRefused(KeyRingError):
    """A sealed copy of a key does not open, or cannot be made."""


class WrapRefused(KeyRingError):
    """A wrapped data key does not open under this ring and context."""
