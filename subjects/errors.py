"""The errors of data subjects' rights.

HubError
└── SubjectError
    ├── SubjectUnknown    the register has no such person; the message never holds the id
    └── SubjectHeld       what is asked for a person cannot be done as things stand
"""

from hub.errors import HubError


class SubjectError(HubError):
    """Something about one person was refused."""


class SubjectUnknown(SubjectError):
    """The register has no such person."""


class SubjectHeld(SubjectError):
    """A legal hold, or tokens under another key, stand against it."""
