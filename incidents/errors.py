"""Errors of incidents.

HubError
├── IncidentRulesWrong      config/incidents.yaml asks for what cannot be weighed
└── IncidentTruthRefused    a file of true incidents cannot be compared with
"""

from hub.errors import ConfigurationError, HubError


class IncidentRulesWrong(ConfigurationError):
    """A rule of ``config/incidents.yaml`` cannot be followed."""


class IncidentTruthRefused(HubError):
    """The truth about incidents cannot be read, or tells of none of these events."""
