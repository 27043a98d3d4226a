"""What the interface refuses.

HubError
└── ApiRefused           ``status`` is what the answer says in HTTP
    ├── TokenRefused     401: whoever asks has shown no token that counts
    ├── ScopeMissing     403: the token does not stretch to this
    ├── NotOffered       404: there is no such release, table or column for this reader
    ├── Gone             410: the release was withdrawn
    ├── FormUnknown      406: the rows are offered in no form that was asked for
    ├── QueryRefused     422: a condition or a count cannot be what was meant
    └── TooMany          429: the reader asks too often

The agreement's refusals (``AgreementRefusal``) are answered with 403, those of reading (``ReadingRefused``) with 404.
"""

from typing import ClassVar

from hub.errors import HubError


class ApiRefused(HubError):
    """A request is refused; it may be corrected."""

    status: ClassVar[int] = 400


class TokenRefused(ApiRefused):
    """There is no token, or it does not count; ``why`` says which rule it broke, and nothing that it holds."""

    status = 401


class ScopeMissing(ApiRefused):
    """The token was issued for less."""

    status = 403


class NotOffered(ApiRefused):
    """What was asked for is not there, for this reader."""

    status = 404


class FormUnknown(ApiRefused):
    """None of the forms in Accept is offered."""

    status = 406


class Gone(ApiRefused):
    """The release was withdrawn; copies of it are to be destroyed."""

    status = 410


class QueryRefused(ApiRefused):
    """The question is not one that can be answered."""

    status = 422


class TooMany(ApiRefused):
    """The reader has used up its share of requests for now."""

    status = 429
