"""What the agreement refuses.

HubError
├── AgreementRefusal   an act that the information sharing agreement, or the law behind it, does not permit
├── SigningRefused     a signature that would not count
├── VersionUnknown     no such text was ever in force here
├── ArchiveDamaged     a text that was in force is not what was kept
└── LogNotVerified     the log is not as the agreement wants it: something in it is wrong, or too few vouch for it
"""

from hub.errors import HubError


class AgreementRefusal(HubError):
    """The agreement does not permit the act. ``why`` begins with the clause and a colon."""

    @property
    def clause(self) -> str:
        """The clause alone, as the log keeps it."""
        return self.why.partition(": ")[0]


class SigningRefused(HubError):
    """What is to be signed, or the key to sign it with, is not as it must be."""


class VersionUnknown(HubError):
    """No text, or more than one, that was in force here has such a hash."""


class ArchiveDamaged(HubError):
    """What the archive holds under a hash is not the text of that hash."""


class LogNotVerified(HubError):
    """The log is not as the agreement wants it."""
