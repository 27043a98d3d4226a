"""What the console refuses.

HubError
└── PageUnknown   there is nothing at that address
"""

from hub.errors import HubError


class PageUnknown(HubError):
    """The console has no page at that address."""
