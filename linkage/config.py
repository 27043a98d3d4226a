"""What ``config/linkage.yaml`` says, parsed once into one frozen object."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.yaml_files import load_yaml
from linkage.clustered.deaths import never_told
from linkage.clustered.once import not_by_person
from linkage.paired.language import columns_of

DIFFERENT = "different"
UNKNOWN = "unknown"


Some = Field(min_length=1)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Frozen):
    """One degree of agreement."""

    when: str
    m: float = Field(gt=0, lt=1, description="share of pairs of one person that are expected here")
    frequency: str | None = Field(default=None, description="token whose rarity adds to the weight")


class Comparison(_Frozen):
    """One thing that two records are compared by; the first level that holds is the pair's."""

    unknown: str
    learned: bool = Field(default=True, description="whether training may change m")
    levels: dict[str, Level]
    different: float = Field(gt=0, lt=1, description="share of pairs of one person where no level holds")

    @property
    def rules(self) -> tuple[str, ...]:
        """That of unknown, then each level's from the top."""
        return (self.unknown, *(level.when for level in self.levels.values()))

    @property
    def columns(self) -> frozenset[str]:
        """Every column that it looks at."""
        return frozenset(column for rule in self.rules for column in columns_of(rule))

    @property
    def names(self) -> tuple[str, ...]:
        """The levels' names by Splink's comparison vector value: 0 is different, the best is last."""
        return (DIFFERENT, *reversed(self.levels))


class Constraint(_Frozen):
    """Pairs whose levels are all among ``when``, none among ``unless``, weigh at most so many bits.

    Either ``bits`` says how many; or the share of people with ``rivals``, of whom they differ only in the
    comparison ``differing``: then it is log2(m of its levels / rivals), with the m that was learned.
    """

    when: dict[str, list[str]]
    unless: dict[str, list[str]] = Field(default_factory=dict)
    bits: float | None = None
    differing: str | None = None
    alone: bool = Field(default=False, description="agreement by any plain categorical column lifts it")
    rivals: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="after")
    def _either(self) -> Self:
        by_rivals = self.rivals is not None and self.differing is not None and bool(self.when.get(self.differing))
        if by_rivals == (self.bits is not None):
            raise ValueError("a constraint states bits, or else rivals and differing with its levels in when")
        return self


class Training(_Frozen):
    """How the model is learned, without labels."""

    blocks: list[str]
    candidate_pairs: int = Field(gt=0, description="at most so many pairs that blocking finds teach m")
    sampled_pairs: int = Field(gt=0, description="random pairs that teach u")
    fewest_records: int = Field(gt=0)
    again_at_growth: float = Field(gt=1)


class Deaths(_Frozen):
    """What tells that a person died, so that no later event is theirs (linkage.clustered.deaths)."""

    grace: int = Field(ge=0, description="days after the event that tells of it in which they may be seen still")
    told_by: dict[str, Annotated[dict[str, Annotated[tuple[str, ...], Some]], Some]] = Field(
        description="by feed the columns of an event, or of a part in it, and the values that tell of it together"
    )


class Clustering(_Frozen):
    """The numbers of clustered.cluster, clustered.pooled and clustered.splitting; those with no description in bits."""

    sure: float
    threshold: float
    floor: float
    ceiling: float
    unseen: float
    considered: float
    largest: int = Field(gt=1, description="records that one person can have")
    plenty: int = Field(
        gt=1, description="records beyond which a person is looked at again (linkage.clustered.plentiful)"
    )
    own: tuple[str, ...] = Field(description="comparisons by which relatives are not alike")
    kin: float = Field(description="the most that all other comparisons say together (linkage.clustered.pooled)")
    one_of: tuple[str, ...] = Field(
        default=(), description="tokens of which a person has one (linkage.clustered.splitting)"
    )
    one_record_per_person: tuple[str, ...] = Field(default=(), description="feeds (linkage.clustered.once)")
    deaths: Deaths | None = Field(default=None, description="without it nobody is known to have died")
    cannot: dict[str, dict[str, tuple[str, ...]]] = Field(
        default_factory=dict,
        description="levels by comparison that contradict each other (linkage.clustered.contradictions)",
    )


class Review(_Frozen):
    """Which pairs a reviewer is asked about (reviewed.review); bits of match weight, and how many at the most."""

    from_: float = Field(alias="from")
    to: float
    most: int = Field(ge=0)

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.from_ >= self.to:
            raise ValueError("the review's from is below its to")
        return self


class Categorical(_Frozen):
    """How a plain categorical column of a labelled file is compared; ``{column}`` stands for its name."""

    comparison: Comparison
    blocking: list[str]


class LinkageConfig(_Frozen):
    """All rules by which records become persons."""

    version: int
    blocking: list[str]
    largest_block: int = Field(gt=1)
    rare_block: int = Field(gt=1)
    smaller_blocks: dict[str, int] = Field(default_factory=dict, description="rules whose blocks may hold fewer")
    comparisons: dict[str, Comparison]
    certain: list[str]
    certain_share: float = Field(gt=0, le=1)
    training: Training
    constraints: dict[str, Constraint]
    clustering: Clustering
    review: Review
    categorical: Categorical

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Refuse a rule that cannot be read, and a level, a comparison or a feed that is not there."""
        for rule in self._rules():
            columns_of(rule)
        if strange := set(self.smaller_blocks) - set(self.blocking):
            raise ValueError(f"smaller_blocks names no rule of blocking: {', '.join(sorted(strange))}")
        if unknown := set(self.clustering.own) - set(self.comparisons):
            raise ValueError(f"clustering: own names no comparison {', '.join(sorted(unknown))}")
        if unheard := not_by_person(self.clustering.one_record_per_person):
            raise ValueError(f"clustering: one_record_per_person names no feed of persons {', '.join(unheard)}")
        if self.clustering.deaths and (never := list(never_told(self.clustering.deaths.told_by))):
            raise ValueError(f"clustering: deaths: told_by names what no feed tells: {', '.join(never)}")
        for name, comparison, levels in self._stated():
            known = self.comparisons[comparison].names if comparison in self.comparisons else ()
            if missing := set(levels) - {*known, UNKNOWN}:
                raise ValueError(f"{name}: {comparison} has no level {', '.join(sorted(missing))}")
        return self

    def _stated(self) -> Iterator[tuple[str, str, Sequence[str]]]:
        """Of constraints and contradictions the name, each comparison, and the levels that they name."""
        for name, it in self.constraints.items():
            yield from ((name, *rule) for rule in (*it.when.items(), *it.unless.items()))
        for name, rule in self.clustering.cannot.items():
            yield from ((name, *it) for it in rule.items())

    def _rules(self) -> list[str]:
        levels = [level.when for comparison in self.comparisons.values() for level in comparison.levels.values()]
        unknowns = [comparison.unknown for comparison in self.comparisons.values()]
        return [*self.blocking, *self.certain, *self.training.blocks, *levels, *unknowns]

    def with_categorical(self, names: Iterable[str]) -> "LinkageConfig":
        """The same rules, and for each of these plain categorical columns those of the template."""
        template = self.categorical.model_dump_json()
        extra = {name: Categorical.model_validate_json(template.replace("{column}", name)) for name in names}
        lifting = {name: list(rules.comparison.levels) for name, rules in extra.items()}
        lifted = {
            name: it.model_copy(update={"unless": it.unless | lifting}) if it.alone else it
            for name, it in self.constraints.items()
        }
        return self.model_copy(
            update={
                "constraints": lifted,
                "comparisons": self.comparisons | {name: rules.comparison for name, rules in extra.items()},
                "blocking": [*self.blocking, *(rule for rules in extra.values() for rule in rules.blocking)],
            }
        )

    @property
    def largest_blocks(self) -> dict[str, int]:
        """By blocking rule, how many records share what they have in common and are compared all the same."""
        return {
            rule: min(self.largest_block, self.smaller_blocks.get(rule, self.largest_block)) for rule in self.blocking
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """Every token and encoding that is looked at, sorted."""
        asked = {column for rule in self._rules() for column in columns_of(rule)}
        return tuple(sorted(asked.union(self.clustering.one_of)))

    @property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """The comparisons, by number, in parts: those that look at a column in common, as of swapped names."""
        parts: list[tuple[frozenset[str], tuple[int, ...]]] = []
        for number, comparison in enumerate(self.comparisons.values()):
            near = [part for part in parts if part[0] & comparison.columns]
            columns = comparison.columns.union(*(part[0] for part in near))
            numbers = (*(it for part in near for it in part[1]), number)
            parts = [*(part for part in parts if part not in near), (columns, numbers)]
        return tuple(numbers for _, numbers in parts)

    @property
    def told_together(self) -> frozenset[tuple[int, int]]:
        """Every two comparisons of one part."""
        return frozenset(pair for part in self.parts for pair in combinations(part, 2))

    @property
    def frequencies(self) -> tuple[str, ...]:
        """The tokens whose rarity counts, sorted."""
        levels = (level for comparison in self.comparisons.values() for level in comparison.levels.values())
        return tuple(sorted({level.frequency for level in levels if level.frequency}))

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON (RFC 8785) of all that persons depend on: all but what is asked about."""
        return hashlib.sha256(rfc8785.dumps(self.model_dump(mode="json", exclude={"review"}))).hexdigest()


def load_linkage(config: Path) -> LinkageConfig:
    """Read ``linkage.yaml`` of a configuration folder; raises ConfigurationError."""
    return load_yaml(config / "linkage.yaml", LinkageConfig)
