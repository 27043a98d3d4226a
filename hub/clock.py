"""The one place that asks what time it is, so that nothing else depends on it by accident."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
