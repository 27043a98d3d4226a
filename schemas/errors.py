"""Errors of contracts.

HubError
└── SchemaError
    ├── FormatError      a page's bytes are not the file format that the feed promises
    ├── ContractError    a delivery's columns are not those of its contract
    ├── WrongPeriod      a delivery's rows are those of another quarter
    └── UnknownFeed      no contract bears the feed's name
"""

from hub.errors import HubError


class SchemaError(HubError):
    """A delivery cannot be read by its contract; no row of it was taken."""


class FormatError(SchemaError):
    """The bytes of a page cannot be read as the format that the feed promises."""


class ContractError(SchemaError):
    """Columns are undeclared or missing, or the rows cannot be found: the whole delivery stops (fail closed)."""


class WrongPeriod(SchemaError):
    """Most rows lie in another quarter than the one that the delivery is said to be of: the whole is refused."""


class UnknownFeed(SchemaError):
    """There is no contract for a feed of this name."""
