"""Sources that tell of changes: a delivery may hold only what was changed since the one in force."""

from typing import Protocol, runtime_checkable

from connectors.page import Connector


@runtime_checkable
class Continuable(Protocol):
    """A connector whose last page says up to which change the source was read (``Page.watermark``)."""

    def continuing(self, watermark: str) -> Connector | None:
        """A connector that gives only what was changed since; None if the watermark is of no use now.

        Rows that are marked deleted are given too, marked. Were none changed, its pages raise NothingNew; have rows
        gone without a mark, SourceChanged, and only a whole delivery will do.
        """
        ...
