"""What the documents are made from, and how each says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agreement.model import Agreement
from documents.words import day
from hub.feeds import Feed
from schemas.contract import Contract


@dataclass(frozen=True)
class Sources:
    """An agreement, the feeds' files and contracts by feed, the day of generation, and the code's commit.

    A feed of the agreement may have no file or no contract yet: a draft is read too.
    """

    agreement: Agreement
    feeds: Mapping[str, Feed]
    contracts: Mapping[str, Contract]
    on: date
    commit: str

    @property
    def stated(self) -> dict[str, str]:
        """From what a document was generated, point by point."""
        return {
            "Agreement": self.agreement.id,
            "Version": self.agreement.version,
            "Hash of its text (SHA-256)": self.agreement.hash,
            "Generated on": day(self.on),
            "Code commit": self.commit,
        }

    @property
    def sentence(self) -> str:
        """The same in one sentence."""
        agreement = self.agreement
        return (
            f"Generated on {day(self.on)} from the agreement {agreement.id}, version {agreement.version}, "
            f"SHA-256 {agreement.hash}, by code commit {self.commit}."
        )

    def feed_title(self, name: str) -> str:
        """What people call a feed: its file's title, or its name where it has no file."""
        return self.feeds[name].title if name in self.feeds else name

    def controller(self, authority: str) -> str:
        """The controller that an authority is; its own name where it is no party."""
        party = self.agreement.party(authority)
        return party.controller if party else authority


def authority_of(feed: str) -> str:
    """The authority that gives a feed: the first part of its name."""
    return feed.partition(".")[0]
