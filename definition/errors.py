"""Errors of the definition of serious violence.

HubError
└── DefinitionRefused    config/definition.yaml leaves a code open, or places it twice
"""

from hub.errors import ConfigurationError


class DefinitionRefused(ConfigurationError):
    """The definition does not say of every offence code what it is."""
