"""What can go wrong between the hub and a partner.

HubError
└── ConnectorError
    ├── ConnectionFailed   no answer, or a passing trouble of the server (transient)
    ├── NotReady           the period is not there yet, or not whole yet (transient)
    │   └── NothingNew     the source holds nothing of the period that was not fetched before, or is not yet sent
    ├── Unauthorised       the partner refuses the hub's credentials
    ├── UntrustedServer    the server is not the one whose key is pinned, or its certificate does not hold
    ├── SourceChanged      the partner's data changed under a delivery that was begun (transient)
    ├── NotAsSent          a file's hash is not the one that its receipt gives
    ├── SealingRefused     what is to be sent cannot be encrypted to the hub, or signed
    ├── UntrustedFile      an OpenPGP file is not encrypted to the hub, not signed by its sender, or damaged
    └── WrongAnswer        an answer that the feed's transport does not allow for
        └── QuestionRefused    the partner does not accept the question, or knows what it asks for no more

No message holds a credential, and none quotes a partner's answer, which may hold personal values. For the
same reason each is raised ``from None`` where it stands for a library's error, which may quote either.
"""

from typing import ClassVar

from hub.errors import HubError


class ConnectorError(HubError):
    """A delivery cannot be fetched."""


class ConnectionFailed(ConnectorError):
    """The partner does not answer, or answers that it cannot now."""

    transient: ClassVar[bool] = True


class NotReady(ConnectorError):
    """The partner has nothing for the period yet, or is still writing it."""

    transient: ClassVar[bool] = True


class NothingNew(NotReady):
    """A mailbox, which hands out each message once, has none of the period; or no row was changed since the last."""


class SourceChanged(ConnectorError):
    """What is to come no longer fits what was fetched: the delivery must be begun anew, when the data are at rest."""

    transient: ClassVar[bool] = True


class Unauthorised(ConnectorError):
    """The partner refuses the hub's credentials."""


class UntrustedServer(ConnectorError):
    """The server's host key is not the pinned one, or its certificate does not hold: nothing was sent to it."""


class WrongAnswer(ConnectorError):
    """The partner's answer is not of the agreed form."""


class QuestionRefused(WrongAnswer):
    """The partner's status says that the question is wrong; in the midst of a delivery it may be that it aged."""


class NotAsSent(ConnectorError):
    """A whole file was read, and its SHA-256 is not the one that the partner's receipt gives."""


class UntrustedFile(ConnectorError):
    """An OpenPGP file that cannot be taken for what the agreed sender wrote to the hub. Nothing of it was given on."""


class SealingRefused(ConnectorError):
    """A delivery cannot be sealed with the keys that were given."""
