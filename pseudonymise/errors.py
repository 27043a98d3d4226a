"""What the pseudonymiser refuses.

HubError
└── PseudonymiseError
    ├── ColumnNotCovered    a column has no treatment, or one that would let an identifier through
    ├── ReferenceMissing    a row lacks the source's own reference, so it could never be told apart or found again
    ├── DigestRefused       what is to be digested is neither text nor bytes
    ├── EncodedFormRefused  rows encoded at source do not have the form of scheme 1
    ├── SealRefused         a sealed reference does not open
    ├── StillIdentifies     what would leave a source still looks like an identifier
    ├── TokensNotMade       the workers that were to make tokens did not
    ├── SealingRefused      what leaves a source cannot be encrypted to the hub, or signed
    └── OptOutsUnreadable   a list of those who opted out cannot be read
"""

from typing import ClassVar

from hub.errors import HubError


class PseudonymiseError(HubError):
    """Rows cannot be pseudonymised as they were given."""


class ColumnNotCovered(PseudonymiseError):
    """A column has no treatment, or one under which an identifier would stay readable."""


class ReferenceMissing(PseudonymiseError):
    """A row lacks the source's own reference."""


class DigestRefused(PseudonymiseError):
    """What is to be digested under a key is neither text nor bytes."""


class EncodedFormRefused(PseudonymiseError):
    """Tokens, encodings or references encoded at source do not have the form of scheme 1."""


class SealRefused(PseudonymiseError):
    """A sealed reference does not open: another key, another feed, or altered bytes."""


class StillIdentifies(PseudonymiseError):
    """A column of what would leave a source still looks like an identifier."""


class OptOutsUnreadable(PseudonymiseError):
    """A list of those who opted out of the use of their data has another form."""


class TokensNotMade(PseudonymiseError):
    """The workers of Spark, which were to make tokens, did not finish or hold other keys."""

    transient: ClassVar[bool] = True


class SealingRefused(PseudonymiseError):
    """A delivery cannot be sealed with the keys that were given."""
