"""What a key may be used for. A key of one purpose is never used for another."""

from enum import StrEnum


class Purpose(StrEnum):
    """The purposes of scheme 1. ``recipient`` keys have a name too: one key for each recipient."""

    SOURCE = "source"  # stage 1 of tokens: what authorities share
    HUB = "hub"  # stage 2 of tokens: known to the hub alone
    EVENT = "event"  # stage 2 of event and record references
    REFERENCE = "reference"  # seals the source's own reference, for the one road back
    STORAGE = "storage"  # wraps the data key of each delivery
    AUDIT = "audit"  # signs the log's checkpoints
    AGREEMENT = "agreement"  # signs agreements
    ISSUER = "issuer"  # signs the tokens that readers of the interface bring, where the hub issues them itself
    RECIPIENT = "recipient"  # makes the ids that one recipient sees


NAMED = frozenset({Purpose.RECIPIENT})
WHEN_NEEDED = NAMED | {Purpose.ISSUER}
"""Purposes whose keys are made when they are first needed; the others are made with the ring."""
STEPS = frozenset({Purpose.SOURCE, Purpose.HUB})
"""Purposes whose versions are numbered together: by that number they lie on stored tokens, one upon the other."""
