"""Errors of a delivery's journey.

HubError
├── DeliveryRefused    a delivery was refused whole; the reason is in the log and goes back to the provider
├── MendingRefused     mended rows do not answer to rows in quarantine; nothing has changed
├── CircuitOpen        the authority did not answer several times in a row (transient; says from when on)
├── OutsideWindow      the partner may not be asked at this hour (transient; says from when on)
├── StepMissing        a step of a delivery in partitions was started before the one that it goes on from
├── StepsDiffer        the steps of a delivery in partitions ran under different code or configuration
└── FeedLate           a quarter of a feed is not in, and its time is over
"""

from typing import ClassVar

from hub.errors import HubError


class DeliveryRefused(HubError):
    """A whole delivery is refused: nothing of it was kept, all of it lies sealed in landing."""


class MendingRefused(HubError):
    """Mended rows do not answer to rows in quarantine. Nothing of them was kept."""


class CircuitOpen(HubError):
    """An authority that did not answer is left alone for a while, so that it does not hold a worker."""

    transient: ClassVar[bool] = True


class OutsideWindow(HubError):
    """The partner may not be asked at this hour."""

    transient: ClassVar[bool] = True


class StepMissing(HubError):
    """What an earlier step of a delivery in partitions leaves is not there. Nothing was decided of the delivery."""


class StepsDiffer(HubError):
    """An earlier step of a delivery in partitions worked by other rules. Nothing was decided of the delivery."""


class FeedLate(HubError):
    """A quarter of a feed should have been delivered by now."""
