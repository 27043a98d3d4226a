"""The errors of re-identification. None holds an id, a reference or a name.

HubError
└── ReidentificationError
    ├── RequestRefused      it may not be asked, or what asks for it does not count
    ├── WordRefused         an officer's word on a request does not count
    ├── FulfilmentRefused   a request is not fulfilled
    └── EnvelopeRefused     what an authority was sent does not open, or nobody approved it
"""

from hub.errors import HubError


class ReidentificationError(HubError):
    """Something between the request and its fulfilment was refused."""


class RequestRefused(ReidentificationError):
    """The request does not count; ``why`` begins with the number of the broken rule, where it is one."""


class WordRefused(ReidentificationError):
    """The approval or refusal does not count; ``why`` begins with the number of the broken rule, where it is one."""


class FulfilmentRefused(ReidentificationError):
    """Nothing is opened and nothing is sent."""


class EnvelopeRefused(ReidentificationError):
    """The authority's own reader does not open a file."""
