"""Errors of a delivery's journey.

HubError
├── DeliveryRefused    a delivery was refused whole; the reason is in the log and goes back to the provider
├── OutsideWindow      the partner may not be asked at this hour (transient; says from when on)
└── FeedLate           a quarter of a feed is not in, and its time is over
"""

from typing import ClassVar

from hub.errors import HubError


class DeliveryRefused(HubError):
    """A whole delivery is refused: nothing of it was kept, all of it lies sealed in landing."""


class OutsideWindow(HubError):
    """The partner may not be asked at this hour."""

    transient: ClassVar[bool] = True


class FeedLate(HubError):
    """A quarter of a feed should have been delivered by now."""
