"""Two versions, and everything that differs between them."""

from itertools import chain

from agreement.diff import whole
from agreement.diff.change import Change, Effect, other
from agreement.diff.feeds import feeds
from agreement.diff.parties import operator, parties
from agreement.diff.public import public
from agreement.diff.recipients import linkage, recipients
from agreement.model import Agreement

_COMPARISONS = (
    feeds,
    recipients,
    linkage,
    whole.purposes,
    whole.retention,
    whole.thresholds,
    whole.linkage_quality,
    whole.log,
    whole.settled,
    whole.reidentification,
    public,
    parties,
    operator,
    whole.term,
)
_ORDER = tuple(Effect)


def differences(old: Agreement, new: Agreement) -> list[Change]:
    """What ``new`` would change, what widens first. Nothing if and only if both are the same text."""
    found = dict.fromkeys(chain.from_iterable(compare(old, new) for compare in _COMPARISONS))
    if not found and old.hash != new.hash:
        said = "The same is written in another order or at greater length. It moves nothing, but all must sign again."
        found[other("the text", said)] = None
    return sorted(found, key=lambda change: _ORDER.index(change.effect))
