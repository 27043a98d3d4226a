"""Errors of factors and interventions.

HubError
└── FactorsRefused    config/factors.yaml rests on what no feed has
"""

from hub.errors import ConfigurationError


class FactorsRefused(ConfigurationError):
    """A rule names a feed, a part, a column or a value that there is not."""
