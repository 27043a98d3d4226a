"""What the documents refuse.

HubError
└── FolderRefused   a folder holds a file that these documents did not make
"""

from hub.errors import HubError


class FolderRefused(HubError):
    """A document would be written over, or in the place of, something that is not one of ours."""
