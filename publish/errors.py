"""The errors of publication.

HubError
└── PublishError
    ├── CandidateRefused     the tables of a quarter cannot be made, or do not keep their contract
    ├── OfficerRefused       an appointment or a dismissal does not count
    ├── DecisionRefused      no valid approval stands behind this release
    ├── PublicationRefused   the release is unknown, altered or no longer what was decided on
    ├── OrderRefused         an officer's order on what is kept does not count
    └── ReadingRefused       a published release is not there to be read like this
"""

from hub.errors import HubError


class PublishError(HubError):
    """Something between candidate and publication was refused."""


class CandidateRefused(PublishError):
    """A candidate cannot be built from what the hub holds."""


class OfficerRefused(PublishError):
    """What is said of an officer is not said by a party that may appoint, or cannot be used."""


class DecisionRefused(PublishError):
    """The decision does not permit this release; ``why`` begins with the number of the broken rule."""


class PublicationRefused(PublishError):
    """The release cannot be published as it stands."""


class OrderRefused(PublishError):
    """An order on what is kept is not given by an officer whose appointment counts, or cannot be used."""


class ReadingRefused(PublishError):
    """What was asked for is not published, or not to this recipient, or not for this purpose."""
