"""Errors of the synthetic population.

HubError
└── PopulationError    what was asked for cannot be made
"""

from hub.errors import HubError


class PopulationError(HubError):
    """The number of people, a quarter or a rate is one that the population cannot be made for."""
