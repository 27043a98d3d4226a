"""Errors of disclosure control.

HubError
└── DisclosureError
    ├── TableRefused       a table is not whole, or cannot be protected as it is asked for
    └── QuestionRefused    what is asked for cannot be counted, or would isolate too few
"""

from hub.errors import HubError


class DisclosureError(HubError):
    """Something is not shown, because it would tell of too few."""


class TableRefused(DisclosureError):
    """A table's cells do not add up, or its protection is not defined."""


class QuestionRefused(DisclosureError):
    """A count is not given: it cannot be made, or it tells of a group smaller than the agreement allows."""
