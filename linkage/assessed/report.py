"""What is known of how right a link is: counts and shares, and none that too few persons or pairs stand for."""

from pydantic import BaseModel, ConfigDict

MOVED = 0.05


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(_Frozen):
    """A share, 0 to 1, and where it lies with 95 % certainty, as far as the model is right."""

    value: float
    low: float
    high: float


class Group(_Frozen):
    """Pairs of records of which one or both are of this group. None where too few are."""

    kind: str
    name: str
    records: int | None
    pairs: int | None
    precision: Share | None
    recall: Share | None


class Reviewed(_Frozen):
    """What people said of pairs that were drawn at random (linkage.assessed.sampling)."""

    precision: Share
    recall: Share
    pairs: int
    drawn_in: str


class Drift(_Frozen):
    """A level whose weight moved by a bit or more since the model before."""

    comparison: str
    level: str
    before: float
    now: float


class Missing(_Frozen):
    """The share of a feed's records that have no such token; and at the link before, if that told."""

    feed: str
    field: str
    share: float
    before: float | None = None


class Bar(_Frozen):
    """Pairs by match weight: from so many bits, ``width`` wide; how many were joined, how many not."""

    bits: float
    joined: int
    apart: int


class Report(_Frozen):
    """One link's quality. ``recall`` counts what blocking missed (``reach``); ``within`` only what it brought together.

    ``behind``: the group that is furthest behind the whole, in precision or recall, and by how much.
    ``shift``: how far match weights lie from those of the link before (population stability index); none at first.
    ``reach_before``: what blocking reached then.
    """

    period: str
    model: str
    records: int
    persons: int
    smallest: int
    precision: Share
    recall: Share
    within: Share
    reach: Share
    groups: tuple[Group, ...]
    behind: str
    gap: float
    reviewed: Reviewed | None
    drift: tuple[Drift, ...]
    shift: float | None
    missing: tuple[Missing, ...]
    weights: tuple[Bar, ...]
    reach_before: float | None = None

    @property
    def lacking(self) -> tuple[Missing, ...]:
        """What records of a feed lack by five in a hundred more than at the link before, or less."""
        return tuple(it for it in self.missing if it.before is not None and abs(it.share - it.before) >= MOVED)
