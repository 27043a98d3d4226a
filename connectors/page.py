"""What every connector offers: the pages of one delivery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hub.periods import Quarter

DONE = "done"


@dataclass(frozen=True)
class Receipt:
    """What the partner says that a delivery holds; None: it does not say. Sums by the source's name of the column.

    ``standing``: how many rows there are once the delivery is read after what it continues (``connectors.continuing``).
    """

    rows: int | None = None
    sha256: str | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    standing: int | None = None


@dataclass(frozen=True)
class Page:
    """One part of a delivery, as the partner sent it.

    ``body`` holds rows in the feed's format. ``cursor`` is where to go on after this page; it is
    opaque, holds no personal value and no source reference. ``name`` tells a person which part it is.
    ``more``: the document goes on with the next page; the bodies of its pages, joined, are one document. ``receipt``
    comes with the last page; what it says of bytes the connector has checked, what it says of rows is checked later.
    ``watermark`` comes with the last page of a source that tells of changes (``connectors.continuing``).
    """

    body: bytes = field(repr=False)
    cursor: str = field(repr=False)
    name: str
    more: bool = False
    receipt: Receipt | None = None
    watermark: str | None = field(default=None, repr=False)


class Connector(Protocol):
    """Fetches a feed's deliveries. It yields pages and stores nothing."""

    def pages(self, quarter: Quarter, cursor: str | None = None) -> Iterator[Page]:
        """The pages of a quarter that come after ``cursor``, or all of them; raises ConnectorError.

        Without a cursor there is at least one page, or NotReady. A cursor taken from the last page yields nothing.
        """
        ...

    def confirm(self, quarter: Quarter) -> None:
        """Tell the partner that all that ``pages`` yielded is safely kept; most need no telling."""
        ...
