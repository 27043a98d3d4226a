"""What a document is expected to be: whose rows, how written, how large at the most."""

from dataclasses import dataclass
from typing import Literal

from hub.feeds import Form
from schemas.contract import Contract
from schemas.errors import FormatError
from schemas.formats.bounds import BOUNDS, Bounds

SEND_AGAIN = "Ask the provider to send it again"
Drift = Literal["refuse", "report"]
CSV_UTF8 = Form()


@dataclass(frozen=True)
class Expected:
    """The contract of a document's rows, the form agreed for it, and its bounds.

    ``drift``: whether a new column, or an older name of one, refuses the document. ``marker``: a column beside the
    contract's, which is passed on as it is where it comes (it says that a row is deleted).
    """

    contract: Contract
    form: Form = CSV_UTF8
    bounds: Bounds = BOUNDS
    drift: Drift = "refuse"
    marker: str | None = None

    def refusal(self, what: str, why: str, fix: str = SEND_AGAIN) -> FormatError:
        """The refusal of a document of this feed; ``why`` holds no value of it."""
        return FormatError(what, where=f"feed {self.contract.feed}", why=why, fix=fix)
