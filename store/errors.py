"""What the store refuses.

HubError
└── StoreError
    ├── SealBroken          a sealed file or table is cut short, reordered, exchanged or altered, or has another key
    ├── FileMissing         a file that should be in a zone is not there
    ├── DataKeyGone         the data key was destroyed on purpose: its files can never be opened again
    ├── DeliveryMissing     there is no such delivery
    ├── DeliveryInUse       another run is collecting the same delivery (transient)
    ├── ErasureNotProved    a file that should open under no key any more opens under one
    └── StateRefused        a delivery cannot go from its state to the one asked for
"""

from hub.errors import HubError


class StoreError(HubError):
    """The store cannot do what it was asked."""


class SealBroken(StoreError):
    """A sealed file or table does not open as the one that was written."""


class FileMissing(StoreError):
    """A file is not in its zone."""


class DataKeyGone(StoreError):
    """A data key was destroyed, or never was."""


class DeliveryMissing(StoreError):
    """There is no such delivery."""


class DeliveryInUse(StoreError):
    """Another run is at work on the same delivery."""

    transient = True


class ErasureNotProved(StoreError):
    """A file that should be shredded still opens."""


class StateRefused(StoreError):
    """A delivery cannot take this step from where it stands."""
