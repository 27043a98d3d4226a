"""What can go wrong with the partners' servers.

HubError
└── ServersError
    ├── AlreadyServing   another process serves this folder
    ├── UnknownServer    a server is asked for that there is not
    └── NoSandbox        the MESH sandbox cannot be installed or started
"""

from hub.errors import HubError


class ServersError(HubError):
    """The partners' servers cannot be started."""


class AlreadyServing(ServersError):
    """Another process serves this folder."""


class NoSandbox(ServersError):
    """The MESH sandbox cannot be installed or started."""


class UnknownServer(ServersError):
    """A server is asked for that there is not."""
