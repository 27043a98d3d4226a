"""Who uses keys, and for what: the two words that a grant joins to a key."""

from enum import StrEnum


class Service(StrEnum):
    """The parts of the hub that ask for keys. A ring is opened for one of them."""

    INGEST = "ingest"  # collects, checks, tokenises and keeps deliveries
    LINK = "link"  # finds persons from tokens
    PUBLISH = "publish"  # builds and publishes releases
    WITNESS = "witness"  # has the log signed, witnessed and verified
    RETENTION = "retention"  # destroys what is due
    SUBJECTS = "subjects"  # finds, exports and erases a person at an officer's order
    ROTATION = "rotation"  # re-keys stored tokens
    REIDENTIFY = "reidentify"  # opens sealed references, for their own authority alone
    CONSOLE = "console"  # pages and the analysts' interface
    ISSUER = "issuer"  # issues and revokes tokens of the interface, where no other issuer does
    EVALUATION = "evaluation"  # compares the register with a synthetic truth
    ENGINEER = "engineer"  # the data engineer at the terminal
    OFFICER = "officer"  # the reviewer at the terminal
    SOURCE = "source"  # an authority's own side, on its own machine
    CUSTODIAN = "custodian"  # makes, turns, grants and retires keys


class Use(StrEnum):
    """What a key is used for."""

    MAKE = "make"  # a first or a further version of it is made
    DERIVE = "derive"  # tokens, ids and digests are made under it
    STEP = "step"  # of a source key: it is laid on tokens that are there; none can be made of a name by it
    SEAL = "seal"  # it wraps a new data key
    OPEN = "open"  # it unwraps a data key
    SIGN = "sign"  # it signs
    PUBLIC = "public"  # its public half is read
    HAND_OVER = "hand_over"  # it is sealed to an authority's public key
    RETIRE = "retire"  # its material is destroyed


UNTOLD = frozenset({Use.PUBLIC, Use.SIGN, Use.MAKE, Use.RETIRE, Use.HAND_OVER})
"""Uses that need no entry of their own: a public half is no secret, a signed checkpoint tells of its signature itself,
and making, retiring and handing over are acts with entries of theirs."""
