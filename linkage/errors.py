"""Errors of linkage.

HubError
├── LinkageConfigurationError    config/linkage.yaml asks for what linkage does not know
├── LinkageRefused               the records or the register are not in a state that can be linked
└── LabelledRefused              a labelled file, or its map, cannot be evaluated
"""

from hub.errors import ConfigurationError, HubError


class LinkageConfigurationError(ConfigurationError):
    """A rule of ``config/linkage.yaml`` cannot be read."""


class LinkageRefused(HubError):
    """There is nothing to link, or what is there contradicts itself."""


class LabelledRefused(HubError):
    """A labelled file, or its map, cannot be evaluated."""
