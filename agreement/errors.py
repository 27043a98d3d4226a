"""What the agreement refuses.

HubError
└── AgreementRefusal   an act that the information sharing agreement, or the law behind it, does not permit
"""

from hub.errors import HubError


class AgreementRefusal(HubError):
    """The agreement does not permit the act. ``why`` begins with the clause and a colon."""

    @property
    def clause(self) -> str:
        """The clause alone, as the log keeps it."""
        return self.why.partition(": ")[0]
