"""What assessments refuse."""

from hub.errors import HubError


class AssessmentRefused(HubError):
    """What was asked for cannot be told from the release, or may not be."""
