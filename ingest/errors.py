"""Errors of a delivery's journey.

HubError
└── DeliveryRefused    a delivery was refused whole; the reason is in the log and goes back to the provider
"""

from hub.errors import HubError


class DeliveryRefused(HubError):
    """A whole delivery is refused: nothing of it was kept, all of it lies sealed in landing."""
